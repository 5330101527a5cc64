import { WireError } from "../../base/errors.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { trackControl } from "../control-url.ts";
import type { HeaderField } from "../headers.ts";
import type { RtspRequest } from "../message.ts";
import { formatRange, parseRange } from "../range.ts";
import { formatRtpInfo } from "../rtp-info.ts";
import { parseSdp } from "../sdp.ts";
import { formatSessionHeader, parseSessionHeader } from "../session-header.ts";
import { formatTransport, parseTransports, type Transport } from "../transport.ts";
import type { Answer } from "./answer.ts";
import type { AnySession } from "./any-session.ts";
import { PublishSession } from "./publish-session.ts";
import { ReadSession } from "./read-session.ts";
import { Refusal } from "./refusal.ts";
import { nameOfUrl, type StreamName } from "./request-name.ts";
import type { RtpShare } from "./rtp-share.ts";
import type { SessionConnection, SessionOrder } from "./session.ts";
import { type RtspContext, sessionTimeoutSeconds } from "./session-context.ts";
import { knownAtOnce, StreamProbe } from "./stream-probe.ts";
import type { TrackStart } from "./track-start.ts";

/** What is answered to OPTIONS. */
export const publicMethods =
  "DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN";

/** What a handler needs of its connection. */
export interface HandlerHost {
  readonly connection: SessionConnection;
  readonly peer: Peer;
  readonly context: RtspContext;
  /** All sessions there are. */
  readonly sessions: { add(session: AnySession): void; remove(session: AnySession): void };
  /** Sends the answer to a request. */
  readonly answer: (request: RtspRequest, answer: Answer) => void;
  /** Asks whether the client may do it; the next requests wait meanwhile. `proceed` is called with its name once it may. */
  readonly admitted: (
    request: RtspRequest,
    order: { action: "publish" | "play"; name: StreamName; id: string },
    proceed: (user: string) => void,
  ) => void;
  /** Has the next requests wait. Gives what lets them go on. */
  readonly hold: () => () => void;
  /** Answers a request that something kept from being done. */
  readonly refused: (
    request: RtspRequest,
    refused: { error: unknown; action?: "publish" | "play"; name?: StreamName },
  ) => void;
}

/**
 * Does what an RTSP client asks for. RFC 2326 10, and its states (A.2):
 *
 *     none --SETUP--> read, ready --PLAY--> playing      PAUSE leads back, TEARDOWN to none
 *     none --ANNOUNCE--> publish --SETUP--> ready --RECORD--> recording
 *
 * A connection has one session at a time. A request that does not fit is answered with what is wrong about it, and changes nothing.
 */
export class RequestHandler {
  readonly #host: HandlerHost;
  #session: AnySession | undefined;
  /** Waits for the stream that somebody asked about. */
  #probe: StreamProbe | undefined;

  constructor(host: HandlerHost) {
    this.#host = host;
  }

  /** The session that was made on this connection, while it lasts. */
  get session(): AnySession | undefined {
    return this.#session;
  }

  /** The connection is over. */
  close(reason: EndReason): void {
    this.#probe?.close();
    this.#probe = undefined;
    this.#endSession(reason);
  }

  /** Does what is asked for. @throws Refusal, RefusedError where it cannot be done; then nothing has changed */
  handle(request: RtspRequest): void {
    if (!/^RTSP\/1\.\d$/.test(request.version)) throw new Refusal(505, `version ${request.version}`);
    if (request.headers.get("CSeq") === undefined) throw new Refusal(400, "no CSeq");
    // Nobody may rely on what we do not know.
    const required = request.headers.get("Require");
    if (required !== undefined) throw new Refusal(551, "something is required that is not known");
    this.#checkSession(request);
    switch (request.method) {
      case "OPTIONS":
        this.#answer(request, [["Public", publicMethods]]);
        return;
      case "GET_PARAMETER":
      case "SET_PARAMETER":
        this.#answer(request);
        return;
      case "DESCRIBE":
        this.#describe(request);
        return;
      case "ANNOUNCE":
        this.#announce(request);
        return;
      case "SETUP":
        this.#setup(request);
        return;
      case "PLAY":
        this.#play(request);
        return;
      case "PAUSE":
        this.#pause(request);
        return;
      case "RECORD":
        this.#record(request);
        return;
      case "TEARDOWN":
        this.#teardown(request);
        return;
      default:
        throw new Refusal(405, `method ${request.method} is not known`);
    }
  }

