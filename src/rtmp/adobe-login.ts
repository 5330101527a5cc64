import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * The login that encoders with fields for user and password do (OBS, FMLE, Wirecast, FFmpeg with `rtmp://USER:PASSWORD@`), over three
 * connections. Each connect but the last is refused with `NetConnection.Connect.Rejected`; the description carries the dialogue:
 *
 *     client                                                 server
 *     app                                                    code=403 need auth; authmod=adobe
 *     app?authmod=adobe&user=U                               ?reason=needauth&user=U&salt=S&challenge=C&opaque=O
 *     app?authmod=adobe&user=U&challenge=C2&response=R&opaque=O
 *
 * with `R = base64(md5(base64(md5(U S password)) X C2))`, where X is O for some clients (librtmp, FFmpeg) and C for others (Wirecast).
 * Here O and C are one text, so both are right. Values are compared as they come, not percent-decoded: `+`, `/` and `=` arrive bare.
 */
export class AdobeLogin {
  /** Challenges that nobody answered yet, the oldest first. */
  readonly #challenges = new Map<string, Challenge>();

  /** Challenges that nobody answered yet. */
  get pending(): number {
    return this.#challenges.size;
  }

  /** What a client's connect command is in this dialogue. */
  verify({ app, tcUrl }: { app: string; tcUrl: string }, { now, passwordsOf }: AdobeContext): AdobeStep {
    const fromApp = adobeParametersOf(app);
    const parameters = fromApp.has("authmod") ? fromApp : adobeParametersOf(tcUrl);
    const mode = parameters.get("authmod");
    if (mode === undefined) return { kind: "none" };
    const user = parameters.get("user") ?? "";
    if (mode !== "adobe" || !isUser(user)) return failed("authfailed");
    const response = parameters.get("response");
    if (response === undefined) return this.#challenge(user, now);
    return this.#check(user, {
      response,
      now,
      passwordsOf,
      clientChallenge: parameters.get("challenge") ?? "",
      opaque: parameters.get("opaque") ?? "",
    });
  }

  /** Somebody unknown is challenged like everybody else, so that nobody learns who is known. */
  #challenge(user: string, now: number): AdobeStep {
    for (const [id, { at }] of this.#challenges) {
      if (now - at < maxAgeMs && this.#challenges.size < maxChallenges) break;
      this.#challenges.delete(id);
    }
    const id = randomText();
    const salt = randomText();
    this.#challenges.set(id, { user, salt, at: now });
    const dialogue = `?reason=needauth&user=${user}&salt=${salt}&challenge=${id}&opaque=${id}`;
    return { kind: "rejected", isWrong: false, description: `${reject}${dialogue}` };
  }

  #check(user: string, answer: ChallengeAnswer): AdobeStep {
    const { response, clientChallenge, opaque, now, passwordsOf } = answer;
    const challenge = this.#challenges.get(opaque);
    this.#challenges.delete(opaque);
    if (!challenge || challenge.user !== user || now - challenge.at >= maxAgeMs) return failed("authfailed");
    const { salt } = challenge;
    const right = passwordsOf(user).filter((password) =>
      isSame(response, adobeResponse({ user, salt, password, opaque, clientChallenge })),
    );
    const [password] = right;
    return password === undefined ? failed("authfailed") : { kind: "accepted", user, password };
  }
}

/** When a client connects, and what is known of whoever it says it is. */
export interface AdobeContext {
  /** In milliseconds, from any start. */
  readonly now: number;
  /** Passwords that would let a user in; none for somebody unknown. Asked only about whoever answers a challenge of ours. */
  readonly passwordsOf: (user: string) => readonly string[];
}

/** What a connect command means for the login. */
export type AdobeStep =
  /** It is no part of one. */
  | { readonly kind: "none" }
  /** Refuse it with this description; `isWrong` where user or password were. */
  | { readonly kind: "rejected"; readonly isWrong: boolean; readonly description: string }
  /** Who it is. The password is the server's own, to be put into the credentials of what is asked next. */
  | { readonly kind: "accepted"; readonly user: string; readonly password: string };

/** Tells a client without parameters that it should log in. Clients that cannot give up. */
export const adobeNeedAuth = "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";

/** What a client that knows `password` answers. */
export const adobeResponse = (parts: {
  readonly user: string;
  readonly salt: string;
  readonly password: string;
  /** The opaque of the server, or its challenge where it gave no opaque. */
  readonly opaque: string;
  readonly clientChallenge: string;
}): string => {
  const { user, salt, password, opaque, clientChallenge } = parts;
  return md5(`${md5(`${user}${salt}${password}`)}${opaque}${clientChallenge}`);
};

interface Challenge {
  readonly user: string;
  readonly salt: string;
  readonly at: number;
}

interface ChallengeAnswer extends AdobeContext {
  readonly response: string;
  readonly clientChallenge: string;
  readonly opaque: string;
}

/** Clients answer at once, over their next connection. */
const maxAgeMs = 30_000;

/** Challenges that are kept; the oldest are given up for new ones. */
const maxChallenges = 1_000;

const reject = "[ AccessManager.Reject ] : [ authmod=adobe ] : ";

const failed = (reason: "authfailed"): AdobeStep => ({
  kind: "rejected",
  isWrong: true,
  description: `${reject}?reason=${reason}`,
});

/** A user is written back into the description, where it must not look like anything else. */
const isUser = (user: string): boolean => /^[\x21-\x7e\u00a0-\uffff]{1,128}$/.test(user);

const md5 = (text: string): string => createHash("md5").update(text).digest("base64");

/** Neither `+` nor `/` nor `=`, which some clients would get wrong. */
const randomText = (): string => randomBytes(12).toString("base64url");

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
};

/**
 * The parameters behind the first question mark of `text`, as they stand there: Base64 is not escaped, and may end with `=`. Some clients
 * put a second question mark where their URL has a query already.
 */
export const adobeParametersOf = (text: string): ReadonlyMap<string, string> => {
  const [, ...parts] = text.split(/[?&]/);
  return new Map(
    parts.map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [part, ""] : [part.substring(0, at), part.substring(at + 1)];
    }),
  );
};
