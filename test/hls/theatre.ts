import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { FlvTag } from "../../src/flv/tag.ts";
import type { Muxer } from "../../src/hls/muxer.ts";
import { Muxers } from "../../src/hls/muxers.ts";
import { HlsSessions } from "../../src/hls/sessions.ts";
import type { HlsSettings } from "../../src/hls/settings.ts";
import type { Viewer } from "../../src/hls/viewer.ts";
import type { EntryLimits } from "../../src/stream/entry-limits.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import type { Publication } from "../../src/stream/publication.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions, type StreamOptions } from "../../src/stream/stream-options.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";
import { publishTag } from "../record/tags.ts";
import { peerOf } from "../stream/peer.ts";

/** What holds unless a test says otherwise. */
export const usualSettings: HlsSettings = {
  variant: "lowLatency",
  segmentMs: 1_000,
  partMs: 200,
  segmentCount: 7,
  maxSegmentBytes: 50_000_000,
  directory: "",
  alwaysRemux: false,
  closeAfterMs: 60_000,
};

/** Streams, viewers and a clock that a test moves. */
export class Theatre implements Disposable {
  readonly clock = new FakeClock();
  readonly events: DomainEvent[] = [];
  readonly log = new KeptLog();
  readonly registry: Registry;
  readonly muxers: Muxers;
  readonly sessions: HlsSessions;

  constructor(
    settings: Partial<HlsSettings> = {},
    { options = {}, limits }: { options?: Partial<StreamOptions>; limits?: EntryLimits } = {},
  ) {
    const { clock, log } = this;
    const events = new EventHub();
    events.listen((event) => this.events.push(event));
    this.registry = new Registry({
      rules: {
        optionsOf: () => ({ ...defaultStreamOptions, isLowLatency: true, ...options }),
        maxPublishers: 0,
      },
      clock,
      events,
    });
    this.muxers = new Muxers({ settings: { ...usualSettings, ...settings }, clock, log });
    this.registry.attach(this.muxers);
    this.sessions = new HlsSessions({ registry: this.registry, muxers: this.muxers, events, clock, limits });
  }

  publish(path = "live/test"): Publication {
    return this.registry.publish(parseStreamPath(path), {
      peer: peerOf("c000001", "127.0.0.1:1"),
      publishType: "live",
      evicted: () => undefined,
    });
  }

  /** Publishes tags at the speed of their times. */
  play(publication: Publication, tags: readonly FlvTag[]): void {
    for (const _ of this.steps(publication, tags));
  }

  /** The same, with a stop behind each tag. */
  *steps(publication: Publication, tags: readonly FlvTag[]): Iterable<void> {
    let last = tags[0]?.timestamp ?? 0;
    for (const tag of tags) {
      this.clock.advance(Math.max(0, tag.timestamp - last));
      last = Math.max(last, tag.timestamp);
      publishTag(publication, tag);
      yield;
    }
  }

  /** The muxer of a stream, which exists. */
  muxer(path = "live/test"): Muxer {
    const muxer = this.muxers.find(parseStreamPath(path));
    if (!muxer) throw new Error(`no muxer of ${path}`);
    return muxer;
  }

  viewer(viewer: Partial<Viewer> = {}): Viewer {
    return {
      path: parseStreamPath("live/test"),
      ip: "192.0.2.1",
      port: 50_000,
      userAgent: "player/1",
      query: "",
      authorization: "",
      token: undefined,
      isCdn: false,
      ...viewer,
    };
  }

  kinds(...kinds: readonly string[]): DomainEvent[] {
    return this.events.filter(({ kind }) => kinds.includes(kind));
  }

  [Symbol.dispose](): void {
    this.sessions.stop();
    this.muxers.close();
  }
}

/** The media playlist as it is now, as everybody gets it. */
export const playlistOf = async (
  muxer: Muxer,
  wish: { segment?: number; part?: number; isDelta?: boolean } = {},
): Promise<string> => {
  const { segment, part, isDelta = false } = wish;
  const text = await muxer.media({ segment, part, isDelta });
  if (typeof text === "string") throw new Error(`the playlist is ${text}`);
  return text.plain.text();
};
