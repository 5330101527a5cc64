import { share } from "../../../src/base/bytes.ts";
import { systemClock } from "../../../src/base/time.ts";
import { readAudioHeader } from "../../../src/flv/audio-header.ts";
import { readVideoHeader } from "../../../src/flv/video-header.ts";
import { Packet, type PacketKind, type PacketRole } from "../../../src/media/packet.ts";
import { Client } from "../../../src/rtmp/io/dialer.ts";
import { mediaForm } from "../../../src/rtmp/media-form.ts";
import { messageType } from "../../../src/rtmp/message.ts";
import { parseRtmpUrl, type RtmpUrl } from "../../../src/rtmp/url.ts";
import { within } from "./deadline.ts";
import { Journal } from "./journal.ts";

/** One message of a play. */
export interface Arrival {
  readonly kind: PacketKind;
  /** Undefined for data, and for media that says nothing. */
  readonly role: PacketRole | undefined;
  readonly timestamp: number;
  readonly payload: Uint8Array;
  /** Milliseconds since the connection was asked for. */
  readonly afterMs: number;
}

const chunkSize = 4096;

/** Gives a URL, or one with its application and name cut by hand. */
const target = (url: string | { url: string; app: string; name: string }): RtmpUrl =>
  typeof url === "string"
    ? parseRtmpUrl(url)
    : { ...parseRtmpUrl(`${url.url}x/y`), app: url.app, name: url.name };

const options = (action: "publish" | "play", url: Parameters<typeof target>[0]) => ({
  url: target(url),
  action,
  chunkSize,
  clock: systemClock,
  timeoutMs: 20_000,
});

/** A player of ours: it keeps every message with the moment it came, or hands it on. */
export class OwnPlayer implements Disposable {
  readonly #client: Client;
  readonly #arrivals = new Journal<Arrival>();
  readonly #take: (arrival: Arrival) => void;
  readonly #startedAt = performance.now();
  /** Comes with the server's yes; fails with its no. */
  readonly started: Promise<void>;
  /** Why it is over; undefined where we left. */
  readonly ended: Promise<Error | undefined>;

  /** `take` gets every message; without it they are kept. */
  constructor(url: Parameters<typeof target>[0], take?: (arrival: Arrival) => void) {
    this.#take = take ?? ((arrival) => this.#arrivals.push(arrival));
    const started = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<Error | undefined>();
    // Nobody has to look at it.
    started.promise.catch(() => undefined);
    this.started = started.promise;
    this.ended = ended.promise;
    this.#client = new Client(options("play", url), {
      started: () => started.resolve(),
      media: ({ typeId, timestamp, payload }) => this.#arrived(typeId, timestamp, payload),
      drained: () => undefined,
      closed: (error) => {
        started.reject(error ?? new Error("closed"));
        ended.resolve(error);
        this.#arrivals.end(error?.message ?? "closed by the player");
      },
    });
  }

  /** Everything that came and was kept. */
  get arrivals(): readonly Arrival[] {
    return this.#arrivals.items;
  }

  /** Waits for a message that matches. */
  arrival(
    matches: (arrival: Arrival) => boolean,
    wait: { nth?: number; withinMs?: number } = {},
  ): Promise<Arrival> {
    return this.#arrivals.find(matches, { ...wait, what: "a message that the player waits for" });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  #arrived(typeId: number, timestamp: number, payload: Uint8Array): void {
    const afterMs = performance.now() - this.#startedAt;
    const isVideo = typeId === messageType.video;
    const kind = isVideo ? "video" : typeId === messageType.audio ? "audio" : "data";
    const facts = kind === "data" ? undefined : isVideo ? readVideoHeader(payload) : readAudioHeader(payload);
    this.#take({ kind, role: facts?.role, timestamp, payload, afterMs });
  }
}

/** A publisher of ours: it sends what it is given, when it is given it. */
export class OwnPublisher implements Disposable {
  readonly #client: Client;
  #streamId = 0;
  readonly ended: Promise<Error | undefined>;

  private constructor(url: Parameters<typeof target>[0], started: (error?: Error) => void) {
    const ended = Promise.withResolvers<Error | undefined>();
    this.ended = ended.promise;
    this.#client = new Client(options("publish", url), {
      started: (streamId) => {
        this.#streamId = streamId;
        started();
      },
      drained: () => undefined,
      closed: (error) => {
        started(error ?? new Error("closed"));
        ended.resolve(error);
      },
    });
  }

  /**
   * Publishes, once the server has said yes.
   * @throws TransportError REJECTED with the server's words, where it says no
   */
  static async connect(url: Parameters<typeof target>[0]): Promise<OwnPublisher> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const publisher = new OwnPublisher(url, (error) => (error ? reject(error) : resolve()));
    await within(promise, { withinMs: 20_000, what: "answer to publish" });
    return publisher;
  }

  /** Sends one video or audio message; time in milliseconds. */
  send(kind: "audio" | "video", timestamp: number, payload: Uint8Array): void {
    const shared = share(payload);
    const facts = kind === "video" ? readVideoHeader(shared) : readAudioHeader(shared);
    if (!facts) throw new Error("an empty payload, expected media");
    const form = mediaForm({ chunkSize, streamId: this.#streamId, toward: "publisher" });
    this.#client.outbox.send(form.encode([new Packet(facts, timestamp, shared)]));
  }

  /** Cuts the connection without a goodbye. */
  cut(): void {
    this.#client.abort(new Error("cut by the test"));
  }

  /** Says goodbye and closes. */
  [Symbol.dispose](): void {
    this.#client.close();
  }
}
