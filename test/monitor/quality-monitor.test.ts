import { describe, expect, test } from "bun:test";
import { QualityMonitor } from "../../src/monitor/quality-monitor.ts";
import { House, opening, send } from "../stream/house.ts";
import { type Encoder, Simulation, settings } from "./simulation.ts";

const seeds = [1, 2, 3, 4, 5];

const hour = 3_600;

/** Whole seconds that pass between a change and the second whose end reports it. */
const latenciesOf = (factor: number): number[] =>
  Array.from({ length: 20 }, (_, seed) => {
    const simulation = new Simulation().run(150, {
      seed,
      at: (seconds) => ({ bitrate: seconds >= 100 ? factor : 1 }),
    });
    const found = simulation.events.filter(({ event }) => event.kind === "bitrateChanged");
    expect(found).toHaveLength(1);
    return found[0]!.seconds - 100 - 1;
  });

describe("an hour of", () => {
  const rows: { name: string; encoder: Encoder; atMost: number }[] = [
    { name: "a constant bit rate", encoder: {}, atMost: 0 },
    { name: "key frames 2 seconds apart", encoder: { gopSeconds: 2 }, atMost: 0 },
    { name: "key frames 10 seconds apart", encoder: { gopSeconds: 10 }, atMost: 0 },
    { name: "a network that stalls three times a minute", encoder: { secondsBetweenStalls: 20 }, atMost: 1 },
    { name: "a network that stalls twelve times a minute", encoder: { secondsBetweenStalls: 5 }, atMost: 1 },
    { name: "a bit rate that varies by 10 %", encoder: { vbr: 0.1 }, atMost: 12 },
    { name: "that and a network that stalls", encoder: { vbr: 0.1, secondsBetweenStalls: 20 }, atMost: 12 },
  ];
  for (const { name, encoder, atMost } of rows)
    test(`${name} gives at most ${atMost} changes of the bit rate, and no other event`, () => {
      for (const seed of seeds) {
        const { kinds } = new Simulation().run(hour, { ...encoder, seed });
        expect(kinds.filter((kind) => kind === "bitrateChanged").length).toBeLessThanOrEqual(atMost);
        expect(kinds.filter((kind) => kind !== "bitrateChanged")).toEqual([]);
      }
    });

  test("a shared screen, with a frame when something moves, gives no event of its frame rate", () => {
    for (const seed of seeds) {
      // Between 3 and 30 frames a second, another rate every 5 seconds.
      const isDropped = (index: number): boolean => {
        const rate = (Math.floor(index / 150) * 7919 + seed) % 10;
        return index % (rate + 1) !== 0 || (index * 2654435761) % 97 < 40;
      };
      const { kinds } = new Simulation().run(hour, { seed, at: () => ({ isDropped }) });
      expect(kinds.filter((kind) => kind.startsWith("framerate"))).toEqual([]);
    }
  });
});

describe("a bit rate that", () => {
  const rows = [
    { name: "falls by half", factor: 0.5, withinSeconds: 4 },
    { name: "falls by 30 %", factor: 0.7, withinSeconds: 7 },
    { name: "rises by 40 %", factor: 1.4, withinSeconds: 6 },
  ];
  for (const { name, factor, withinSeconds } of rows)
    test(`${name} is told once, after at most ${withinSeconds} seconds`, () => {
      expect(Math.max(...latenciesOf(factor))).toBeLessThanOrEqual(withinSeconds);
    });

  test("changes is told with its level before, its window and its flow", () => {
    const { events } = new Simulation().run(150, { noise: 0, at: (s) => ({ bitrate: s >= 100 ? 0.5 : 1 }) });
    const { event } = events[0]!;
    if (event.kind !== "bitrateChanged") throw new Error(`${event.kind} came first`);
    expect(event).toMatchObject({ path: "live/a", flow: "video", windowMs: 6_000 });
    expect(Math.abs(event.previousBitrate / 2e6 - 1)).toBeLessThan(0.03);
    expect(event.bitrate / event.previousBitrate).toBeLessThan(0.7);
  });

  test("changes with key frames 10 seconds apart is told over a window of 15 seconds", () => {
    const { events } = new Simulation().run(200, {
      gopSeconds: 10,
      at: (s) => ({ bitrate: s >= 100 ? 0.5 : 1 }),
    });
    const found = events.flatMap(({ event }) => (event.kind === "bitrateChanged" ? [event.windowMs] : []));
    expect(found).toEqual([15_000]);
  });
});

