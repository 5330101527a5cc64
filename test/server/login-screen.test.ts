import { describe, expect, test } from "bun:test";
import { ServerAccess } from "../../src/access/server-access.ts";
import { silentLogger } from "../../src/base/log.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { adobeNeedAuth, adobeResponse } from "../../src/rtmp/adobe-login.ts";
import type { ConnectRequest } from "../../src/rtmp/connect.ts";
import type { Screening } from "../../src/rtmp/io/session-context.ts";
import { type LoginAccess, loginScreen } from "../../src/server/login-screen.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { peerOf } from "../stream/peer.ts";

const requestOf = (
  app: string,
  { flashVersion = "FMLE/3.0 (compatible; FMSc/1.0)", type = "" }: Partial<ConnectRequest> = {},
): ConnectRequest => ({
  app,
  tcUrl: `rtmp://localhost/${app}`,
  flashVersion,
  type,
  objectEncoding: 0,
  fourCcs: [],
  capabilities: 0,
});

/** A screen that knows one user, and those it found to guess. */
const screenOf = ({ isChallenging = true, isLocked = false, remote = "192.0.2.7:4000" } = {}) => {
  const guesses: string[] = [];
  let looks = 0;
  const screen = loginScreen({
    access: {
      passwordsOf: (user, ip) => {
        looks++;
        return user === "jo" && ip === "192.0.2.7" ? ["secret"] : [];
      },
      isLocked: () => isLocked,
      refuseWrong: ({ ip }, message) => {
        guesses.push(ip);
        return { isAllowed: false, reason: "denied", message, delayMs: 250 };
      },
    },
    isChallenging: () => isChallenging,
    clock: new FakeClock(),
  });
  const show = (app: string, more?: Partial<ConnectRequest>): Screening =>
    screen(requestOf(app, more), peerOf("c1", remote));
  return { show, guesses, looks: () => looks };
};

/** What an encoder with these fields connects to last. */
const logIn = (show: (app: string) => Screening, user: string, password: string): Screening => {
  const second = show(`live?authmod=adobe&user=${user}`);
  if (second.kind !== "challenged") throw new Error(`no challenge: ${second.kind}`);
  const [salt = "", opaque = ""] = ["salt", "opaque"].map(
    (name) => new RegExp(`${name}=([^&]+)`).exec(second.description)?.[1],
  );
  const response = adobeResponse({ user, salt, password, opaque, clientChallenge: "abc" });
  return show(`live?authmod=adobe&user=${user}&challenge=abc&response=${response}&opaque=${opaque}`);
};

describe("an encoder that connects", () => {
  test("is asked to log in where that is wanted and it shows nothing", () => {
    expect(screenOf().show("live")).toEqual({ kind: "challenged", description: adobeNeedAuth });
    expect(screenOf({ isChallenging: false }).show("live")).toEqual({ kind: "welcome" });
  });

  test("is known by its name, or by what it connects for", () => {
    const { show } = screenOf();
    expect(show("live", { flashVersion: "LNX 9,0,124,2", type: "nonprivate" }).kind).toBe("challenged");
  });

  test("is not asked where it shows who it is, or is a player", () => {
    const { show } = screenOf();
    expect(show("live?user=jo&pass=secret").kind).toBe("welcome");
    expect(show("live?token=t").kind).toBe("welcome");
    expect(show("live", { flashVersion: "LNX 9,0,124,2" }).kind).toBe("welcome");
  });

  test("may log in in any case, and is known by the password of the server then", () => {
    for (const isChallenging of [true, false]) {
      const { show, guesses } = screenOf({ isChallenging });
      expect(logIn(show, "jo", "secret")).toEqual({
        kind: "known",
        credentials: { user: "jo", password: "secret", token: "" },
      });
      expect(guesses).toEqual([]);
    }
  });

  test("that is wrong is told so after a while, and counted for its address", () => {
    const { show, guesses } = screenOf();
    for (const [user, password] of [
      ["jo", "guess"],
      ["nobody", "secret"],
    ] as const)
      expect(logIn(show, user, password)).toMatchObject({ kind: "denied", delayMs: 250 });
    expect(guesses).toEqual(["192.0.2.7", "192.0.2.7"]);
  });

  test("from where its user may not come is wrong, whatever it knows", () => {
    const { show } = screenOf({ remote: "192.0.2.8:4000" });
    expect(logIn(show, "jo", "secret")).toMatchObject({ kind: "denied" });
  });

  test("from where too much was wrong is wrong without anybody looking", () => {
    const { show, looks } = screenOf({ isLocked: true });
    expect(logIn(show, "jo", "secret")).toMatchObject({
      kind: "denied",
      description: expect.stringContaining("?reason=authfailed"),
    });
    expect(looks()).toBe(0);
  });
});

test("guessing by logins, however many at once, is as slow as one by one", () => {
  const clock = new FakeClock();
  const jo = { user: "jo", pass: "secret", ips: [], permissions: [{ action: "publish", path: "" }] } as const;
  const config = { ...readConfig(readServerFlags([])).server, authInternalUsers: [jo] };
  const access = new ServerAccess({ config, clock, log: silentLogger });
  let looks = 0;
  const counting: LoginAccess = {
    passwordsOf: (user, ip) => {
      looks++;
      return access.passwordsOf(user, ip);
    },
    isLocked: (attempt) => access.isLocked(attempt),
    refuseWrong: (attempt, message) => access.refuseWrong(attempt, message),
  };
  const screen = loginScreen({ access: counting, isChallenging: () => false, clock });
  const showFrom =
    (remote: string) =>
    (app: string): Screening =>
      screen(requestOf(app), peerOf("c1", remote));
  const guesser = showFrom("192.0.2.7:4000");
  for (let guess = 0; guess < 2_000; guess++) logIn(guesser, "jo", `guess${guess}`);
  expect(looks).toBe(22);
  expect(logIn(guesser, "jo", "secret")).toMatchObject({
    kind: "denied",
    message: "authentication failed: too many wrong attempts from this address",
  });
  expect(logIn(showFrom("192.0.2.8:4000"), "jo", "secret").kind).toBe("known");
  looks = 0;
  for (let second = 0; second < 100; second++) {
    clock.advance(1_000);
    for (let guess = 0; guess < 10; guess++) logIn(guesser, "jo", `later${second}-${guess}`);
  }
  expect(looks).toBe(25);
});
