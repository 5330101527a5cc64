import { afterAll, describe, expect, test } from "bun:test";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { JwtAccess, type JwtAccessOptions } from "../../src/access/jwt-access.ts";
import type { Clock } from "../../src/base/time.ts";
import { systemClock } from "../../src/base/time.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { credentialsOfHeader, credentialsOfQuery } from "../../src/stream/credentials.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { nobodyUrl, openBackend } from "./backend.ts";
import { adminRequest, type RequestChanges, sampleRequest } from "./sample-request.ts";

const pairs = await Promise.all(
  ["RS256", "ES256", "EdDSA"].map((alg) => generateKeyPair(alg, { extractable: true })),
);
const [rsa, ec, ed] = pairs;
if (!rsa || !ec || !ed) throw new Error("no keys");
const stranger = await generateKeyPair("RS256");

const jwk = async (key: CryptoKey, kid: string) => ({ ...(await exportJWK(key)), kid });
const known = [await jwk(rsa.publicKey, "rsa"), await jwk(ec.publicKey, "ec"), await jwk(ed.publicKey, "ed")];

/** Serves a set of keys that can be exchanged, and counts how often it is asked. */
const serveKeys = (keys: unknown = { keys: known }) => {
  const state = { keys, fetches: 0, status: 200 };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => {
      state.fetches++;
      return Response.json(state.keys, { status: state.status });
    },
  });
  return {
    state,
    url: `http://127.0.0.1:${server.port}/jwks`,
    [Symbol.dispose]: () => void server.stop(true),
  };
};

const shared = serveKeys();
afterAll(() => shared[Symbol.dispose]());

const open = (changes: Partial<JwtAccessOptions> = {}): JwtAccess =>
  new JwtAccess({
    jwks: shared.url,
    fingerprint: "",
    claimKey: "mediamtx_permissions",
    issuer: "",
    audience: "",
    exclude: [],
    isInHttpQuery: false,
    clock: systemClock,
    ...changes,
  });

interface Made {
  readonly alg?: string;
  readonly kid?: string;
  readonly key?: CryptoKey;
  readonly claim?: unknown;
  readonly others?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  readonly expiresIn?: number;
}

const publishAll = [{ action: "publish", path: "" }];

const sign = ({
  alg = "RS256",
  kid = "rsa",
  key = rsa.privateKey,
  claim = publishAll,
  others = {},
  clock = systemClock,
  expiresIn = 60,
}: Made = {}) => {
  const now = Math.floor(clock.date().getTime() / 1_000);
  return new SignJWT({ sub: "anna", mediamtx_permissions: claim, ...others })
    .setProtectedHeader({ alg, kid })
    .setExpirationTime(now + expiresIn)
    .sign(key);
};

const decide = async (access: JwtAccess, token: string, changes: RequestChanges = {}): Promise<Admission> =>
  access.decide(sampleRequest({ credentials: { token }, ...changes }));

const outcomeOf = (answer: Admission): string =>
  answer.isAllowed ? `allowed ${answer.user}`.trim() : `${answer.reason}: ${answer.message}`;

const unsigned = (payload: unknown): string =>
  `${[{ alg: "none", kid: "rsa" }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")}.`;