/** Nothing is sent from the 100th second on for so long. */
const pause = (seconds: number): Encoder => ({ at: (s) => ({ isSilent: s >= 100 && s < 100 + seconds }) });

describe("a stall", () => {
  test("of 30 seconds is an alert after 5 seconds of it, cleared 10 good seconds later, and no change", () => {
    const { events, kinds } = new Simulation().run(200, pause(30));
    expect(kinds).toEqual([
      "stall raised critical",
      "timestamp_gap raised critical",
      "stall cleared info",
      "timestamp_gap cleared info",
    ]);
    const [raised, , cleared] = events;
    expect(raised?.seconds).toBe(106);
    expect(raised?.event).toMatchObject({ flow: "video", threshold: 2_000, durationMs: 5_000 });
    expect(cleared?.seconds).toBe(140);
  });

  test("of up to 4 seconds is none, and its burst is no change either", () => {
    for (const seed of seeds) {
      const stalls = [
        { at: 60, seconds: 2.1 },
        { at: 100.3, seconds: 4 },
        { at: 130.6, seconds: 3 },
      ];
      expect(new Simulation().run(200, { stalls, seed }).kinds).toEqual([]);
    }
  });

  test("does not hide that the bit rate is another after it", () => {
    const { kinds } = new Simulation().run(200, {
      at: (s) => ({ isSilent: s >= 100 && s < 103, bitrate: s >= 103 ? 0.6 : 1 }),
    });
    expect(kinds).toContain("bitrateChanged");
  });
});

describe("a frame rate", () => {
  test("that falls by a fifth is told once and is an alert, which is cleared when it is back", () => {
    const { events } = new Simulation().run(300, {
      at: (s) => ({ isDropped: (index) => s >= 100 && s < 150 && index % 5 === 1 }),
    });
    const found = events.flatMap(({ event, seconds }) => {
      if (event.kind === "framerateChanged")
        return [`${seconds} from ${Math.round(event.previousFramerate)}`];
      return event.kind === "qualityAlert"
        ? [`${seconds} ${event.metric} ${event.state} at ${event.threshold}`]
        : [];
    });
    expect(found).toEqual(["105 from 30", "107 framerate raised at 10", "176 framerate cleared at 10"]);
  });

  test("that falls by 5 % is none of our business", () => {
    const { kinds } = new Simulation().run(300, {
      at: (s) => ({ isDropped: (index) => s >= 100 && index % 20 === 1 }),
    });
    expect(kinds).toEqual([]);
  });
});

test("a bit rate that falls by 60 % and comes back a minute later is an alert for as long", () => {
  const { events } = new Simulation().run(300, { at: (s) => ({ bitrate: s >= 100 && s < 160 ? 0.4 : 1 }) });
  const found = events.flatMap(({ event, seconds }) =>
    event.kind === "qualityAlert" ? [`${seconds} ${event.metric} ${event.state} ${event.severity}`] : [],
  );
  expect(found).toEqual(["108 bitrate raised warning", "173 bitrate cleared info"]);
});

test("key frames 20 seconds apart are an alert, as soon as one is overdue", () => {
  const { events } = new Simulation().run(100, { gopSeconds: 20 });
  const alert = events.find(({ event }) => event.kind === "qualityAlert")!;
  expect(alert.event).toMatchObject({ metric: "keyframe_interval", state: "raised", threshold: 12_000 });
  expect(alert.seconds).toBeLessThanOrEqual(17);
});

test("media that leaves 20 seconds out has a gap, not a key frame that is overdue", () => {
  const { kinds } = new Simulation().run(200, {
    gopSeconds: 10,
    at: (s) => ({ isSilent: s >= 101 && s < 121 }),
  });
  expect(kinds.filter((kind) => kind.startsWith("keyframe") || kind.startsWith("framerate"))).toEqual([]);
  expect(kinds).toContain("timestamp_gap raised critical");
});

