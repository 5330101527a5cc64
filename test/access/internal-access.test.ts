import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { Argon2Verifier } from "../../src/access/argon2-verifier.ts";
import { InternalAccess } from "../../src/access/internal-access.ts";
import { defaultUsers, type InternalUser } from "../../src/config/server/auth-settings.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { adminRequest, type RequestChanges, sampleRequest } from "./sample-request.ts";

const user = (changes: Partial<InternalUser>): InternalUser => ({
  user: "any",
  pass: "",
  ips: [],
  permissions: [{ action: "publish", path: "" }],
  ...changes,
});

const open = (
  users: readonly InternalUser[],
  { clock = new FakeClock(), argon2 = new Argon2Verifier() } = {},
) => new InternalAccess(users, { argon2, clock });

const now = (answer: Admission | Promise<Admission>): Admission => {
  if (answer instanceof Promise) throw new Error("expected an answer at once");
  return answer;
};

const outcomeOf = (answer: Admission): string =>
  answer.isAllowed ? `allowed ${answer.user}`.trim() : answer.reason;

const digest = (text: string): string => `sha256:${createHash("sha256").update(text).digest("base64")}`;

describe("internal users", () => {
  const anna = user({ user: "anna", pass: "secret" });
  const cases: {
    name: string;
    users: readonly InternalUser[];
    request?: RequestChanges;
    expected: string;
  }[] = [
    { name: "nobody at all, and nothing shown", users: [], expected: "missing" },
    {
      name: "nobody at all",
      users: [],
      request: { credentials: { user: "anna", password: "secret" } },
      expected: "denied",
    },
    { name: "anybody", users: [user({})], expected: "allowed" },
    {
      name: "anybody who shows something",
      users: [user({})],
      request: { credentials: { user: "whoever", password: "x" } },
      expected: "allowed whoever",
    },
    { name: "nothing shown where a name is needed", users: [anna], expected: "missing" },
    {
      name: "the right password",
      users: [anna],
      request: { credentials: { user: "anna", password: "secret" } },
      expected: "allowed anna",
    },
    {
      name: "a wrong password",
      users: [anna],
      request: { credentials: { user: "anna", password: "secreT" } },
      expected: "denied",
    },
    {
      name: "a password without its user",
      users: [anna],
      request: { credentials: { password: "secret" } },
      expected: "denied",
    },
    {
      name: "a token, which helps nobody here",
      users: [anna],
      request: { credentials: { token: "secret" } },
      expected: "denied",
    },
    {
      name: "a user without password, any will do",
      users: [user({ user: "anna" })],
      request: { credentials: { user: "anna", password: "anything" } },
      expected: "allowed anna",
    },
    {
      name: "SHA-256 of user and password",
      users: [user({ user: digest("anna"), pass: digest("secret") })],
      request: { credentials: { user: "anna", password: "secret" } },
      expected: "allowed anna",
    },
    {
      name: "SHA-256, wrong",
      users: [user({ user: "anna", pass: digest("secret") })],
      request: { credentials: { user: "anna", password: digest("secret") } },
      expected: "denied",
    },
    {
      name: "another address",
      users: [{ ...anna, ips: ["10.0.0.0/8"] }],
      request: { credentials: { user: "anna", password: "secret" } },
      expected: "denied",
    },
    {
      name: "another action",
      users: [anna],
      request: { action: "read", credentials: { user: "anna", password: "secret" } },
      expected: "denied",
    },
    {
      name: "nothing shown, where nothing would help",
      users: [{ ...anna, ips: ["10.0.0.0/8"] }],
      expected: "missing",
    },
    {
      name: "the second of two with one name",
      users: [
        { ...anna, permissions: [{ action: "publish", path: "live/a" }] },
        { ...anna, pass: "other", permissions: [{ action: "publish", path: "~^live/cam" }] },
      ],
      request: { credentials: { user: "anna", password: "other" } },
      expected: "allowed anna",
    },
    {
      name: "the password of an entry whose path does not fit",
      users: [{ ...anna, permissions: [{ action: "publish", path: "live/a" }] }],
      request: { credentials: { user: "anna", password: "secret" } },
      expected: "denied",
    },
  ];
  test.each(cases)("$name: $expected", ({ users, request = {}, expected }) => {
    expect(outcomeOf(now(open(users).decide(sampleRequest(request))))).toBe(expected);
  });

  test("of the defaults may stream from anywhere, and rule from this machine", () => {
    const access = open(defaultUsers);
    const outcomes = [
      ...(["publish", "read", "playback"] as const).map((action) => sampleRequest({ action })),
      adminRequest(),
      adminRequest({ ip: "127.0.0.1" }),
      adminRequest({ action: "metrics", ip: "::1" }),
      adminRequest({ action: "pprof", ip: "10.0.0.1" }),
    ].map((request) => outcomeOf(now(access.decide(request))));
    expect(outcomes).toEqual(["allowed", "allowed", "allowed", "missing", "allowed", "allowed", "missing"]);
  });
});

describe("argon2", () => {
  test.each(["argon2id", "argon2i"] as const)("%s is verified as it is written", async (algorithm) => {
    const encoded = await Bun.password.hash("secret", { algorithm, memoryCost: 1_024, timeCost: 2 });
    const access = open([user({ user: "anna", pass: `argon2:${encoded}` })]);
    const ask = async (password: string): Promise<string> =>
      outcomeOf(await access.decide(sampleRequest({ credentials: { user: "anna", password } })));
    const right = sampleRequest({ credentials: { user: "anna", password: "secret" } });
    expect(access.atOnce(right)).toBeUndefined();
    expect([await ask("secret"), await ask("wrong"), await ask("")]).toEqual([
      "allowed anna",
      "denied",
      "denied",
    ]);
    // Known by now.
    expect(outcomeOf(now(access.decide(right)))).toBe("allowed anna");
    expect(access.atOnce(right)).toEqual({ isAllowed: true, user: "anna" });
  });

  test("of one user does not keep the next from being tried", async () => {
    const argon2 = new Argon2Verifier(async () => false);
    const access = open([user({ user: "anna", pass: "argon2:$x" }), user({ user: "anna", pass: "plain" })], {
      argon2,
    });
    const answer = access.decide(sampleRequest({ credentials: { user: "anna", password: "plain" } }));
    expect(answer).toBeInstanceOf(Promise);
    expect(outcomeOf(await answer)).toBe("allowed anna");
  });

  test("costs nothing for a user who is not meant", () => {
    let runs = 0;
    const argon2 = new Argon2Verifier(async () => {
      runs++;
      return true;
    });
    const access = open([user({ user: "anna", pass: "argon2:$x" })], { argon2 });
    const answer = access.decide(sampleRequest({ credentials: { user: "bert", password: "x" } }));
    expect([outcomeOf(now(answer)), runs]).toEqual(["denied", 0]);
  });

  test("that takes too long, or is none, lets nobody in", async () => {
    const clock = new FakeClock();
    const slow = open([user({ user: "anna", pass: "argon2:$x" })], {
      clock,
      argon2: new Argon2Verifier(() => new Promise(() => undefined)),
    });
    const credentials = { user: "anna", password: "secret" };
    const answer = slow.decide(sampleRequest({ credentials }));
    clock.advance(3_000);
    expect(outcomeOf(await answer)).toBe("unavailable");
    const broken = open([user({ user: "anna", pass: "argon2:$nonsense" })]);
    expect(outcomeOf(await broken.decide(sampleRequest({ credentials })))).toBe("unavailable");
  });
});
