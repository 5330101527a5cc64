import { describe, expect, test } from "bun:test";
import { AdobeLogin, type AdobeStep, adobeResponse } from "../../src/rtmp/adobe-login.ts";

const passwords: Readonly<Record<string, readonly string[]>> = { anna: ["secret", "second"], "bo=b+": ["x"] };

const open = () => new AdobeLogin();

const passwordsOf = (user: string): readonly string[] => passwords[user] ?? [];

const step = (login: AdobeLogin, query: string, now = 0): AdobeStep =>
  login.verify({ app: `live${query}`, tcUrl: "rtmp://server/live" }, { now, passwordsOf });

/** What the server challenges with. */
const challengeFor = (login: AdobeLogin, user: string, now = 0) => {
  const asked = step(login, `?authmod=adobe&user=${user}`, now);
  if (asked.kind !== "rejected") throw new Error("expected a challenge");
  const [, salt = "", challenge = "", opaque = ""] =
    /\?reason=needauth&user=.*&salt=(.*)&challenge=(.*)&opaque=(.*)$/.exec(asked.description) ?? [];
  return { salt, challenge, opaque, description: asked.description };
};

const clientChallenge = "1a2b3c4d";

const answer = (
  login: AdobeLogin,
  user: string,
  {
    password,
    now = 0,
    secret,
    challenged = challengeFor(login, user, now),
  }: {
    password: string;
    now?: number;
    secret?: "challenge" | "opaque";
    challenged?: ReturnType<typeof challengeFor>;
  },
): AdobeStep => {
  const { salt, opaque } = challenged;
  const response = adobeResponse({
    user,
    salt,
    password,
    opaque: challenged[secret ?? "opaque"],
    clientChallenge,
  });
  return step(
    login,
    `?authmod=adobe&user=${user}&challenge=${clientChallenge}&response=${response}&opaque=${opaque}`,
    now,
  );
};

const wrong: AdobeStep = {
  kind: "rejected",
  isWrong: true,
  description: "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed",
};

describe("the login of encoders", () => {
  test("answers as clients compute it", () => {
    // md5 of "annasaltsecret" and of its Base64 with what follows, by another program.
    expect(
      adobeResponse({ user: "anna", salt: "salt", password: "secret", opaque: "opaque", clientChallenge }),
    ).toBe("/m+o7l+jlF3DWXBKLXVkmQ==");
  });

  test("is not what a plain connect does", () => {
    expect([step(open(), ""), step(open(), "?user=anna&pass=secret")]).toEqual([
      { kind: "none" },
      { kind: "none" },
    ]);
  });

  test("challenges everybody alike, known or not", () => {
    const login = open();
    for (const user of ["anna", "nobody"]) {
      const { description, salt, challenge, opaque } = challengeFor(login, user);
      expect(description).toStartWith(
        "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=",
      );
      expect(challenge).toBe(opaque);
      expect([salt, challenge]).toEqual([
        expect.stringMatching(/^[\w-]{16}$/),
        expect.stringMatching(/^[\w-]{16}$/),
      ]);
    }
  });

  test.each(["challenge", "opaque"] as const)("takes the right answer made with the %s", (secret) => {
    expect([
      answer(open(), "anna", { password: "secret", secret }),
      answer(open(), "anna", { password: "second", secret }),
      answer(open(), "bo=b+", { password: "x", secret }),
    ]).toEqual([
      { kind: "accepted", user: "anna", password: "secret" },
      { kind: "accepted", user: "anna", password: "second" },
      { kind: "accepted", user: "bo=b+", password: "x" },
    ]);
  });

  test("reads what stands in tcUrl, and behind a second question mark", () => {
    const login = open();
    const { salt, opaque } = challengeFor(login, "anna");
    const response = adobeResponse({ user: "anna", salt, password: "secret", opaque, clientChallenge });
    const query = `?key=1?authmod=adobe&user=anna&challenge=${clientChallenge}&response=${response}&opaque=${opaque}`;
    expect(
      login.verify({ app: "live", tcUrl: `rtmp://server/live${query}` }, { now: 0, passwordsOf }).kind,
    ).toBe("accepted");
  });

  test("refuses everything else", () => {
    const login = open();
    const old = challengeFor(login, "anna", 0);
    const used = challengeFor(login, "anna", 0);
    answer(login, "anna", { password: "secret", challenged: used });
    const tried = challengeFor(login, "anna", 0);
    answer(login, "anna", { password: "wrong", challenged: tried });
    const others = challengeFor(login, "bo=b+");
    expect([
      answer(login, "anna", { password: "wrong" }),
      answer(login, "nobody", { password: "secret" }),
      answer(login, "anna", { password: "secret", challenged: used }),
      answer(login, "anna", { password: "secret", challenged: tried }),
      answer(login, "anna", { password: "secret", challenged: others }),
      answer(login, "anna", { password: "secret", challenged: old, now: 30_000 }),
      answer(login, "anna", { password: "secret", challenged: { ...old, opaque: "invented" } }),
      step(login, "?authmod=llnw&user=anna"),
      step(login, "?authmod=adobe"),
      step(login, "?authmod=adobe&user=anna&response=x"),
      step(login, `?authmod=adobe&user=${"a".repeat(129)}`),
      step(login, "?authmod=adobe&user=a\nb"),
    ]).toEqual(new Array(12).fill(wrong));
  });

  test("keeps a bounded number of challenges, the newest", () => {
    const login = open();
    const first = challengeFor(login, "anna");
    const second = challengeFor(login, "anna");
    for (let count = 0; count < 999; count++) challengeFor(login, "anna");
    expect(login.pending).toBe(1_000);
    expect(answer(login, "anna", { password: "secret", challenged: first }).kind).toBe("rejected");
    expect(answer(login, "anna", { password: "secret", challenged: second }).kind).toBe("accepted");
    challengeFor(login, "anna", 30_000);
    expect(login.pending).toBe(1);
  });
});
