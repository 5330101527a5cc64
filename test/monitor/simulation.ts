import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { Track } from "../../src/media/track.ts";
import type { MonitorSettings } from "../../src/monitor/monitor-settings.ts";
import { QualityMonitor } from "../../src/monitor/quality-monitor.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import { FlowMeter } from "../../src/stream/flow-meter.ts";
import { FakeClock } from "../base/fake-clock.ts";

/** The settings that nobody changed. */
export const settings: MonitorSettings = {
  isEnabled: true,
  bitrateChangePercent: 20,
  framerateDropPercent: 10,
  resolutionChange: true,
  cpuPercent: 80,
  memoryPercent: 90,
  connections: undefined,
  queueDepth: undefined,
  handshakeMs: 1_000,
  processingMs: 100,
  hookMs: 10_000,
  diskPercent: 90,
  openFilesPercent: 80,
  eventLoopLagMs: 100,
  residentBytes: undefined,
};

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** What an encoder and its network do. */
export interface Encoder {
  readonly seed?: number;
  readonly bitrate?: number;
  /** Frames per second. */
  readonly framerate?: number;
  /** Seconds between key frames, each of the size of eight others. */
  readonly gopSeconds?: number;
  /** Standard deviation of each frame's size, as a part of it. */
  readonly noise?: number;
  /**
   * Standard deviation of how much there is to see, as a part of it. It changes once a second and is 0.7 of the same a second
   * later, which makes tumbling windows of 5 seconds report about 30 changes an hour at 10 %.
   */
  readonly vbr?: number;
  /** The network stalls on average this often, for 0.2 to 1.5 seconds, and then brings what it held back. */
  readonly secondsBetweenStalls?: number;
  /** The network stalls then, for so many seconds. */
  readonly stalls?: readonly { readonly at: number; readonly seconds: number }[];
  /** What happens at this time: a factor to bit rate, a factor to the frame rate, nothing sent for so long. */
  readonly at?: (seconds: number) => {
    bitrate?: number;
    isDropped?: (index: number) => boolean;
    isSilent?: boolean;
  };
}

/** One video stream, and a monitor that looks at it. Its time runs frame by frame. */
export class Simulation {
  readonly clock = new FakeClock(0);
  readonly hub = new EventHub();
  readonly events: { readonly seconds: number; readonly event: DomainEvent }[] = [];
  readonly path = parseStreamPath("live/a");
  readonly meters = { audio: new FlowMeter(), video: new FlowMeter() };
  readonly monitor: QualityMonitor;
  readonly tracks: Track[] = [];

  constructor(changed: Partial<MonitorSettings> = {}) {
    this.hub.listen((event) => this.events.push({ seconds: this.clock.now() / 1000, event }));
    const stream = { path: this.path, publication: {}, meters: this.meters, tracks: this.tracks };
    this.monitor = new QualityMonitor({
      settings: { ...settings, ...changed },
      registry: { streams: [stream], find: () => stream },
      events: this.hub,
      clock: this.clock,
    });
    this.monitor.start();
  }

  /** Lets an encoder publish for so long. */
  run(seconds: number, encoder: Encoder = {}): this {
    const { bitrate = 2e6, framerate = 30, gopSeconds = 4, noise = 0.2, vbr = 0 } = encoder;
    const random = randomOf(encoder.seed ?? 1);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const waiting = (mean: number): number => -mean * Math.log(1 - random());
    const gop = Math.round(gopSeconds * framerate);
    const frameBytes = ((bitrate / 8) * gopSeconds) / (gop + 7);
    let nextStall = encoder.secondsBetweenStalls
      ? waiting(encoder.secondsBetweenStalls)
      : Number.POSITIVE_INFINITY;
    let stalledUntil = 0;
    let mood = 0;
    let scene = 1;
    for (let index = 0; index < seconds * framerate; index++) {
      const sent = index / framerate;
      if (index % Math.round(framerate) === 0) {
        mood = 0.7 * mood + Math.sqrt(1 - 0.7 ** 2) * normal();
        scene = Math.max(0.3, 1 + vbr * mood);
      }
      if (sent >= nextStall) {
        stalledUntil = sent + 0.2 + 1.3 * random();
        nextStall = stalledUntil + waiting(encoder.secondsBetweenStalls ?? 0);
      }
      for (const { at, seconds: length } of encoder.stalls ?? [])
        if (sent >= at && sent < at + length) stalledUntil = at + length;
      const now = encoder.at?.(sent) ?? {};
      const size = frameBytes * (index % gop === 0 ? 8 : 1) * Math.max(0.1, 1 + noise * normal());
      const arrival = Math.max(sent, stalledUntil) * 1000;
      if (arrival > this.clock.now()) this.clock.advance(arrival - this.clock.now());
      if (now.isSilent || now.isDropped?.(index)) continue;
      const frame = {
        size: Math.round(size * scene * (now.bitrate ?? 1)),
        timestamp: Math.round(sent * 1000),
        trackId: 0,
        role: index % gop === 0 ? ("key" as const) : ("frame" as const),
      };
      this.meters.video.add(frame, this.clock.now());
    }
    this.clock.advance(seconds * 1000 - this.clock.now() + 1000);
    return this;
  }

  /** The kinds of what was found, alerts by metric and state. */
  get kinds(): string[] {
    return this.events.map(({ event }) =>
      event.kind === "qualityAlert" ? `${event.metric} ${event.state} ${event.severity}` : event.kind,
    );
  }
}
