import { describe, expect, test } from "bun:test";
import { type AccessConfig, ServerAccess } from "../../src/access/server-access.ts";
import type { TokenSource } from "../../src/access/token-access.ts";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { authSettings, type InternalUser } from "../../src/config/server/auth-settings.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { openBackend, response } from "./backend.ts";
import { adminRequest, sampleRequest } from "./sample-request.ts";

const defaults = Object.fromEntries(
  Object.entries(authSettings).map(([key, { fallback }]) => [key, fallback]),
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

  test("may be a matter of tokens for streams, and of the configuration for the rest", async () => {
    const access = open({}, { mode: "token", tokens: new Map([["live/cam1", "one"]]) });
    const outcomes = [
      sampleRequest(),
      sampleRequest({ query: "token=one" }),
      adminRequest(),
      adminRequest({ ip: "127.0.0.1" }),
    ].map(async (request) => outcomeOf(await access.decide(request)));
    expect(await Promise.all(outcomes)).toEqual(["missing", "allowed", "denied", "allowed"]);
    access.use({ ...defaults, authInternalUsers: [] });
    expect(outcomeOf(await access.decide(adminRequest({ ip: "127.0.0.1" })))).toBe("denied");
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
      { ...anna, user: "bert", pass: "sha256:x" },
      { ...anna, user: "cleo", pass: "" },
      { ...anna, user: "any", pass: "" },
    ];
    const access = open({ authInternalUsers: users });
    expect(["anna", "bert", "cleo", "any", "dora"].map((user) => access.passwordsOf(user))).toEqual([
      ["secret", "second"],
      [],
      [],
      [],
      [],
    ]);
    access.use({
      ...defaults,
      authInternalUsers: users,
      authMethod: "jwt",
      authJWTJWKS: "http://127.0.0.1/",
    });
    expect(access.passwordsOf("anna")).toEqual([]);
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
      { labels: { action: "api", result: "denied" }, value: 1 },
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
