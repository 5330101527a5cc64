import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../../src/base/log.ts";
import { parseStreamPath } from "../../../src/base/stream-path.ts";
import { LiveFeed } from "../../../src/http/live/live-feed.ts";
import { RecentAlerts } from "../../../src/http/live/recent-alerts.ts";
import { House, opening, send, Viewer } from "../../stream/house.ts";

/** A feed over a registry, with everything a test moves. */
class Station {
  readonly house = new House();
  readonly alerts = new RecentAlerts(this.house.clock);
  readonly recording = new Set<string>();
  looks = 0;
  readonly feed = new LiveFeed({
    streams: () => {
      this.looks++;
      return this.house.registry.streams;
    },
    ratesOf: ({ meters }) => ({ bytesPerSecond: meters.video.bytes, framesPerSecond: meters.video.frames }),
    isRecording: (path) => this.recording.has(path),
    load: () => ({ connections: 3, cpuPercent: 1.5, memoryBytes: 1_000 }),
    alertsAfter: (number) => this.alerts.after(number),
    clock: this.house.clock,
    log: silentLogger,
  });

  watch(): Watch {
    return new Watch(this.feed.open());
  }

  /** Lets a second pass, and the look that it brings. */
  async second(): Promise<void> {
    this.house.clock.advance(1_000);
    await settle();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Somebody who reads a feed. */
class Watch {
  readonly #messages: AsyncIterator<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#messages = (stream as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  /** The text of the next event; undefined at the end. */
  async text(): Promise<string | undefined> {
    const { value } = await this.#messages.next();
    return value && new TextDecoder().decode(value);
  }

  async message(): Promise<Record<string, unknown>> {
    const [, json] = /^data: (\{.*\})\n\n$/.exec((await this.text()) ?? "") ?? [];
    return JSON.parse(json!);
  }

  async leave(): Promise<void> {
    await this.#messages.return?.();
  }
}

const streamA = {
  id: 1,
  name: "live/a",
  confName: "all_others",
  isReady: true,
  isRecording: false,
  source: { type: "rtmpConn", id: "6f1b2c3d-0000-4000-8000-000000000001", remote: "127.0.0.1:1" },
  readers: {},
};

describe("the live feed", () => {
  test("tells everything first, and then what has changed", async () => {
    const station = new Station();
    const publication = station.house.publish();
    send(publication, ...opening());
    const watch = station.watch();
    const first = await watch.message();
    expect(first).toMatchObject({
      isWhole: true,
      streams: [streamA],
      gone: [],
      alerts: [],
      rates: [[1, expect.any(Number), expect.any(Number), 0]],
      load: { connections: 3, cpuPercent: 1.5, memoryBytes: 1_000 },
    });
    await station.second();
    expect(await watch.message()).toMatchObject({
      isWhole: false,
      streams: [],
      gone: [],
      rates: [[1, 0, 0, 0].map(() => expect.any(Number))],
    });
    station.recording.add("live/a");
    station.house.registry.subscribe(station.house.path, new Viewer());
    station.house.publish(parseStreamPath("live/b"));
    await station.second();
    const third = await watch.message();
    expect(third).toMatchObject({
      streams: [
        { ...streamA, isRecording: true, readers: { rtmpConn: 1 } },
        { id: 2, name: "live/b", isReady: false, tracks: [] },
      ],
    });
    await watch.leave();
  });

  test("tells which streams are gone", async () => {
    const station = new Station();
    const publication = station.house.publish();
    const watch = station.watch();
    await watch.message();
    publication.end("client_stop");
    await station.second();
    expect(await watch.message()).toMatchObject({ streams: [], gone: [1], rates: [] });
    await watch.leave();
  });

  test("tells everything to whoever comes back while it still looks at many streams", async () => {
    const station = new Station();
    for (let i = 0; i < 600; i++) station.house.publish(parseStreamPath(`live/${i}`));
    await station.watch().leave();
    const watch = station.watch();
    expect(await watch.message()).toMatchObject({
      isWhole: true,
      streams: { length: 600 },
      rates: { length: 600 },
    });
    await watch.leave();
  });

  test("forgets what it has seen when nobody watches", async () => {
    const station = new Station();
    station.house.publish();
    const watch = station.watch();
    expect(await watch.message()).toMatchObject({ streams: [{ id: 1 }] });
    await watch.leave();
    expect(await station.watch().message()).toMatchObject({ streams: [{ id: 2 }] });
  });

  test("tells how much goes out in a second", async () => {
    const station = new Station();
    const publication = station.house.publish();
    send(publication, ...opening());
    station.house.registry.subscribe(station.house.path, new Viewer());
    const watch = station.watch();
    await watch.message();
    send(publication, { time: 100, size: 1_000 });
    await station.second();
    expect((await watch.message()).rates).toEqual([[1, expect.any(Number), expect.any(Number), 8_000]]);
    await watch.leave();
  });

  test("tells alerts once, and those that are kept to whoever comes", async () => {
    const station = new Station();
    const line = {
      level: "warn",
      message: "play refused",
      fields: { stream_key: "live/a", code: "X" },
    } as const;
    station.alerts.note({ kind: "requestRefused", line });
    const watch = station.watch();
    const alert = {
      number: 1,
      level: "warn",
      kind: "requestRefused",
      path: "live/a",
      message: "play refused",
    };
    expect(await watch.message()).toMatchObject({ alerts: [{ ...alert, details: { code: "X" } }] });
    await station.second();
    expect(await watch.message()).toMatchObject({ alerts: [] });
    station.alerts.note({ kind: "requestRefused", line });
    await station.second();
    expect(await watch.message()).toMatchObject({ alerts: [{ ...alert, number: 2 }] });
    await watch.leave();
  });

  test("looks once a second for all who watch, and not at all for nobody", async () => {
    const station = new Station();
    await station.second();
    expect([station.looks, station.house.clock.timers]).toEqual([0, 0]);
    const watches = [station.watch(), station.watch(), station.watch()];
    for (const watch of watches) await watch.message();
    expect(station.looks).toBe(1);
    await station.second();
    const texts = await Promise.all(watches.map((watch) => watch.text()));
    expect(new Set(texts).size).toBe(1);
    expect(station.looks).toBe(2);
    for (const watch of watches) await watch.leave();
    await station.second();
    expect([station.looks, station.house.clock.timers]).toEqual([2, 0]);
  });

  test("begins anew with everything when somebody comes back", async () => {
    const station = new Station();
    station.house.publish();
    const first = station.watch();
    await first.message();
    await first.leave();
    await station.second();
    const second = station.watch();
    expect(await second.message()).toMatchObject({ isWhole: true, streams: [{ name: "live/a" }] });
    await second.leave();
  });

  test("tells everything anew to whoever does not keep up, and holds no more than a bound for it", async () => {
    const station = new Station();
    const slow = station.watch();
    const quick = station.watch();
    await slow.message();
    await quick.message();
    const long = "x".repeat(300_000);
    for (let round = 0; round < 5; round++) {
      const line = { level: "error", message: long, fields: {} } as const;
      station.alerts.note({ kind: "recordingFailed", line });
      await station.second();
      expect(await quick.message()).toMatchObject({ isWhole: false, alerts: [{ number: round + 1 }] });
    }
    const next = await slow.message();
    // What had been handed to the stream already comes first.
    const whole = next.isWhole ? next : await slow.message();
    expect(whole).toMatchObject({ isWhole: true, alerts: [1, 2, 3, 4, 5].map((number) => ({ number })) });
    await station.second();
    expect(await slow.message()).toMatchObject({ isWhole: false, alerts: [] });
    await Promise.all([slow.leave(), quick.leave()]);
  });

  test("ends when everybody is to prove anew that they may watch", async () => {
    const station = new Station();
    const watch = station.watch();
    await watch.message();
    station.feed.dismiss();
    expect(await watch.text()).toBeUndefined();
    expect(station.house.clock.timers).toBe(0);
  });

  test("takes only so many", async () => {
    const station = new Station();
    const watches = Array.from({ length: 64 }, () => station.watch());
    expect(station.feed.isFull).toBe(true);
    await watches[0]?.leave();
    expect(station.feed.isFull).toBe(false);
    station.feed.dismiss();
  });

  test("looks at thousands of streams without holding up anything for long", async () => {
    const station = new Station();
    for (let index = 0; index < 3_000; index++) station.house.publish(parseStreamPath(`live/${index}`));
    const watch = station.watch();
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    const { streams } = await watch.message();
    isOver = true;
    expect(streams).toHaveLength(3_000);
    expect(turns).toBeGreaterThan(3);
    await watch.leave();
  });
});
