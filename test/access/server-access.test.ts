import { describe, expect, test } from "bun:test";
import { type AccessConfig, ServerAccess } from "../../src/access/server-access.ts";
import type { TokenSource } from "../../src/access/token-access.ts";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import type { InternalUser } from "../../src/config/server/auth-settings.ts";
import { globalSettings } from "../../src/config/server/global-section.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { openBackend, response } from "./backend.ts";
import { adminRequest, sampleRequest } from "./sample-request.ts";

const defaults = Object.fromEntries(
  Object.entries(globalSettings).map(([key, { fallback }]) => [key, fallback]),
) as unknown as AccessConfig;

const anna: InternalUser = {
  user: "anna",
  pass: "secret",
  ips: [],
  permissions: [{ action: "publish", path: "" }],
};

const open = (changes: Partial<AccessConfig> = {}, tokens?: TokenSource): ServerAccess =>
  new ServerAccess({ config: { ...defaults, ...changes }, tokens, clock: systemClock, log: silentLogger });

const outcomeOf = (answer: Admission): string => (answer.isAllowed ? "allowed" : answer.reason);

const right = sampleRequest({ credentials: { user: "anna", password: "secret" } });

describe("the access of a server", () => {
  test("is what its configuration says", async () => {
    using backend = await openBackend((socket) => void socket.end(response(200, "0")));
    const outcomes = await Promise.all([
      open().decide(sampleRequest()),
      open({ authInternalUsers: [anna] }).decide(right),
      open({ authMethod: "http", authHTTPAddress: backend.url, authHTTPForm: "srs" }).decide(sampleRequest()),
      open({ authMethod: "jwt", authJWTJWKS: backend.url }).decide(sampleRequest()),
    ]);
    expect(outcomes.map(outcomeOf)).toEqual(["allowed", "allowed", "allowed", "missing"]);
    expect(backend.requests[0]).toContain("on_publish");
  });

  test("goes by another configuration at once, and keeps the old one where the new one is of no use", async () => {
    const access = open();
    access.use({ ...defaults, authInternalUsers: [anna] });
    expect(outcomeOf(await access.decide(sampleRequest()))).toBe("missing");
    expect(() => access.use({ ...defaults, authMethod: "http", authHTTPAddress: "nonsense" })).toThrow();
    expect(outcomeOf(await access.decide(right))).toBe("allowed");
  });

  test("forgets no answers for a change elsewhere", async () => {
    using backend = await openBackend((socket) => void socket.end(response(200)));
    const config: AccessConfig = { ...defaults, authMethod: "http", authHTTPAddress: backend.url };
    const access = open(config);
    const read = sampleRequest({ action: "read" });
    await access.decide(read);
    access.use({ ...structuredClone(config), rtmpAddress: ":1999" } as AccessConfig);
    await access.decide(read);
    expect(backend.requests.length).toBe(1);
    access.use({ ...config, authHTTPForm: "nginx-rtmp" });
    await access.decide(read);
    expect(backend.requests.length).toBe(2);
  });

  test("gives nobody an answer that was asked for by an older configuration", async () => {
    const arrived = Promise.withResolvers<() => void>();
    using backend = await openBackend((socket) => arrived.resolve(() => void socket.end(response(200))));
    using other = await openBackend((socket) => void socket.end(response(403)));
    const access = open({ authMethod: "http", authHTTPAddress: backend.url });
    const before = access.decide(right);
    const answer = await arrived.promise;
    access.use({ ...defaults, authMethod: "http", authHTTPAddress: other.url });
    const after = access.decide(right);
    answer();
    expect([outcomeOf(await before), outcomeOf(await after)]).toEqual(["allowed", "denied"]);
  });

  test("takes tokens from the query of pages only where its configuration says so", async () => {
    const asked = adminRequest({ query: "token=hunter2" });
    const jwt = { authMethod: "jwt", authJWTJWKS: "http://127.0.0.1:1/" } as const;
    const access = open(jwt);
    expect(outcomeOf(await access.decide(asked))).toBe("missing");
    access.use({ ...defaults, ...jwt, authJWTInHTTPQuery: true });
    expect(outcomeOf(await access.decide(asked))).toBe("denied");
  });

  test("may be a matter of tokens for streams, and of the configuration for the rest", async () => {
    const access = open({}, { mode: "token", tokens: new Map([["live/cam1", "one"]]) });
    const outcomes = [
      sampleRequest(),
      sampleRequest({ query: "token=one" }),
      adminRequest(),
      adminRequest({ ip: "127.0.0.1" }),
    ].map(async (request) => outcomeOf(await access.decide(request)));
    expect(await Promise.all(outcomes)).toEqual(["missing", "allowed", "missing", "allowed"]);
    access.use({ ...defaults, authInternalUsers: [] });
    expect(outcomeOf(await access.decide(adminRequest({ ip: "127.0.0.1" })))).toBe("missing");
  });

  test("remembers those who guess, over a change of configuration", async () => {
    const access = open({ authInternalUsers: [anna] });
    const wrong = sampleRequest({ credentials: { user: "anna", password: "wrong" } });
    for (let guess = 0; guess < 2; guess++) await access.decide(wrong);
    access.refuseWrong({ ip: wrong.ip, action: "publish" }, "wrong answer to a challenge");
    access.use(defaults);
    access.use({ ...defaults, authInternalUsers: [anna] });
    expect(await access.decide(wrong)).toMatchObject({ reason: "denied", delayMs: 250 });
  });

  test("gives passwords to the challenge only where it has them", () => {
    const users: InternalUser[] = [
      anna,
      { ...anna, pass: "second" },
      { ...anna, pass: "elsewhere", ips: ["10.0.0.0/8"] },
      { ...anna, user: "bert", pass: "sha256:x" },
      { ...anna, user: "cleo", pass: "" },
      { ...anna, user: "any", pass: "" },
    ];
    const access = open({ authInternalUsers: users });
    expect(
      ["anna", "bert", "cleo", "any", "dora"].map((user) => access.passwordsOf(user, "192.0.2.1")),
    ).toEqual([["secret", "second"], [], [], [], []]);
    expect(access.passwordsOf("anna", "10.1.2.3")).toEqual(["secret", "second", "elsewhere"]);
    access.use({
      ...defaults,
      authInternalUsers: users,
      authMethod: "jwt",
      authJWTJWKS: "http://127.0.0.1/",
    });
    expect(access.passwordsOf("anna", "192.0.2.1")).toEqual([]);
  });

  test("counts what it decides", async () => {
    const access = open({ authInternalUsers: [anna] });
    await access.decide(right);
    await access.decide(right);
    await access.decide(sampleRequest());
    await access.decide(adminRequest());
    const [decisions] = access.families();
    expect(decisions?.samples).toHaveLength(24);
    expect(decisions?.samples.filter((sample) => "value" in sample && sample.value > 0)).toEqual([
      { labels: { action: "publish", result: "allowed" }, value: 2 },
      { labels: { action: "publish", result: "missing" }, value: 1 },
      { labels: { action: "api", result: "missing" }, value: 1 },
    ]);
  });

  test("measures how long a server takes that is asked", async () => {
    using backend = await openBackend((socket) => void socket.end(response(200)));
    const access = open({ authMethod: "http", authHTTPAddress: backend.url });
    await access.decide(sampleRequest());
    const seconds = access.families().find(({ name }) => name === "rtmp_access_http_seconds");
    expect(seconds?.kind === "histogram" && seconds.samples[0]?.counts.reduce((a, b) => a + b)).toBe(1);
  });
});
