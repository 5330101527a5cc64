import { describe, expect, test } from "bun:test";
import { FlowMeter } from "../../src/stream/flow-meter.ts";
import { House, opening, send } from "./house.ts";
import { packet } from "./packets.ts";

const counts = ({ bytes, frames, keyFrames, gaps, gapMs }: FlowMeter) => ({
  bytes,
  frames,
  keyFrames,
  gaps,
  gapMs,
});

describe("a flow's meter", () => {
  test("counts bytes, frames and key frames, and keeps the times of the first, the last and the key frames", () => {
    const meter = new FlowMeter();
    meter.add(packet({ role: "key", time: 1_000, size: 80 }), 5);
    expect([meter.firstTime, meter.lastTime, meter.lastKeyTime, meter.gopMs]).toEqual([
      1_000,
      1_000,
      1_000,
      Number.NaN,
    ]);
    meter.add(packet({ time: 1_033, size: 10 }), 40);
    meter.add(packet({ role: "disposable", time: 1_067, size: 5 }), 70);
    meter.add(packet({ role: "key", time: 1_100, size: 90 }), 101);
    expect(counts(meter)).toEqual({ bytes: 185, frames: 4, keyFrames: 2, gaps: 0, gapMs: 0 });
    expect(meter).toMatchObject({
      firstTime: 1_000,
      lastTime: 1_100,
      lastKeyTime: 1_100,
      gopMs: 100,
      lastArrival: 101,
    });
    expect(meter.squaredSteps).toBe(33 ** 2 + 34 ** 2 + 33 ** 2);
  });

  test("knows nothing before the first frame", () => {
    const { firstTime, lastTime, lastArrival, lastKeyTime, gopMs } = new FlowMeter();
    expect([firstTime, lastTime, lastArrival, lastKeyTime, gopMs]).toEqual(new Array(5).fill(Number.NaN));
  });

  test("keeps steps of more than a second apart from the others", () => {
    const meter = new FlowMeter();
    for (const time of [0, 1_000, 2_001, 2_041]) meter.add(packet({ time }), time);
    expect(meter).toMatchObject({ gaps: 1, gapMs: 1_001, squaredSteps: 1_000 ** 2 + 40 ** 2 });
  });

  test("leaves gaps out of the distance of key frames", () => {
    const meter = new FlowMeter();
    for (const time of [0, 2_000, 10_000, 12_000])
      for (const step of [0, 500, 1_000, 1_500])
        meter.add(packet({ time: time + step, role: step === 0 ? "key" : "frame" }), 0);
    // The third group began 6.5 seconds after the last frame of the second.
    expect(meter).toMatchObject({ gopMs: 2_000, gaps: 1, gapMs: 6_500, gapMsAtKey: 6_500 });
    const cut = new FlowMeter();
    for (const [time, role] of [
      [0, "key"],
      [500, "frame"],
      [6_500, "frame"],
      [7_000, "key"],
    ] as const)
      cut.add(packet({ time, role }), 0);
    expect(cut.gopMs).toBe(1_000);
  });

  test("counts the bytes of further tracks, but not their frames", () => {
    const meter = new FlowMeter();
    meter.add(packet({ time: 0, size: 10 }), 0);
    meter.add(packet({ time: 0, size: 7, track: 1 }), 0);
    meter.add(packet({ time: 40, size: 10 }), 40);
    expect(counts(meter)).toEqual({ bytes: 27, frames: 2, keyFrames: 0, gaps: 0, gapMs: 0 });
  });
});

describe("a stream's meters", () => {
  test("count the frames of each flow, not configuration and metadata", () => {
    const house = new House();
    send(house.publish(), ...opening());
    const { audio, video } = house.registry.find(house.path)!.meters;
    expect([audio.frames, audio.bytes, video.frames, video.bytes, video.keyFrames]).toEqual([
      1, 10, 2, 20, 1,
    ]);
  });

  test("are others for the next publish, and those of the last one stay as they are", () => {
    const house = new House({ overridePublisher: true });
    send(house.publish(), ...opening());
    const stream = house.registry.find(house.path)!;
    const { video } = stream.meters;
    send(house.publish(), ...opening());
    send(stream.publication!, { time: 66 }, { time: 99 });
    expect([video.frames, stream.meters.video.frames]).toEqual([2, 4]);
  });
});
