import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { Batch } from "../../src/stream/batch.ts";
import { DelayProbe, DeliveryDelay } from "../../src/stream/delivery-delay.ts";
import { EventHub } from "../../src/stream/event.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { opening, send, Viewer } from "./house.ts";
import { peerOf } from "./peer.ts";

const totalOf = ({ histogram }: DeliveryDelay): number =>
  histogram.counts.reduce((sum, count) => sum + count, 0);

describe("the delay of delivery", () => {
  test("is measured for one turn in seventeen", () => {
    const delay = new DeliveryDelay();
    const clock = new FakeClock();
    const probe = new DelayProbe(delay, clock);
    for (let turn = 0; turn < 16; turn++) probe.note(0);
    expect(totalOf(delay)).toBe(0);
    probe.note(clock.now() - 3);
    expect([totalOf(delay), delay.histogram.sum]).toEqual([1, 0.003]);
    for (let turn = 0; turn < 170; turn++) probe.note(clock.now());
    expect(totalOf(delay)).toBe(11);
  });

  /** A reader that takes its time. */
  class SlowViewer extends Viewer {
    readonly #clock: FakeClock;

    constructor(clock: FakeClock) {
      super();
      this.#clock = clock;
    }

    override deliver(batch: Batch): void {
      super.deliver(batch);
      this.#clock.advance(2);
    }
  }

  const published = (isLowLatency: boolean) => {
    const clock = new FakeClock();
    const delay = new DeliveryDelay();
    const rules = { optionsOf: () => ({ ...defaultStreamOptions, isLowLatency }), maxPublishers: 0 };
    const registry = new Registry({ rules, clock, events: new EventHub(), delay });
    const path = parseStreamPath("live/a");
    const request = { peer: peerOf("c1", "127.0.0.1:1"), publishType: "live", evicted: () => undefined };
    const publication = registry.publish(path, request);
    send(publication, ...opening());
    return { clock, delay, registry, path, publication };
  };

  test("goes from the packet's arrival until the last reader has it", () => {
    const { clock, delay, registry, path, publication } = published(true);
    for (let count = 0; count < 3; count++) registry.subscribe(path, new SlowViewer(clock));
    for (let turn = 1; turn <= 17; turn++) {
      clock.advance(33);
      send(publication, { time: 33 + turn * 33 });
    }
    expect(totalOf(delay)).toBe(1);
    expect(delay.histogram.sum).toBeCloseTo(0.006, 9);
  });

  test("holds the time that sound waits for the next picture", () => {
    const { clock, delay, registry, path, publication } = published(false);
    registry.subscribe(path, new Viewer());
    for (let turn = 1; turn <= 17; turn++) {
      send(publication, { kind: "audio", time: 33 + turn * 33 });
      clock.advance(20);
      send(publication, { time: 33 + turn * 33 });
    }
    expect(totalOf(delay)).toBe(1);
    expect(delay.histogram.sum).toBeCloseTo(0.02, 9);
  });

  test("is not measured where nobody reads", () => {
    const { delay, publication } = published(true);
    for (let turn = 1; turn <= 100; turn++) send(publication, { time: turn * 33 });
    expect(totalOf(delay)).toBe(0);
  });
});