  // ---- reading -------------------------------------------------------------------------------------------------

  #describe(request: RtspRequest): void {
    const accept = request.headers.get("Accept");
    if (accept !== undefined && !/application\/(?:sdp|\*)|\*\/\*/i.test(accept))
      throw new Refusal(406, "only application/sdp can be had");
    const { name } = nameOfUrl(request.url);
    const { connection } = this.#host;
    this.#host.admitted(request, { action: "play", name, id: connection.id }, () =>
      this.#withShare(request, name, (share) =>
        this.#host.answer(request, {
          status: 200,
          headers: [
            ["Content-Type", "application/sdp"],
            ["Content-Base", `${request.url.replace(/\/+$/, "")}/`],
          ],
          body: share.sdp(trackControl),
        }),
      ),
    );
  }

  /** Calls `proceed` with the stream as RTP once it is there, and refuses the request where it does not come. */
  #withShare(request: RtspRequest, name: StreamName, proceed: (share: RtpShare) => void): void {
    const { context, hold, refused, peer } = this.#host;
    const known = knownAtOnce(context.registry, name.path);
    if (known) {
      proceed(context.shares.of(known));
      return;
    }
    const release = hold();
    const done = (then: () => void): void => {
      this.#probe = undefined;
      try {
        then();
      } catch (error) {
        refused(request, { error, action: "play", name });
      }
      release();
    };
    const { registry, clock, shares } = context;
    const probe = new StreamProbe({
      path: name.path,
      query: name.query,
      peer,
      registry,
      clock,
      found: (known) => done(() => proceed(shares.of(known))),
      failed: (error) => done(() => refused(request, { error, action: "play", name })),
    });
    if (!probe.isOver) this.#probe = probe;
  }

  #setup(request: RtspRequest): void {
    const session = this.#session;
    const isRecord = parseTransports(request.headers.get("Transport") ?? "")[0]?.mode === "record";
    if (session?.kind === "publish") {
      this.#answerSetup(request, session, session.setup(request.url, request.headers.get("Transport")));
      return;
    }
    if (isRecord) throw new Refusal(455, "nothing was announced");
    const { name, track } = nameOfUrl(request.url);
    if (session) {
      if (name.path !== session.order.name.path)
        throw new Refusal(459, "a session holds the tracks of one stream");
      this.#setupRead(request, session, track);
      return;
    }
    const id = crypto.randomUUID();
    this.#host.admitted(request, { action: "play", name, id }, (user) =>
      this.#withShare(request, name, (share) => {
        const order = this.#orderOf(request, { id, name, user });
        this.#setupRead(request, new ReadSession(order, share), track);
      }),
    );
  }

  #setupRead(request: RtspRequest, session: ReadSession, track: number | undefined): void {
    if (track === undefined && session.share.tracks.length > 1)
      throw new Refusal(459, "the stream has several tracks, expected the URL of one");
    const answer = session.setup(track ?? 0, request.headers.get("Transport"));
    if (this.#session !== session) this.#begin(session);
    this.#answerSetup(request, session, answer);
  }

  #answerSetup(request: RtspRequest, session: AnySession, transport: Transport): void {
    this.#host.answer(request, {
      status: 200,
      headers: [["Transport", formatTransport(transport)], sessionField(session)],
    });
  }

  #play(request: RtspRequest): void {
    const session = this.#session;
    if (session?.kind !== "read") throw new Refusal(455, "no track is set up to be read");
    // VLC says so again to keep the session alive.
    if (session.isActive) {
      this.#answer(request);
      return;
    }
    const rangeText = request.headers.get("Range");
    if (rangeText !== undefined && !parseRange(rangeText))
      throw new Refusal(457, "a range that cannot be read");
    const { name } = session.order;
    try {
      session.play((starts) =>
        this.#answer(request, [
          // Whatever is asked for: a live stream has but one place.
          ["Range", formatRange({ kind: "npt", startSeconds: 0, endSeconds: undefined })],
          ["RTP-Info", rtpInfoOf(request.url, session.tracks, starts)],
        ]),
      );
      if (session.isActive) this.#host.connection.sessionStarted("subscriber", name);
    } catch (error) {
      this.#host.refused(request, { error, action: "play", name });
    }
  }

  #pause(request: RtspRequest): void {
    const session = this.#session;
    if (!session) throw new Refusal(455, "nothing plays");
    session.pause("client_stop");
    this.#answer(request);
  }

  // ---- publishing ----------------------------------------------------------------------------------------------

  #announce(request: RtspRequest): void {
    if (this.#session) throw new Refusal(455, "there is a session already");
    const type = request.headers.get("Content-Type") ?? "";
    if (!/^application\/sdp\b/i.test(type)) throw new Refusal(415, "expected application/sdp");
    const { name } = nameOfUrl(request.url);
    const id = crypto.randomUUID();
    this.#host.admitted(request, { action: "publish", name, id }, (user) => {
      const order = this.#orderOf(request, { id, name, user });
      const session = new PublishSession(order, { url: request.url, description: describedBy(request) });
      this.#begin(session);
      this.#answer(request);
    });
  }

  #record(request: RtspRequest): void {
    const session = this.#session;
    if (session?.kind !== "publish") throw new Refusal(455, "nothing was announced");
    const { name } = session.order;
    try {
      session.record();
    } catch (error) {
      this.#host.refused(request, { error, action: "publish", name });
      return;
    }
    // Taking the name from another session of the same client may have ended this connection.
    if (this.#session !== session) return;
    this.#host.connection.sessionStarted("publisher", name);
    const { whenSafe } = this.#host.context;
    if (!whenSafe) {
      this.#answer(request);
      return;
    }
    // Who hears that a publish has started may rely on it that everybody hears of it, even if the server dies now.
    const release = this.#host.hold();
    whenSafe(() => {
      if (this.#session === session) this.#answer(request);
      release();
    });
  }

  // ---- sessions ------------------------------------------------------------------------------------------------

  #teardown(request: RtspRequest): void {
    if (!this.#session) throw new Refusal(454, "there is no session");
    this.#endSession("client_stop");
    this.#answer(request);
  }

  /** A session that is named has to be the one there is. */
  #checkSession(request: RtspRequest): void {
    const text = request.headers.get("Session");
    if (text === undefined) return;
    const named = parseSessionHeader(text)?.id;
    if (named === undefined || named !== this.#session?.order.token)
      throw new Refusal(454, "no such session on this connection");
  }

  #orderOf(
    request: RtspRequest,
    { id, name, user }: { id: string; name: StreamName; user: string },
  ): SessionOrder {
    const { connection, context, peer } = this.#host;
    return {
      peer: { ...peer, id },
      // Not the name that the API shows: who knows it may end the session.
      token: crypto.randomUUID().replaceAll("-", "").substring(0, 16),
      name,
      user,
      userAgent: request.headers.get("User-Agent") ?? "",
      connection,
      context,
    };
  }

  #begin(session: AnySession): void {
    this.#session = session;
    this.#host.sessions.add(session);
  }

  #endSession(reason: EndReason): void {
    const session = this.#session;
    if (!session) return;
    this.#session = undefined;
    this.#host.sessions.remove(session);
    session.close(reason);
  }

  #answer(request: RtspRequest, headers: readonly HeaderField[] = []): void {
    const session = this.#session;
    this.#host.answer(request, {
      status: 200,
      headers: session ? [...headers, sessionField(session)] : headers,
    });
  }
}

const sessionField = ({ order }: AnySession): HeaderField => [
  "Session",
  formatSessionHeader({ id: order.token, timeoutSeconds: sessionTimeoutSeconds }),
];

/** @throws Refusal 400 */
const describedBy = ({ body }: RtspRequest): ReturnType<typeof parseSdp> => {
  try {
    return parseSdp(new TextDecoder().decode(body));
  } catch (error) {
    if (error instanceof WireError) throw new Refusal(400, error.message);
    throw error;
  }
};

/** Where the tracks that were set up begin, by the URLs that clients have from the description. */
const rtpInfoOf = (url: string, tracks: readonly number[], starts: readonly TrackStart[]): string => {
  const base = url.replace(/\/+$/, "");
  return formatRtpInfo(
    tracks.flatMap((track) => {
      const start = starts[track];
      return start ? { url: `${base}/${trackControl(track)}`, ...start } : [];
    }),
  );
};
