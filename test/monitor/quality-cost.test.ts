import { expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { QualityMonitor } from "../../src/monitor/quality-monitor.ts";
import { EventHub } from "../../src/stream/event.ts";
import { FlowMeter } from "../../src/stream/flow-meter.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { randomOf, settings } from "./simulation.ts";

/** A stream that brings 30 pictures and 43 audio frames a second. */
class BusyStream {
  readonly path;
  readonly publication = {};
  readonly tracks = [];
  readonly meters = { audio: new FlowMeter(), video: new FlowMeter() };
  readonly #random;
  #index = 0;

  constructor(number: number) {
    this.path = parseStreamPath(`live/${number}`);
    this.#random = randomOf(number);
  }

  bringASecond(now: number): void {
    for (let frame = 0; frame < 30; frame++) {
      const role = this.#index++ % 60 === 0 ? ("key" as const) : ("frame" as const);
      const size = Math.round((role === "key" ? 60_000 : 7_500) * (0.8 + 0.4 * this.#random()));
      this.meters.video.add({ size, timestamp: now - 1000 + (frame * 100) / 3, trackId: 0, role }, now);
    }
    for (let frame = 0; frame < 43; frame++)
      this.meters.audio.add(
        { size: 370, timestamp: now - 1000 + frame * 23.25, trackId: 0, role: "frame" },
        now,
      );
  }
}

test("a look at 1,000 streams takes under a hundredth of a second", () => {
  const clock = new FakeClock(0);
  const events = new EventHub();
  let count = 0;
  events.listen(() => count++);
  const streams = Array.from({ length: 1_000 }, (_, number) => new BusyStream(number));
  const monitor = new QualityMonitor({
    settings,
    registry: { streams, find: () => undefined },
    events,
    clock,
  });
  const durations: number[] = [];
  for (let second = 1; second <= 60; second++) {
    clock.advance(1_000);
    for (const stream of streams) stream.bringASecond(clock.now());
    const startedAt = performance.now();
    monitor.evaluate();
    durations.push(performance.now() - startedAt);
  }
  const median = durations.slice(30).sort((a, b) => a - b)[15]!;
  if (process.env.SHOW_COST) console.error(`1,000 streams: ${median.toFixed(2)} ms`);
  // Other work on the machine may take its share: the figure is a fraction of this.
  expect(median).toBeLessThan(10);
  expect(count).toBe(0);
});