describe("a token", () => {
  test.each([
    { alg: "RS256", kid: "rsa", key: rsa.privateKey },
    { alg: "ES256", kid: "ec", key: ec.privateKey },
    { alg: "EdDSA", kid: "ed", key: ed.privateKey },
  ])("signed by $alg lets its subject in", async (made) => {
    expect(outcomeOf(await decide(open(), await sign(made)))).toBe("allowed anna");
  });

  const cases: {
    name: string;
    token: () => Promise<string> | string;
    options?: Partial<JwtAccessOptions>;
    expected: string;
  }[] = [
    { name: "expired", token: () => sign({ expiresIn: -1 }), expected: "denied: the token has expired" },
    {
      name: "not yet valid",
      token: () => sign({ others: { nbf: 4_000_000_000 } }),
      expected: "denied: the token has another beginning than is expected",
    },
    {
      name: "of an unknown key",
      token: () => sign({ kid: "other" }),
      expected: "denied: no known key fits the token",
    },
    {
      name: "of another key by that name",
      token: () => sign({ key: stranger.privateKey }),
      expected: "denied: the token is not valid",
    },
    {
      name: "signed by nobody",
      token: () => unsigned({ sub: "anna", mediamtx_permissions: publishAll }),
      expected: "denied: the token is not valid",
    },
    {
      name: "signed with a public key as if it were a secret",
      token: () =>
        new SignJWT({ mediamtx_permissions: publishAll })
          .setProtectedHeader({ alg: "HS256", kid: "rsa" })
          .sign(Buffer.from(JSON.stringify(known[0]))),
      expected: "denied: the token is not valid",
    },
    { name: "that is none", token: () => "hunter2", expected: "denied: the token is not valid" },
    { name: "of a megabyte", token: () => "x".repeat(2 ** 20), expected: "denied: the token is too long" },
    {
      name: "without permissions",
      token: () => sign({ others: { mediamtx_permissions: undefined } }),
      expected: 'denied: the claim "mediamtx_permissions" of the token is no list of permissions',
    },
    {
      name: "for something else",
      token: () => sign({ claim: [{ action: "read", path: "" }] }),
      expected: "denied: the token does not permit to publish here",
    },
    {
      name: "by JSON in text",
      token: () => sign({ claim: JSON.stringify([{ action: "publish", path: "~^live/" }]) }),
      expected: "allowed anna",
    },
    {
      name: "under another claim",
      token: () => sign({ others: { mediamtx_permissions: undefined, mine: publishAll } }),
      options: { claimKey: "mine" },
      expected: "allowed anna",
    },
    {
      name: "of the issuer",
      token: () => sign({ others: { iss: "us" } }),
      options: { issuer: "us" },
      expected: "allowed anna",
    },
    {
      name: "of another issuer",
      token: () => sign({ others: { iss: "them" } }),
      options: { issuer: "us" },
      expected: "denied: the token has another issuer than is expected",
    },
    {
      name: "of no issuer",
      token: () => sign(),
      options: { issuer: "us" },
      expected: "denied: the token has another issuer than is expected",
    },
    {
      name: "for the audience",
      token: () => sign({ others: { aud: ["x", "us"] } }),
      options: { audience: "us" },
      expected: "allowed anna",
    },
    {
      name: "for another audience",
      token: () => sign({ others: { aud: "them" } }),
      options: { audience: "us" },
      expected: "denied: the token has another audience than is expected",
    },
    { name: "without a subject", token: () => sign({ others: { sub: undefined } }), expected: "allowed" },
  ];
  test.each(cases)("$name: $expected", async ({ token, options = {}, expected }) => {
    expect(outcomeOf(await decide(open(options), await token()))).toBe(expected);
  });

  test.each([
    [[{ action: "publish", path: "", extra: 1 }]],
    [[{ action: "fly", path: "" }]],
    [[{ path: "" }]],
    [[{ action: "publish", path: 1 }]],
    [[{ action: "publish", path: "~(" }]],
    [["publish"]],
    [{ action: "publish" }],
    ["publish"],
    [7],
    [null],
  ])("with the claim %j lets nobody in", async (claim) => {
    const answer = await decide(open(), await sign({ claim }));
    expect(answer).toMatchObject({ isAllowed: false, reason: "denied" });
  });

  test("may be shown as password, which counts more than the query", async () => {
    const token = await sign();
    const access = open();
    const outcomes = [
      await access.decide(sampleRequest({ credentials: { user: "x", password: token } })),
      await access.decide(sampleRequest({ credentials: { password: "hunter2", token } })),
      await access.decide(sampleRequest({ credentials: credentialsOfQuery(`pass=${token}&token=x&jwt=y`) })),
      await access.decide(sampleRequest({ credentials: credentialsOfQuery(`jwt=y&token=${token}`) })),
      await access.decide(sampleRequest({ credentials: credentialsOfQuery(`jwt=${token}`) })),
      await access.decide(sampleRequest()),
      await access.decide(sampleRequest({ credentials: { user: "anna" } })),
    ].map((answer) => (answer.isAllowed ? "allowed" : answer.reason));
    expect(outcomes).toEqual(["allowed", "denied", "allowed", "allowed", "allowed", "missing", "missing"]);
  });

  test("in the query of an HTTP request counts where the configuration says so, after all else", async () => {
    const token = await sign({ claim: [{ action: "api" }] });
    const ask = async (isInHttpQuery: boolean, changes: RequestChanges): Promise<string> => {
      const answer = await open({ isInHttpQuery }).decide(adminRequest(changes));
      return answer.isAllowed ? "allowed" : answer.reason;
    };
    const query = `jwt=${token}`;
    expect([
      await ask(false, { query }),
      await ask(true, { query }),
      await ask(true, { query: `token=${token}&jwt=x` }),
      await ask(true, { query: `token=x&${query}` }),
      await ask(true, { query: "page=1" }),
      await ask(true, { query, credentials: credentialsOfHeader("Bearer x") }),
      await ask(true, { query: "token=x", credentials: credentialsOfHeader(`Bearer ${token}`) }),
      await ask(true, { query, credentials: { user: "anna", password: "x" } }),
      await ask(true, { query, protocol: "rtmp" }),
    ]).toEqual([
      ...["missing", "allowed", "allowed", "denied", "missing"],
      ...["denied", "allowed", "denied", "missing"],
    ]);
  });

  test("is not needed for what is excluded", () => {
    const access = open({ exclude: [{ action: "metrics", path: "" }], jwks: "http://127.0.0.1:1/" });
    expect(access.decide(adminRequest({ action: "metrics" }))).toMatchObject({ isAllowed: true });
  });
});

