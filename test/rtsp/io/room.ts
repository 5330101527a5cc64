import { copyBytes, encodeUtf8, joinBytes } from "../../../src/base/bytes.ts";
import type { RefusedError } from "../../../src/base/errors.ts";
import { silentLogger } from "../../../src/base/log.ts";
import type { AnySession } from "../../../src/rtsp/io/any-session.ts";
import { RtspConnection } from "../../../src/rtsp/io/connection.ts";
import { RtpShares } from "../../../src/rtsp/io/rtp-shares.ts";
import type { RtspContext, RtspOptions } from "../../../src/rtsp/io/session-context.ts";
import type { InterleavedFrame, RtspResponse } from "../../../src/rtsp/message.ts";
import { RtspReader } from "../../../src/rtsp/request-reader.ts";
import { openAccess } from "../../../src/stream/admission.ts";
import type { StreamOptions } from "../../../src/stream/stream-options.ts";
import { House } from "../../stream/house.ts";

/** How sessions behave where a test does not say. */
export const usualOptions: RtspOptions = {
  readerQueue: { maxBytes: 1e6, maxMs: 5_000 },
  transports: ["tcp", "udp"],
  authMethods: ["basic"],
  isLowLatency: true,
  requestTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  stallTimeoutMs: 10_000,
};

/** A request as text, without the blank line. */
export const request = (method: string, url: string, headers: readonly string[] = [], body = ""): string =>
  [
    `${method} ${url} RTSP/1.0`,
    ...headers,
    ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
    "",
    body,
  ].join("\r\n");

/** The description of a stream that somebody publishes: H.264 of 64x64 and AAC. */
export const announcement = [
  "v=0",
  "o=- 0 0 IN IP4 127.0.0.1",
  "s=Test",
  "c=IN IP4 127.0.0.1",
  "t=0 0",
  "m=video 0 RTP/AVP 96",
  "a=rtpmap:96 H264/90000",
  "a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LACtoQJsBEAAADAAQAAAMA8DxIngA=,aM4PyA==",
  "a=control:streamid=0",
  "m=audio 0 RTP/AVP 97",
  "a=rtpmap:97 MPEG4-GENERIC/44100/2",
  "a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=1210",
  "a=control:streamid=1",
  "",
].join("\r\n");

/** Connections over sockets that take everything, or what a test lets them, and all around them. */
export class Room {
  readonly house: House;
  readonly sessions = new Map<string, AnySession>();
  readonly context: RtspContext;

  constructor(
    options: {
      stream?: Partial<StreamOptions>;
      rtsp?: Partial<RtspOptions>;
      context?: Partial<RtspContext>;
    } = {},
  ) {
    this.house = new House(options.stream);
    const { registry, hub, clock } = this.house;
    this.context = {
      options: { ...usualOptions, ...options.rtsp },
      access: openAccess,
      registry,
      events: hub,
      clock,
      log: silentLogger,
      shares: new RtpShares({ clock, maxPayload: () => 1_440 }),
      udp: () => undefined,
      ...options.context,
    };
  }

  client(options: { isTls?: boolean; refusal?: RefusedError } = {}): RoomClient {
    return new RoomClient(this, options);
  }
}

let count = 0;

/** One client of a room. */
export class RoomClient {
  readonly calls: string[] = [];
  readonly connection: RtspConnection;
  /** Bytes that the socket takes; everything unless a test says otherwise. */
  room = Number.POSITIVE_INFINITY;
  session = "";
  readonly #reader = new RtspReader();
  #written: Uint8Array[] = [];
  #cseq = 0;
  readonly frames: InterleavedFrame[] = [];

  constructor(
    { context, sessions }: Room,
    { isTls = false, refusal }: { isTls?: boolean; refusal?: RefusedError },
  ) {
    const note = (name: string) => () => void this.calls.push(name);
    count++;
    this.connection = new RtspConnection({
      peer: {
        connId: `r${count}`,
        remote: "192.0.2.7:4000",
        kind: isTls ? "rtspsSession" : "rtspSession",
        id: crypto.randomUUID(),
      },
      socket: {
        write: (bytes) => {
          const taken = Math.min(bytes.length, this.room);
          this.#written.push(copyBytes(bytes.subarray(0, taken)));
          this.room -= taken;
          return taken;
        },
        setNoDelay: () => true,
        pause: note("pause"),
        resume: note("resume"),
        end: note("end"),
        terminate: note("terminate"),
      },
      context,
      refusal,
      sessions: {
        add: (session) => sessions.set(session.peer.id, session),
        remove: (session) => sessions.delete(session.peer.id),
      },
    });
  }

  /** Sends a request, with its number and the session's name, and gives what was answered so far. */
  ask(method: string, url: string, headers: readonly string[] = [], body = ""): RtspResponse[] {
    const session = this.session === "" ? [] : [`Session: ${this.session}`];
    this.#cseq++;
    this.connection.data(
      encodeUtf8(request(method, url, [`CSeq: ${this.#cseq}`, ...session, ...headers], body)),
    );
    return this.answers();
  }

  /** The status of the one answer to a request. */
  status(method: string, url: string, headers: readonly string[] = [], body = ""): number | undefined {
    const answers = this.ask(method, url, headers, body);
    return answers.length === 1 ? answers[0]?.status : undefined;
  }

  /** Sets a track up over the connection, and remembers the session. */
  setup(url: string, channels = "0-1", mode = ""): RtspResponse | undefined {
    const transport = `Transport: RTP/AVP/TCP;unicast;interleaved=${channels}${mode}`;
    const [answer] = this.ask("SETUP", url, [transport]);
    this.session = answer?.headers.get("Session")?.split(";")[0] ?? this.session;
    return answer;
  }

  /** Answers since the last call; packets between them are kept in {@link frames}. */
  answers(): RtspResponse[] {
    this.#reader.receive(joinBytes(this.#written));
    this.#written = [];
    const answers: RtspResponse[] = [];
    for (let unit = this.#reader.next(); unit; unit = this.#reader.next()) {
      if (unit.kind === "response") answers.push(unit);
      else if (unit.kind === "interleaved") this.frames.push(unit);
    }
    return answers;
  }
}
