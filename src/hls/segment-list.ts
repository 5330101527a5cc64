import type { Clock } from "../base/time.ts";
import type { SampleTrack } from "../media/sample.ts";
import type { Container } from "./container.ts";
import type { ListedPart, Listing, WholeSegment } from "./listing.ts";
import { partHoldBack } from "./media-playlist.ts";
import type { VariantFacts } from "./multivariant-playlist.ts";
import type { Part, SegmentSink } from "./segmenter.ts";

/** What of the settings concerns a list. */
export interface ListForm {
  readonly container: Container;
  readonly hasParts: boolean;
  readonly segmentMs: number;
  readonly partMs: number;
  readonly segmentCount: number;
}

/** Where files lie. What is kept there may be somewhere else a moment later, and is the same. */
export interface Shelf {
  /** Keeps a file; gives it as it is to be read from now on, once that is settled. */
  keep(name: string, file: Blob, kept: (file: Blob) => void): void;
  drop(name: string): void;
  /** Drops all. */
  close(): void;
}

/** What a {@link SegmentList} needs. */
export interface SegmentListOptions {
  /** What names of files begin with: no other list has the same. */
  readonly prefix: string;
  readonly form: ListForm;
  readonly clock: Clock;
  /** Undefined for memory. */
  readonly shelf: Shelf | undefined;
  /** Something can be read that could not before. */
  readonly changed: () => void;
  readonly leftOut: (key: string, what: string) => void;
}

interface OpenSegment {
  readonly dateMs: number;
  readonly isDiscontinuous: boolean;
  readonly init: string | undefined;
  parts: readonly ListedPart[];
  readonly files: Blob[];
  pictures: number;
}

interface Segment extends WholeSegment {
  readonly size: number;
  readonly pictures: number;
}

/** So long a list has to be, in target durations, before anything leaves it. RFC 8216bis 6.2.2. */
const leastDurations = 3;

/** A first segment that is so little longer than whole seconds, in milliseconds, makes no longer target of it. */
const targetTolerance = 100;

/** Parts differ a little, as times come in whole milliseconds: so much more is promised. */
const partMargin = 1.02;

/** The segments of a stream that can be read: those that are listed, those that were a moment ago, and the parts of the next. */
export class SegmentList implements SegmentSink {
  readonly #options: SegmentListOptions;
  #form: ListForm;
  /** Of playlists: what was listed once may still be. */
  #version: number;
  #segments: Segment[] = [];
  /** No longer listed, but to be had until then: clients may have a list that names them. */
  #retired: { readonly segment: Segment; readonly until: number }[] = [];
  #open: OpenSegment | undefined;
  /** Blobs, for answers share their bytes. */
  readonly #files = new Map<string, Blob>();
  #tracks: readonly SampleTrack[] = [];
  #init: string | undefined;
  #isDiscontinuity = false;
  #segmentsMade = 0;
  #partsMade = 0;
  #initsMade = 0;
  #discontinuitySequence = 0;
  #targetMs: number | undefined;
  #partTargetMs: number | undefined;
  #isReadable = false;
  #isEnded = false;
  /** When time zero of the stream was, in Unix milliseconds. */
  #zeroDateMs = 0;
  #nowMs = 0;
  #bytes = 0;

  constructor(options: SegmentListOptions) {
    this.#options = options;
    this.#form = options.form;
    this.#version = options.form.container.playlistVersion;
  }

  get targetMs(): number | undefined {
    return this.#targetMs;
  }

  get partTargetMs(): number | undefined {
    return this.#partTargetMs;
  }

