import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/time.ts";
import { EgressError } from "../../../src/hooks/webhook/egress.ts";
import { OAuth2Bearer, TokenCache } from "../../../src/hooks/webhook/oauth2-bearer.ts";
import { type Token, TokenError } from "../../../src/hooks/webhook/oauth2-token.ts";
import { Transport } from "../../../src/hooks/webhook/transport.ts";
import type { AuthSettings, EgressPolicy } from "../../../src/hooks/webhook/webhook-settings.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { TokenServer } from "./token-server.ts";

type Settings = Extract<AuthSettings, { type: "oauth2" }>;

let server: TokenServer;
let clock: FakeClock;
let tokens: TokenCache;
beforeEach(() => {
  server = new TokenServer();
  clock = new FakeClock();
  tokens = new TokenCache(clock);
});
afterEach(() => server[Symbol.dispose]());

const bearer = (changes: Partial<Settings> = {}, egress: EgressPolicy = "default"): OAuth2Bearer =>
  new OAuth2Bearer(
    {
      type: "oauth2",
      clientId: "id",
      clientSecret: "s3cret",
      tokenUrl: server.url,
      scopes: [],
      audience: undefined,
      ...changes,
    },
    {
      clock,
      tokens,
      transport: new Transport({
        egress,
        tlsPolicy: "public",
        tls: {},
        proxy: undefined,
        clock: systemClock,
      }),
    },
  );

const idle = new AbortController().signal;

const ask = async (of: OAuth2Bearer): Promise<string> => {
  const [header] = await of.headersFor({ id: "evt_1", body: Buffer.from("{}") }, idle);
  expect(header?.[0]).toBe("Authorization");
  return header![1];
};

describe("a token of OAuth 2", () => {
  test("is fetched with client credentials", async () => {
    const client = {
      clientId: "a b:c",
      clientSecret: "é+/",
      scopes: ["hooks", "read"],
      audience: "receiver",
    };
    expect(await ask(bearer(client))).toBe("Bearer token-1");
    expect(server.asked).toEqual([
      {
        authorization: `Basic ${Buffer.from("a+b%3Ac:%C3%A9%2B%2F").toString("base64")}`,
        form: { grant_type: "client_credentials", scope: "hooks read", audience: "receiver" },
      },
    ]);
  });

  test("is fetched with the secret in the body where the header is refused", async () => {
    server.answer = () =>
      server.asked.at(-1)?.authorization
        ? Response.json({ error: "invalid_client" }, { status: 401 })
        : undefined;
    expect(await ask(bearer())).toBe("Bearer token-2");
    expect(server.asked[1]).toEqual({
      authorization: null,
      form: { grant_type: "client_credentials", client_id: "id", client_secret: "s3cret" },
    });
  });

  test("is fetched once for all who ask at the same time, and shared by hooks of one client", async () => {
    const [one, other] = [bearer({ scopes: ["a", "b"] }), bearer({ scopes: ["b", "a"] })];
    const asked = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(index % 2 ? one : other)));
    expect([...new Set(asked)]).toEqual(["Bearer token-1"]);
    expect(server.asked).toHaveLength(1);
  });

  const others: Partial<Settings>[] = [
    { clientId: "other" },
    { clientSecret: "other" },
    { scopes: ["other"] },
    { audience: "other" },
  ];
  for (const other of others) {
    test(`is not shared with ${JSON.stringify(other)}`, async () => {
      expect([await ask(bearer()), await ask(bearer(other))]).toEqual(["Bearer token-1", "Bearer token-2"]);
    });
  }

  for (const expiresIn of [undefined, null, 0, -1, "soon"]) {
    test(`is good for 300 s where expires_in is ${expiresIn}`, async () => {
      server.expiresIn = expiresIn;
      const hook = bearer();
      await ask(hook);
      clock.advance(239_999);
      await ask(hook);
      expect(server.asked).toHaveLength(1);
      clock.advance(60_001);
      expect(await ask(hook)).toBe("Bearer token-2");
    });
  }

  test("that was refused is fetched anew, once for all who hear of it", async () => {
    const hook = bearer();
    const request = { id: "evt_1", body: Buffer.from("{}") };
    const first = await hook.headersFor(request, idle);
    hook.refused(first);
    expect(await ask(hook)).toBe("Bearer token-2");
    hook.refused(first);
    expect(await ask(hook)).toBe("Bearer token-2");
  });

  const failures: { name: string; answer: () => Response; message: string }[] = [
    {
      name: "a refusal",
      answer: () => Response.json({ error: "invalid_client" }, { status: 401 }),
      message: "token refused with status 401, invalid_client",
    },
    {
      name: "a refusal that repeats the secret",
      answer: () => Response.json({ error: "s3cret" }, { status: 403 }),
      message: "token refused with status 403",
    },
    {
      name: "a redirect",
      answer: () => new Response(null, { status: 302, headers: { Location: server.url } }),
      message: "token refused with status 302",
    },
    {
      name: "what is no JSON",
      answer: () => new Response("<html>"),
      message: "answer has no access_token that can be sent",
    },
    {
      name: "a token that would break its line",
      answer: () => Response.json({ access_token: "a\r\nb" }),
      message: "answer has no access_token that can be sent",
    },
    {
      name: "a token of another type",
      answer: () => Response.json({ access_token: "a", token_type: "mac" }),
      message: "token is of another type, expected bearer",
    },
  ];
  for (const { name, answer, message } of failures) {
    test(`does not come of ${name}`, async () => {
      server.answer = answer;
      await expect(ask(bearer())).rejects.toThrow(new TokenError(message));
    });
  }

  test("is fetched again after a failure", async () => {
    server.answer = () => new Response(null, { status: 500 });
    const hook = bearer();
    await expect(ask(hook)).rejects.toThrow(TokenError);
    server.answer = () => undefined;
    expect(await ask(hook)).toBe("Bearer token-2");
  });

  test("is given up after 10 s, and not waited for by one who was aborted while others wait", async () => {
    server.answer = () => new Promise(() => undefined);
    const hook = bearer();
    const abort = new AbortController();
    const waiting = ask(hook);
    const impatient = hook.headersFor({ id: "evt_1", body: Buffer.from("{}") }, abort.signal);
    abort.abort();
    await expect(impatient).rejects.toThrow("aborted");
    while (server.asked.length === 0) await Bun.sleep(1);
    clock.advance(10_000);
    await expect(waiting).rejects.toThrow(new TokenError("token was not fetched in time"));
    expect(server.asked).toHaveLength(1);
  });

  test("is not fetched from where the policy forbids", async () => {
    await expect(ask(bearer({}, "public-only"))).rejects.toBeInstanceOf(EgressError);
    await expect(ask(bearer({ tokenUrl: "https://169.254.169.254/token" }))).rejects.toBeInstanceOf(
      EgressError,
    );
    expect(server.asked).toEqual([]);
  });
});

