import { splitAddress } from "../base/host-port.ts";
import type { Clock } from "../base/time.ts";
import { AdobeLogin, adobeNeedAuth } from "../rtmp/adobe-login.ts";
import type { ConnectRequest } from "../rtmp/connect.ts";
import type { Denial } from "../rtmp/io/doorman.ts";
import type { Screening, SessionContext } from "../rtmp/io/session-context.ts";
import type { AdmissionRequest } from "../stream/admission.ts";

/** Who knows users and passwords. */
export interface LoginAccess {
  /** Passwords that would let a user in who comes from `ip`; none for somebody unknown. */
  passwordsOf(user: string, ip: string): readonly string[];
  /** Whether what a client shows is not to be looked at. */
  isLocked(request: Pick<AdmissionRequest, "ip" | "action">): boolean;
  /** Counts a wrong attempt, and gives the answer to it. */
  refuseWrong(request: Pick<AdmissionRequest, "ip" | "action">, message: string): Denial;
}

/** Encoders name themselves so or, as rtmp2sink and librtmp do, tell it by the type of their connection; players do neither. */
const isEncoder = ({ flashVersion, type }: ConnectRequest): boolean =>
  flashVersion.startsWith("FMLE/") || type === "nonprivate";

/** Whether a client shows who it is in the URL that it connects to. */
const showsCredentials = ({ app, tcUrl }: ConnectRequest): boolean =>
  [app, tcUrl].some((text) => /[?&](?:user|token|jwt)=/.test(text));

/**
 * Lets encoders with fields for user and password (OBS, FFmpeg) log in when they connect. Those that show nothing are asked to where
 * `isChallenging` says so: it cannot be always, for one that has its password behind the name of its stream could not connect then.
 */
export const loginScreen = (parts: {
  access: LoginAccess;
  isChallenging: () => boolean;
  clock: Clock;
}): NonNullable<SessionContext["screen"]> => {
  const { access, isChallenging, clock } = parts;
  const login = new AdobeLogin();
  return (request, peer): Screening => {
    const { ip } = splitAddress(peer.remote);
    const attempt = { ip, action: "publish" } as const;
    const step = login.verify(request, {
      now: clock.now(),
      // Somebody locked out is wrong whatever they answer.
      passwordsOf: (user) => (access.isLocked(attempt) ? [] : access.passwordsOf(user, ip)),
    });
    switch (step.kind) {
      case "none": {
        const isAsked = isChallenging() && isEncoder(request) && !showsCredentials(request);
        return isAsked ? { kind: "challenged", description: adobeNeedAuth } : { kind: "welcome" };
      }
      case "accepted":
        return { kind: "known", credentials: { user: step.user, password: step.password, token: "" } };
      case "rejected": {
        const { description } = step;
        if (!step.isWrong) return { kind: "challenged", description };
        const answer = access.refuseWrong(attempt, "wrong user or password");
        const message = `authentication failed: ${answer.message}`;
        return { kind: "denied", description, message, delayMs: answer.delayMs };
      }
    }
  };
};