describe("the set of keys", () => {
  test("is fetched once by a crowd, and holds for an hour or until it is refreshed", async () => {
    using served = serveKeys();
    const clock = new FakeClock();
    const access = open({ jwks: served.url, clock });
    const ask = async (): Promise<boolean> =>
      (await decide(access, await sign({ clock, expiresIn: 86_400 }))).isAllowed;
    expect(await Promise.all(Array.from({ length: 50 }, ask))).toEqual(new Array(50).fill(true));
    clock.advance(3_599_999);
    await ask();
    expect(served.state.fetches).toBe(1);
    clock.advance(1);
    await ask();
    expect(served.state.fetches).toBe(2);
    access.refresh();
    await ask();
    expect(served.state.fetches).toBe(3);
  });

  test("is fetched again for an unknown key, at most once a minute", async () => {
    using served = serveKeys({ keys: [] });
    const clock = new FakeClock();
    const access = open({ jwks: served.url, clock });
    const ask = async (): Promise<boolean> =>
      (await decide(access, await sign({ clock, expiresIn: 86_400 }))).isAllowed;
    expect([await ask(), await ask(), served.state.fetches]).toEqual([false, false, 1]);
    served.state.keys = { keys: known };
    clock.advance(59_999);
    expect([await ask(), served.state.fetches]).toEqual([false, 1]);
    clock.advance(1);
    expect([await ask(), await ask(), served.state.fetches]).toEqual([true, true, 2]);
  });

  test("stays for its hour where it cannot be fetched again for an unknown key", async () => {
    using served = serveKeys();
    const clock = new FakeClock();
    const access = open({ jwks: served.url, clock });
    const ask = async (kid: string): Promise<string> =>
      outcomeOf(await decide(access, await sign({ clock, kid, expiresIn: 86_400 })));
    expect(await ask("rsa")).toBe("allowed anna");
    served.state.status = 503;
    clock.advance(60_000);
    const down = "unavailable: the keys of tokens: answered with status 503, expected 200";
    expect([await ask("other"), await ask("rsa"), served.state.fetches]).toEqual([down, "allowed anna", 2]);
    clock.advance(3_539_999);
    expect([await ask("other"), await ask("rsa")]).toEqual([down, "allowed anna"]);
    clock.advance(1);
    expect(await ask("rsa")).toBe(down);
    served.state.status = 200;
    clock.advance(1_000);
    expect([await ask("other"), await ask("rsa")]).toEqual([
      "denied: no known key fits the token",
      "allowed anna",
    ]);
  });

  test("is not kept from being fetched, once refreshed, by a fetch that failed", async () => {
    using served = serveKeys();
    served.state.status = 503;
    const clock = new FakeClock();
    const access = open({ jwks: served.url, clock });
    const ask = async (): Promise<boolean> => (await decide(access, await sign({ clock }))).isAllowed;
    expect(await ask()).toBe(false);
    served.state.status = 200;
    expect(await ask()).toBe(false);
    access.refresh();
    expect(await ask()).toBe(true);
  });

  test("that cannot be had is not asked for more than once a second", async () => {
    using served = serveKeys();
    served.state.status = 503;
    const clock = new FakeClock();
    const access = open({ jwks: served.url, clock });
    const ask = async (): Promise<string> => outcomeOf(await decide(access, await sign({ clock })));
    const down = "unavailable: the keys of tokens: answered with status 503, expected 200";
    expect([await ask(), await ask(), served.state.fetches]).toEqual([down, down, 1]);
    served.state.status = 200;
    clock.advance(1_000);
    expect([await ask(), served.state.fetches]).toEqual(["allowed anna", 2]);
  });

  test.each([
    { name: "no set", keys: { hello: 1 } as unknown },
    { name: "no object", keys: "hello" as unknown },
    { name: "too long", keys: { keys: known, filling: "x".repeat(131_072) } as unknown },
  ])("that is $name lets nobody in", async ({ keys }) => {
    using served = serveKeys(keys);
    expect(await decide(open({ jwks: served.url }), await sign())).toMatchObject({ reason: "unavailable" });
  });

  test("of a server that is not there, or says nothing, lets nobody in, within 3 s", async () => {
    using silent = await openBackend(() => undefined);
    const token = await sign();
    const start = performance.now();
    const answers = await Promise.all(
      [await nobodyUrl(), silent.url].map((jwks) => decide(open({ jwks }), token)),
    );
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(answers).toMatchObject([{ reason: "unavailable" }, { reason: "unavailable" }]);
    expect(JSON.stringify(answers)).not.toContain(token);
    expect(JSON.stringify(answers)).not.toContain("backend-key");
  });
});