test("audio that ends while the video goes on has stalled, it does not run behind", () => {
  const simulation = new Simulation();
  for (let ms = 0; ms < 60_000; ms += 20) {
    simulation.clock.advance(20);
    const frame = {
      size: 100,
      trackId: 0,
      timestamp: ms,
      role: ms % 2_000 === 0 ? ("key" as const) : ("frame" as const),
    };
    simulation.meters.video.add(frame, simulation.clock.now());
    if (ms < 30_000) simulation.meters.audio.add(frame, simulation.clock.now());
  }
  expect(simulation.kinds).toEqual(["stall raised critical"]);
  expect(simulation.events[0]?.event).toMatchObject({ flow: "audio" });
});

test("the size of a picture that was known before other settings came is still known", () => {
  const simulation = new Simulation();
  const show = (width: number, isChange: boolean): void => {
    const track = { kind: "video", codec: "H264", width, height: 360 } as const;
    simulation.tracks[0] = track;
    simulation.hub.emit({ kind: "trackDetected", path: simulation.path, track, isChange });
  };
  show(640, false);
  simulation.monitor.apply(settings);
  simulation.clock.advance(5_000);
  show(320, true);
  simulation.clock.advance(5_000);
  expect(simulation.kinds.filter((kind) => kind !== "trackDetected")).toEqual(["resolutionChanged"]);
});

test("audio that runs two seconds behind the video is an alert of both flows together", () => {
  const simulation = new Simulation();
  for (let ms = 0; ms < 20_000; ms += 20) {
    simulation.clock.advance(20);
    const frame = { size: 100, trackId: 0, role: "frame" as const };
    simulation.meters.video.add({ ...frame, timestamp: ms + 2_000 }, simulation.clock.now());
    simulation.meters.audio.add({ ...frame, timestamp: ms }, simulation.clock.now());
  }
  const alert = simulation.events.map(({ event }) => event).find((event) => event.kind === "qualityAlert");
  expect(alert).toMatchObject({ metric: "av_skew", flow: undefined, value: 2_000, severity: "critical" });
});

describe("the monitor of real streams", () => {
  const watched = () => {
    const house = new House({ overridePublisher: true });
    const { registry, hub: events, clock } = house;
    const monitor = new QualityMonitor({ settings, registry, events, clock });
    monitor.start();
    const kinds = (): string[] =>
      house.events.splice(0).flatMap((event) => (/Changed|Alert/.test(event.kind) ? [event.kind] : []));
    return { house, monitor, kinds };
  };
  const show = (house: House, [width, height]: readonly [number, number], isChange: boolean): void =>
    house.hub.emit({
      kind: "trackDetected",
      path: house.path,
      track: { kind: "video", codec: "H264", width, height },
      isChange,
    });

  test("tells a picture of another size, and starts afresh with the next publish", () => {
    const { house, kinds } = watched();
    send(house.publish(), ...opening());
    show(house, [640, 360], false);
    show(house, [320, 180], true);
    house.clock.advance(3_000);
    expect(kinds()).toEqual(["resolutionChanged"]);
    send(house.publish(), ...opening());
    show(house, [640, 360], false);
    house.clock.advance(4_000);
    expect(kinds()).toEqual([]);
  });

  test("raises an alert for a publisher that says nothing, and none for one that has left", () => {
    const { house, kinds } = watched();
    const publication = house.publish();
    send(publication, ...opening());
    house.clock.advance(10_000);
    expect(kinds()).toEqual(["qualityAlert", "qualityAlert"]);
    const other = watched();
    const leaver = other.house.publish();
    send(leaver, ...opening());
    leaver.end("client_stop");
    other.house.clock.advance(10_000);
    expect(other.kinds()).toEqual([]);
  });

  test("does nothing any more once it is stopped", () => {
    const { house, monitor, kinds } = watched();
    send(house.publish(), ...opening());
    monitor.stop();
    expect(house.clock.timers).toBe(0);
    house.clock.advance(20_000);
    expect(kinds()).toEqual([]);
  });

  test("follows other settings from the moment they are applied", () => {
    const { house, monitor, kinds } = watched();
    send(house.publish(), ...opening());
    show(house, [640, 360], false);
    monitor.apply({ ...settings, resolutionChange: false });
    show(house, [320, 180], true);
    house.clock.advance(3_000);
    expect(kinds()).toEqual([]);
  });
});
