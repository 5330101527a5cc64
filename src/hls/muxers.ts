import { randomBytes } from "node:crypto";
import { toHex } from "../base/bytes.ts";
import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { type EndReason, mayComeBack } from "../stream/event.ts";
import type { Output, Stream } from "../stream/stream.ts";
import { DiskShelf } from "./disk-shelf.ts";
import { Muxer } from "./muxer.ts";
import type { HlsSettings } from "./settings.ts";

/** What {@link Muxers} need. */
export interface MuxersOptions {
  readonly settings: HlsSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How often it is looked who is still wanted, in milliseconds. */
const tickMs = 1_000;

/** Bytes of chance in names of files: caches keep them for good, so none may come back. */
const prefixBytes = 6;

/** Every stream that is made HLS of: those that somebody watches, or all of them. A muxer stays while its publisher may come back. */
export class Muxers implements Output {
  readonly #options: MuxersOptions;
  #settings: HlsSettings;
  /** The newest of each name. */
  readonly #byPath = new Map<StreamPath, Muxer>();
  /** Those of streams that are over, which players have yet to read to their end, too. */
  readonly #all = new Set<Muxer>();
  readonly #endings = new Map<Muxer, Cancel>();
  readonly #cancelTick: Cancel;

  constructor(options: MuxersOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#cancelTick = options.clock.every(tickMs, () => this.#tick());
  }

  /** Those of streams that go on, by name. */
  get list(): readonly Muxer[] {
    return [...this.#byPath.values()].filter(({ isEnded }) => !isEnded);
  }

  /** The muxer of a stream that goes on. */
  find(path: StreamPath): Muxer | undefined {
    const muxer = this.#byPath.get(path);
    return muxer?.isEnded ? undefined : muxer;
  }

  /** The muxer of a stream that is published, made where there is none. */
  of(stream: Stream): Muxer {
    const known = this.find(stream.path);
    if (known) return known;
    const muxer = this.#make(stream.path);
    muxer.attach(stream);
    return muxer;
  }

  open(stream: Stream): (reason: EndReason) => void {
    const known = this.find(stream.path);
    if (known) {
      this.#goesOn(known);
      known.attach(stream);
    } else if (this.#settings.alwaysRemux) this.of(stream);
    return (reason) => this.#published(stream, reason);
  }

  /** Goes by other settings from now on; `streams` are those that there are. */
  configure(settings: HlsSettings, streams: Iterable<Stream>): void {
    const before = this.#settings;
    this.#settings = settings;
    if (areFormsOther(before, settings)) for (const muxer of this.list) muxer.configure(settings);
    if (settings.alwaysRemux && !before.alwaysRemux)
      for (const stream of streams) if (stream.publication) this.of(stream);
  }

  /** Ends all there are. */
  clear(): void {
    for (const muxer of [...this.#all]) this.#remove(muxer);
  }

  /** Ends all: the server stops. */
  close(): void {
    this.#cancelTick();
    this.clear();
  }

  /** A publish is over. */
  #published(stream: Stream, reason: EndReason): void {
    const muxer = this.find(stream.path);
    if (!muxer) return;
    muxer.pause();
    const { keepsReaders, republishGraceMs } = stream.options;
    if (keepsReaders && reason !== "server_shutdown" && reason !== "unconfigured") return;
    const graceMs = mayComeBack(reason) ? republishGraceMs : 0;
    if (graceMs === 0) muxer.finish();
    else
      this.#endings.set(
        muxer,
        this.#options.clock.after(graceMs, () => {
          this.#endings.delete(muxer);
          muxer.finish();
        }),
      );
  }

  #goesOn(muxer: Muxer): void {
    this.#endings.get(muxer)?.();
    this.#endings.delete(muxer);
  }

  #make(path: StreamPath): Muxer {
    const { clock, log } = this.#options;
    const { directory } = this.#settings;
    const prefix = toHex(randomBytes(prefixBytes));
    const muxer = new Muxer({
      path,
      settings: this.#settings,
      clock,
      log,
      prefix,
      shelf: directory === "" ? undefined : new DiskShelf(directory, { log, stream: path }),
    });
    this.#byPath.set(path, muxer);
    this.#all.add(muxer);
    log.info("HLS muxer created", { stream: path });
    return muxer;
  }

  #remove(muxer: Muxer): void {
    this.#goesOn(muxer);
    muxer.close();
    this.#all.delete(muxer);
    if (this.#byPath.get(muxer.path) === muxer) this.#byPath.delete(muxer.path);
    this.#options.log.info("HLS muxer closed", { stream: muxer.path });
  }

  #tick(): void {
    const { alwaysRemux, closeAfterMs } = this.#settings;
    for (const muxer of this.#all) {
      muxer.tick();
      if (muxer.isWanted(closeAfterMs) || (alwaysRemux && !muxer.isEnded)) continue;
      this.#remove(muxer);
    }
  }
}

const areFormsOther = (a: HlsSettings, b: HlsSettings): boolean =>
  (["variant", "segmentMs", "partMs", "segmentCount", "maxSegmentBytes"] as const).some(
    (key) => a[key] !== b[key],
  );
