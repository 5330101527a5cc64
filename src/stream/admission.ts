import type { StreamPath } from "../base/stream-path.ts";

/** What somebody may be allowed to do. The first three are about a path. */
export type AccessAction = "publish" | "read" | "playback" | "api" | "metrics" | "pprof";

/** By which protocol somebody asks; an empty text for the pages of the server itself. */
export type AccessProtocol = "rtmp" | "rtmps" | "rtsp" | "rtsps" | "hls" | "flv" | "";

/** What somebody showed to prove who they are. Secrets: never to be logged. Empty texts stand for what was not shown. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** A bearer token, from a header or from `token=` or `jwt=` of the query. */
  readonly token: string;
}

/** Somebody wants to do something. Texts are as they came from outside: data, not to be trusted. */
export interface AdmissionRequest {
  readonly action: AccessAction;
  /** Undefined for what is about no path. */
  readonly path: StreamPath | undefined;
  /** Without port and brackets; IPv4 that came mapped into IPv6 as plain IPv4. */
  readonly ip: string;
  readonly port: number;
  readonly protocol: AccessProtocol;
  /** Id of the connection or session, a UUID; undefined where there is none. */
  readonly id: string | undefined;
  readonly credentials: Credentials;
  /** What stood behind the question mark, credentials included: never to be logged. */
  readonly query: string;
  readonly userAgent: string;
  /** The URL of an RTMP client's connect command; empty for everybody else. */
  readonly tcUrl: string;
}

/** The answer to an {@link AdmissionRequest}. */
export type Admission =
  | {
      readonly isAllowed: true;
      /** Who it is, for the API; empty for somebody without a name. */
      readonly user: string;
      /** Anybody would have got this answer, whatever they showed: what was shown may be wrong, and proves nothing. */
      readonly isForAnybody?: true;
    }
  | {
      readonly isAllowed: false;
      /** `missing`: nothing was shown, and something might have helped. `unavailable`: whoever decides does not answer. */
      readonly reason: "missing" | "denied" | "unavailable";
      /** For the log: what happened, without secrets. */
      readonly message: string;
      /** The answer to the client is held back this long, in milliseconds, so that guessing is slow. */
      readonly delayMs: number;
    };

/** A yes. */
export type Admitted = Extract<Admission, { isAllowed: true }>;

/** Decides who may do what. It never throws, never rejects, and answers within three seconds. */
export interface Access {
  /** At once where that is possible, so that nobody waits who need not. */
  decide(request: AdmissionRequest): Admission | Promise<Admission>;
}

/** Everybody may do everything. */
export const openAccess: Access = { decide: () => ({ isAllowed: true, user: "", isForAnybody: true }) };