describe("a cache of tokens", () => {
  /** Answers when the test says so. */
  const fetches: PromiseWithResolvers<Token>[] = [];
  beforeEach(() => fetches.splice(0));
  const get = (key = "client"): Promise<string> =>
    tokens.get(key, () => {
      const fetch = Promise.withResolvers<Token>();
      fetches.push(fetch);
      return fetch.promise;
    });
  const give = async (value: string, lifetimeMs = 100_000): Promise<void> => {
    fetches.at(-1)!.resolve({ value, lifetimeMs });
    await Bun.sleep(0);
  };
  const refuse = async (): Promise<void> => {
    fetches.at(-1)!.reject(new TokenError("no"));
    await Bun.sleep(0);
  };

  test("renews a token at 80 % of its life, while the old one is in use", async () => {
    const first = get();
    await give("one");
    expect(await first).toBe("one");
    clock.advance(79_999);
    expect([await get(), fetches.length]).toEqual(["one", 1]);
    clock.advance(1);
    expect([await get(), await get(), fetches.length]).toEqual(["one", "one", 2]);
    await give("two");
    expect([await get(), fetches.length]).toEqual(["two", 2]);
  });

  test("counts the life of a token from when it was asked for", async () => {
    const first = get();
    clock.advance(60_000);
    await give("one");
    await first;
    clock.advance(20_000);
    expect([await get(), fetches.length]).toEqual(["one", 2]);
  });

  test("uses a token to its end where it cannot be renewed, with a pause between the tries, and not beyond", async () => {
    const first = get();
    await give("one");
    await first;
    clock.advance(80_000);
    await get();
    await refuse();
    clock.advance(4_999);
    expect([await get(), fetches.length]).toEqual(["one", 2]);
    clock.advance(1);
    expect([await get(), fetches.length]).toEqual(["one", 3]);
    await refuse();
    clock.advance(15_000);
    const late = Promise.allSettled([get(), get()]);
    expect(fetches.length).toBe(4);
    expect(tokens.fetches).toEqual({ done: 1, failed: 2 });
    await refuse();
    const refused = { status: "rejected", reason: new TokenError("no") } as const;
    expect(await late).toEqual([refused, refused]);
  });
});