  /** Whether there is enough to begin with. */
  get isReadable(): boolean {
    return this.#isReadable;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Number of the segment that comes next, or is under way. */
  get nextSegment(): number {
    return this.#segmentsMade;
  }

  /** Parts of that segment. */
  get openParts(): number {
    return this.#open?.parts.length ?? 0;
  }

  /** Parts of the latest whole segment. */
  get lastParts(): number {
    return this.#segments.at(-1)?.parts.length ?? 0;
  }

  /** What the next part will be called; undefined where there will be none. */
  get nextPart(): string | undefined {
    return this.#form.hasParts && !this.#isEnded ? this.#partName(this.#partsMade) : undefined;
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A file, while it is there. */
  file(name: string): Blob | undefined {
    return this.#files.get(name);
  }

  /** What there is to list. */
  get listing(): Listing {
    const { hasParts } = this.#form;
    const open = this.#open;
    const partTargetMs = hasParts ? this.#partTargetMs : undefined;
    return {
      version: this.#version,
      targetMs: this.#targetMs ?? 0,
      partTargetMs,
      mediaSequence: this.#segmentsMade - this.#segments.length,
      discontinuitySequence: this.#discontinuitySequence,
      segments: this.#segments,
      open: partTargetMs !== undefined && open && open.parts.length > 0 ? open : undefined,
      nextPart: partTargetMs === undefined ? undefined : this.nextPart,
      isEnded: this.#isEnded,
    };
  }

  /** What there is to say of the stream as a whole; `name` is that of its media playlist. */
  variant(name: string): VariantFacts {
    let [peak, size, durationMs, pictures] = [0, 0, 0, 0];
    for (const segment of this.#segments) {
      peak = Math.max(peak, segment.size / Math.max(1, segment.durationMs));
      size += segment.size;
      durationMs += segment.durationMs;
      pictures += segment.pictures;
    }
    const bitsASecond = 8_000;
    return {
      name,
      version: this.#version,
      tracks: this.#tracks,
      frameRate: pictures > 0 ? (pictures * 1_000) / durationMs : undefined,
      peakBandwidth: peak * bitsASecond,
      averageBandwidth: (size / Math.max(1, durationMs)) * bitsASecond,
    };
  }

  /** Notes what time it is on the stream's own line, in milliseconds. */
  noteTime(ms: number): void {
    this.#nowMs = ms;
  }

  /** Goes on in another form. Where more is asked for than was promised, the promise is another one from now on. */
  use(form: ListForm): void {
    this.#form = form;
    this.#version = Math.max(this.#version, form.container.playlistVersion);
    if (this.#targetMs !== undefined) this.#targetMs = Math.max(this.#targetMs, wholeSeconds(form.segmentMs));
    this.#partTargetMs = undefined;
    this.#options.changed();
  }

  begin(tracks: readonly SampleTrack[], init: Uint8Array<ArrayBuffer> | undefined): void {
    const { clock, prefix } = this.#options;
    this.#tracks = tracks;
    this.#zeroDateMs = clock.date().getTime() - this.#nowMs;
    this.#isDiscontinuity = this.#segmentsMade > 0;
    this.#init = init && `${prefix}_init${this.#initsMade++}.mp4`;
    if (init && this.#init !== undefined) this.#add(this.#init, new Blob([init]));
  }

  part({ bytes, startMs, durationMs, isIndependent, pictures }: Part): void {
    this.#open ??= {
      dateMs: this.#zeroDateMs + startMs,
      isDiscontinuous: this.#isDiscontinuity,
      init: this.#init,
      parts: [],
      files: [],
      pictures: 0,
    };
    const open = this.#open;
    const file = new Blob([bytes]);
    open.files.push(file);
    open.pictures += pictures;
    if (!this.#form.hasParts) return;
    const name = this.#partName(this.#partsMade++);
    open.parts = [...open.parts, { name, durationMs, isIndependent }];
    this.#add(name, file);
    this.#check();
    this.#options.changed();
  }

  segment(durationMs: number): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    const { dateMs, isDiscontinuous, init, parts, pictures } = open;
    const file = new Blob(open.files);
    const name = `${this.#options.prefix}_seg${this.#segmentsMade++}.${this.#form.container.extension}`;
    this.#isDiscontinuity = false;
    const segment = { dateMs, isDiscontinuous, init, parts, pictures, name, durationMs, size: file.size };
    this.#segments.push(segment);
    this.#join(segment, file);
    this.#promise();
    this.#check();
    this.#retire();
    this.#options.changed();
  }

  leftOut(key: string, what: string): void {
    this.#options.leftOut(key, what);
  }

  /** Nothing follows. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#segments.length > 0) this.#promise();
    this.#check();
    this.#options.changed();
  }

  /** Lets go of all files. */
  close(): void {
    this.#options.shelf?.close();
    this.#files.clear();
    this.#bytes = 0;
  }

  #partName(number: number): string {
    return `${this.#options.prefix}_part${number}.${this.#form.container.extension}`;
  }

  #add(name: string, file: Blob): void {
    this.#files.set(name, file);
    this.#bytes += file.size;
  }

  /** A whole segment has its bytes once: its parts are stretches of it. */
  #join({ name, parts, size }: Segment, file: Blob): void {
    const sizes = parts.map((part) => (this.#files.get(part.name) ?? file).size);
    const share = (whole: Blob): void => {
      this.#files.set(name, whole);
      let at = 0;
      for (const [index, part] of parts.entries()) {
        const end = at + (sizes[index] ?? 0);
        this.#files.set(part.name, whole.slice(at, end));
        at = end;
      }
    };
    share(file);
    // What the parts had by themselves is in the segment now.
    this.#bytes += size - sizes.reduce((sum, each) => sum + each, 0);
    this.#options.shelf?.keep(name, file, (kept) => {
      if (this.#files.has(name)) share(kept);
    });
  }

  /**
   * Players with parts begin a little in front of the end: where that lay in front of the latest key frame they would have to go back by a
   * whole segment, and stay behind by it.
   */
  #check(): void {
    if (this.#isReadable || this.#targetMs === undefined) return;
    const openMs = this.#open?.parts.reduce((sum, { durationMs }) => sum + durationMs, 0) ?? 0;
    const isFarEnough = openMs >= partHoldBack * (this.#partTargetMs ?? 0);
    this.#isReadable = !this.#form.hasParts || this.#segments.length > 1 || this.#isEnded || isFarEnough;
  }

  /** What was promised stays: clients reckon with it. RFC 8216bis 6.2.1. */
  #promise(): void {
    const { hasParts, segmentMs } = this.#form;
    if (this.#targetMs !== undefined) {
      if (hasParts && this.#partTargetMs === undefined)
        this.#promiseParts(this.#segments.at(-1)?.parts ?? []);
      return;
    }
    // One segment alone is little to play, where there are no parts of the next.
    if (this.#segments.length < (hasParts ? 1 : 2) && !this.#isEnded) return;
    const longest = Math.max(
      segmentMs,
      ...this.#segments.map(({ durationMs }) => durationMs - targetTolerance),
    );
    this.#targetMs = wholeSeconds(longest);
    if (hasParts) this.#promiseParts(this.#segments.flatMap(({ parts }) => parts));
  }

  /** A part that a pause made long does not make all of them so, unless each is a single picture. */
  #promiseParts(parts: readonly ListedPart[]): void {
    const { partMs } = this.#form;
    const durations = parts.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
    const middle = durations[durations.length >> 1] ?? partMs;
    const most = Math.max(...durations.filter((ms) => ms <= middle * 1.5), partMs);
    this.#partTargetMs = Math.ceil(most * partMargin + 1);
  }

  /** Takes off the list what is too much of it, and lets go of what nobody can know any more. */
  #retire(): void {
    const now = this.#options.clock.now();
    let totalMs = this.#segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const listedMs = totalMs;
    const leastMs = leastDurations * (this.#targetMs ?? Number.POSITIVE_INFINITY);
    const hasInit = this.#segments.at(-1)?.init !== undefined;
    for (let first = this.#segments[0]; first; first = this.#segments[0]) {
      totalMs -= first.durationMs;
      const isEnough = this.#segments.length > this.#form.segmentCount && totalMs >= leastMs;
      // EXT-X-MAP counts for all that follows, also for segments of another form that has none.
      const isInTheWay = first.init !== undefined && !hasInit;
      if (!isEnough && !isInTheWay) break;
      this.#segments.shift();
      if (first.isDiscontinuous) this.#discontinuitySequence++;
      this.#retired.push({ segment: first, until: now + listedMs + first.durationMs });
    }
    while (this.#retired[0] && this.#retired[0].until <= now) this.#forget(this.#retired.shift()?.segment);
  }

  #forget(segment: Segment | undefined): void {
    if (!segment) return;
    this.#files.delete(segment.name);
    for (const { name } of segment.parts) this.#files.delete(name);
    this.#bytes -= segment.size;
    this.#options.shelf?.drop(segment.name);
    this.#forgetInit(segment.init);
  }

  #forgetInit(init: string | undefined): void {
    if (init === undefined || init === this.#init) return;
    const isUsed = [...this.#retired.map(({ segment }) => segment), ...this.#segments].some(
      (segment) => segment.init === init,
    );
    if (isUsed) return;
    const file = this.#files.get(init);
    this.#bytes -= file?.size ?? 0;
    this.#files.delete(init);
  }
}

/** As many whole seconds, in milliseconds, as it takes. */
const wholeSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000)) * 1_000;
