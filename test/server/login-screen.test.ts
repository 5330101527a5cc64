import { describe, expect, test } from "bun:test";
import { adobeNeedAuth, adobeResponse } from "../../src/rtmp/adobe-login.ts";
import type { ConnectRequest } from "../../src/rtmp/connect.ts";
import type { Screening } from "../../src/rtmp/io/session-context.ts";
import { loginScreen } from "../../src/server/login-screen.ts";
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
const screenOf = ({ isChallenging = true } = {}) => {
  const guesses: string[] = [];
  const screen = loginScreen({
    access: {
      passwordsOf: (user) => (user === "jo" ? ["secret"] : []),
      refuseWrong: ({ ip }, message) => {
        guesses.push(ip);
        return { isAllowed: false, reason: "denied", message, delayMs: 250 };
      },
    },
    isChallenging: () => isChallenging,
    clock: new FakeClock(),
  });
  const show = (app: string, more?: Partial<ConnectRequest>): Screening =>
    screen(requestOf(app, more), peerOf("c1", "192.0.2.7:4000"));
  return { show, guesses };
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
});
