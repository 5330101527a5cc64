import { RefusedError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { Packet } from "../media/packet.ts";
import type { Batch } from "../stream/batch.ts";
import type { Stream } from "../stream/stream.ts";
import type { Subscriber } from "../stream/subscriber.ts";
import { containerOf } from "./container.ts";
import { mediaPlaylist } from "./media-playlist.ts";
import { multivariantPlaylist } from "./multivariant-playlist.ts";
import { NextChange } from "./next-change.ts";
import { PlaylistText } from "./playlist-text.ts";
import { type ListForm, SegmentList, type Shelf } from "./segment-list.ts";
import { Segmenter } from "./segmenter.ts";
import type { HlsSettings } from "./settings.ts";

/** The name of a stream's media playlist. */
export const mediaPlaylistName = "main_stream.m3u8";

/** What a {@link Muxer} needs. */
export interface MuxerOptions {
  readonly path: StreamPath;
  readonly settings: HlsSettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** What names of its files begin with: no other muxer has the same. */
  readonly prefix: string;
  readonly shelf: Shelf | undefined;
}

/** What somebody who asks for a media playlist wants it to hold. RFC 8216bis 6.2.5. */
export interface PlaylistWish {
  /** Number of a segment, and of a part in it; undefined for what there is. */
  readonly segment: number | undefined;
  readonly part: number | undefined;
  /** Without what the client has already. */
  readonly isDelta: boolean;
}

/** Somebody who asks before there is anything waits so long, in milliseconds: encoders have ten seconds between key frames. */
const firstWaitMs = 20_000;

/** A playlist is waited for so long, in target durations. RFC 8216bis 6.2.5.2. */
const blockDurations = 3;

/** A segment so far behind the last one cannot be waited for. */
const furthestWait = 2;

/** Playlists are made anew when something has changed, and kept until then. */
interface Made {
  media?: PlaylistText;
  delta?: PlaylistText;
  multivariant?: PlaylistText;
}

/**
 * A stream as HLS: cut into segments, with the playlists that list them. It goes on over several publishes of the stream, and ends with
 * {@link finish}.
 */
export class Muxer implements Subscriber {
  readonly path: StreamPath;
  readonly created: Date;
  readonly #options: MuxerOptions;
  readonly #list: SegmentList;
  readonly #change = new NextChange();
  #settings: HlsSettings;
  #segmenter: Segmenter;
  #stream: Stream | undefined;
  /** Packets that came before all tracks were known; undefined afterwards. */
  #early: Packet[] | undefined = [];
  #made: Made = {};
  #lastRequest: Date;
  #lastRequestAt: number;
  #waiting = 0;
  #bytesSent = 0;

  constructor(options: MuxerOptions) {
    const { path, clock, settings, prefix, shelf, log } = options;
    this.#options = options;
    this.#settings = settings;
    this.path = path;
    this.created = clock.date();
    this.#lastRequest = this.created;
    this.#lastRequestAt = clock.now();
    this.#list = new SegmentList({
      prefix,
      form: formOf(settings),
      clock,
      shelf,
      changed: () => {
        this.#made = {};
        this.#change.tell();
      },
      leftOut: (track, what) =>
        log.warn(`HLS cannot hold ${what}, the track is left out`, { stream: path, track }),
    });
    this.#segmenter = this.#makeSegmenter();
  }

  /** When somebody asked for it last, by the wall clock. */
  get lastRequest(): Date {
    return this.#lastRequest;
  }

  /** Bytes of answers. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Bytes that it keeps. */
  get bytesKept(): number {
    return (this.#early ?? []).reduce((sum, { size }) => sum + size, this.#list.bytes);
  }

  /** Whether there is enough to begin with. */
  get isReadable(): boolean {
    return this.#list.isReadable;
  }

  /** Whether nothing will be added any more. */
  get isEnded(): boolean {
    return this.#list.isEnded;
  }

  /** Whether it takes a stream at the moment. */
  get isAttached(): boolean {
    return this.#stream !== undefined;
  }

  /** Whether somebody waits for it, or has asked within `ms`. */
  isWanted(ms: number): boolean {
    return this.#waiting > 0 || this.#options.clock.now() - this.#lastRequestAt <= ms;
  }

  /** Somebody has asked, and this many bytes are the answer. */
  noteAnswer(bytes: number): void {
    this.#bytesSent += bytes;
    this.#noteRequest();
  }

  // ---- the stream ----------------------------------------------------------------------------------------------

  /** Takes a publish of the stream, until that ends. */
  attach(stream: Stream): void {
    this.#stream = stream;
    this.#early = [];
    stream.attach(this);
  }

  /** The publish is over; perhaps another one follows. */
  pause(): void {
    this.#stream = undefined;
    this.#early = undefined;
    this.#segmenter.close();
  }

  /** Nothing follows: players that have read all may go. */
  finish(): void {
    this.#stream?.detach(this);
    this.pause();
    this.#list.end();
  }

  /** Lets go of everything. */
  close(): void {
    this.finish();
    this.#list.close();
  }

  /** Goes on by other settings: what is different in the form of segments shows from the next key frame on. */
  configure(settings: HlsSettings): void {
    this.#settings = settings;
    const form = formOf(settings);
    if (this.isEnded) return;
    this.#segmenter.close();
    this.#list.use(form);
    this.#segmenter = this.#makeSegmenter();
    // Configurations come once: the stream has kept them.
    const stream = this.#stream;
    if (!stream) return;
    stream.detach(this);
    this.attach(stream);
  }

  start(): void {
    // It begins with a key frame.
  }

  deliver({ packets }: Batch): void {
    this.#list.noteTime(packets.at(-1)?.timestamp ?? 0);
    if (this.#early) {
      // Of a publisher that shows no track nothing can be made, however long it goes on.
      if (this.#stream?.tracks.length !== 0) this.#early.push(...packets);
      // Tracks that turn up one by one would each begin anew.
      if (this.#stream?.availableSince === undefined) return;
      for (const packet of this.#early) this.#segmenter.take(packet);
      this.#early = undefined;
      return;
    }
    for (const packet of packets) this.#segmenter.take(packet);
  }

  interrupt(): void {
    // It begins with a key frame anyhow.
  }

  end(): void {
    this.pause();
  }

  fail(error: unknown): void {
    const { log, path } = this.#options;
    const stack = error instanceof Error ? error.stack : undefined;
    log.error("HLS failed, this is a defect of the server", { stream: path, error: String(error), stack });
    this.#stream = undefined;
    this.#list.end();
  }

  // ---- those who ask -------------------------------------------------------------------------------------------

  /**
   * The multivariant playlist, as soon as there is something to play.
   * @throws RefusedError STREAM_NOT_FOUND where that does not come
   */
  async multivariant(): Promise<PlaylistText> {
    if (!this.#list.isReadable) await this.#readable();
    this.#made.multivariant ??= new PlaylistText(multivariantPlaylist(this.#list.variant(mediaPlaylistName)));
    return this.#made.multivariant;
  }

  /**
   * The media playlist, as soon as it holds what is wished for. Gives `never` for what is too far away, and `late` where it does not come.
   * @throws RefusedError STREAM_NOT_FOUND where there never is one
   */
  async media(wish: PlaylistWish): Promise<PlaylistText | "never" | "late"> {
    if (!this.#list.isReadable) await this.#readable();
    const { segment } = wish;
    if (segment !== undefined && this.#hasParts) {
      if (segment >= this.#list.nextSegment + furthestWait) return "never";
      const withinMs = blockDurations * (this.#list.targetMs ?? 0);
      if (!(await this.#until(() => this.#holds(segment, wish.part), withinMs))) return "late";
    }
    return this.#playlist(wish.isDelta && this.#hasParts);
  }

  /** A file that a playlist names, or names as the next one; undefined for any other. */
  async file(name: string): Promise<Blob | undefined> {
    const known = this.#list.file(name);
    if (known || name !== this.#list.nextPart) return known;
    const withinMs = blockDurations * (this.#list.targetMs ?? 0);
    await this.#until(() => this.#list.file(name) !== undefined || this.isEnded, withinMs);
    return this.#list.file(name);
  }

  /** Those who wait look at the clock. To be called about once a second. */
  tick(): void {
    if (this.#waiting > 0) this.#change.tell();
  }

  get #hasParts(): boolean {
    return this.#settings.variant === "lowLatency";
  }

  #playlist(isDelta: boolean): PlaylistText {
    const key = isDelta ? "delta" : "media";
    this.#made[key] ??= new PlaylistText(mediaPlaylist(this.#list.listing, { isDelta }));
    return this.#made[key];
  }

  /** A part behind the last one of its segment is the first of the next. RFC 8216bis 6.2.5.2. */
  #holds(segment: number, part: number | undefined): boolean {
    const { nextSegment, openParts, lastParts, isEnded } = this.#list;
    if (isEnded || segment < nextSegment - 1) return true;
    if (segment === nextSegment - 1) return part === undefined || part < lastParts || openParts > 0;
    return segment === nextSegment && part !== undefined && part < openParts;
  }

  async #readable(): Promise<void> {
    await this.#until(() => this.#list.isReadable || this.isEnded || this.#isBarren, firstWaitMs);
    if (this.#list.isReadable) return;
    const what = this.#isBarren ? "has no track that HLS can carry" : "has brought nothing to play";
    throw new RefusedError("STREAM_NOT_FOUND", `stream ${this.path} ${what}`);
  }

  /** Whether all tracks are known, and none of them is of use. */
  get #isBarren(): boolean {
    return this.#early === undefined && this.isAttached && this.#segmenter.isBarren;
  }

  /** Gives false where it does not come true in time. */
  async #until(isTrue: () => boolean, withinMs: number): Promise<boolean> {
    if (isTrue()) return true;
    const { clock } = this.#options;
    const end = clock.now() + withinMs;
    this.#waiting++;
    try {
      while (!isTrue()) {
        if (clock.now() >= end) return false;
        await this.#change.promise;
      }
      return true;
    } finally {
      this.#waiting--;
      this.#noteRequest();
    }
  }

  #noteRequest(): void {
    const { clock } = this.#options;
    this.#lastRequestAt = clock.now();
    this.#lastRequest = clock.date();
  }

  #makeSegmenter(): Segmenter {
    const { variant, segmentMs, partMs, maxSegmentBytes } = this.#settings;
    return new Segmenter({
      container: containerOf(variant),
      segmentMs,
      partMs: this.#hasParts ? partMs : Number.POSITIVE_INFINITY,
      maxSegmentBytes,
      sink: this.#list,
    });
  }
}

const formOf = ({ variant, segmentMs, partMs, segmentCount }: HlsSettings): ListForm => ({
  container: containerOf(variant),
  hasParts: variant === "lowLatency",
  segmentMs,
  partMs,
  segmentCount,
});
