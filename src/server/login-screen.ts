import { splitAddress } from "../base/host-port.ts";
import type { Clock } from "../base/time.ts";
import { AdobeLogin, adobeNeedAuth } from "../rtmp/adobe-login.ts";
import type { ConnectRequest } from "../rtmp/connect.ts";
import type { Screening, SessionContext } from "../rtmp/io/session-context.ts";
import type { Admission, AdmissionRequest } from "../stream/admission.ts";

/** Who knows users and passwords. */
export interface LoginAccess {
  /** Passwords that would let a user in; none for somebody unknown. */
  passwordsOf(user: string): readonly string[];
  /** Counts a wrong attempt, and gives the answer to it. */
  refuseWrong(request: Pick<AdmissionRequest, "ip" | "action">, message: string): Admission;
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
  const login = new AdobeLogin({ passwordsOf: (user) => access.passwordsOf(user) });
  return (request, peer): Screening => {
    const step = login.verify(request, clock.now());
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
        const { ip } = splitAddress(peer.remote);
        const message = "authentication failed: wrong user or password";
        const answer = access.refuseWrong({ ip, action: "publish" }, message);
        return { kind: "denied", description, message, delayMs: answer.isAllowed ? 0 : answer.delayMs };
      }
    }
  };
};
