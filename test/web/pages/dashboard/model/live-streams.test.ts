import { expect, test } from "bun:test";
import { keptSeconds, LiveStreams } from "../../../../../src/web/pages/dashboard/model/live-streams.ts";
import type { Alert, LiveMessage, LiveStream } from "../../../../../src/web/pages/dashboard/model/objects.ts";

const stream = (id: number, name: string, more: Partial<LiveStream> = {}): LiveStream => ({
  id,
  name,
  confName: "all_others",
  source: { type: "rtmpConn", id: "x", remote: "127.0.0.1:1" },
  since: 1,
  isReady: true,
  isRecording: false,
  tracks: [],
  readers: {},
  ...more,
});

const message = (more: Partial<LiveMessage>): LiveMessage => ({
  time: 5_000,
  isWhole: false,
  streams: [],
  gone: [],
  rates: [],
  alerts: [],
  load: { connections: 0, cpuPercent: 0, memoryBytes: 0 },
  ...more,
});

const alert = (number: number): Alert => ({
  number,
  time: "",
  level: "warn",
  kind: "",
  path: "",
  message: "",
  details: {},
});

const namesOf = ({ streams }: LiveStreams): string[] => streams.map(({ name }) => name);

test("streams come, change and go, and stand in the order of their names", () => {
  const live = new LiveStreams();
  live.apply(message({ isWhole: true, streams: [stream(2, "b"), stream(1, "a")] }), 0);
  expect(namesOf(live)).toEqual(["a", "b"]);
  live.apply(message({ streams: [stream(1, "a", { isRecording: true }), stream(3, "c")], gone: [2] }), 0);
  expect(namesOf(live)).toEqual(["a", "c"]);
  expect([live.find("a")?.isRecording, live.find("b")]).toEqual([true, undefined]);
});

test("rates are kept for a while, and summed", () => {
  const live = new LiveStreams();
  live.apply(message({ isWhole: true, streams: [stream(1, "a"), stream(2, "b")] }), 0);
  for (let second = 1; second <= keptSeconds + 5; second++)
    live.apply(
      message({
        rates: [
          [1, second, 25, 2],
          [2, 1_000, 30, 3],
          [9, 1, 1, 1],
        ],
      }),
      0,
    );
  const { bitsIn, pictures, bitsOut, history } = live.find("a")!;
  expect([bitsIn, pictures, bitsOut]).toEqual([keptSeconds + 5, 25, 2]);
  expect([history.bitsIn.length, history.bitsIn[0], history.bitsIn.at(-1)]).toEqual([
    keptSeconds,
    6,
    keptSeconds + 5,
  ]);
  expect([live.total.bitsIn.at(-1), live.total.bitsOut.at(-1)]).toEqual([keptSeconds + 1_005, 5]);
});

test("a stream that nobody publishes any more brings nothing", () => {
  const live = new LiveStreams();
  live.apply(message({ isWhole: true, streams: [stream(1, "a")], rates: [[1, 1_000, 25, 5]] }), 0);
  live.apply(message({ streams: [stream(1, "a", { source: null })] }), 0);
  expect(live.find("a")).toMatchObject({ bitsIn: 0, pictures: 0, bitsOut: 0 });
});

test("a message that tells everything takes the place of all, but what went before stays to be seen", () => {
  const live = new LiveStreams();
  live.apply(
    message({ isWhole: true, streams: [stream(1, "a"), stream(2, "b")], rates: [[1, 100, 25, 5]] }),
    0,
  );
  live.apply(message({ isWhole: true, streams: [stream(7, "a")], rates: [[7, 200, 25, 5]] }), 0);
  expect(namesOf(live)).toEqual(["a"]);
  expect(live.find("a")?.history.bitsIn).toEqual([100, 200]);
});

test("after a gap what went before is forgotten, for it would show what was not", () => {
  const live = new LiveStreams();
  live.apply(message({ isWhole: true, streams: [stream(1, "a")], rates: [[1, 100, 25, 5]] }), 0);
  live.apply(message({ isWhole: true, streams: [stream(1, "a")], rates: [[1, 200, 25, 5]] }), 60_000);
  expect([live.find("a")?.history.bitsIn, live.total.bitsIn]).toEqual([[200], [200]]);
});

test("alerts stand the newest first, each once; a server that started anew counts anew", () => {
  const live = new LiveStreams();
  const numbers = (): number[] => live.alerts.map(({ number }) => number);
  live.apply(message({ isWhole: true, alerts: [alert(1), alert(2)] }), 0);
  live.apply(message({ alerts: [alert(2), alert(3)] }), 0);
  expect(numbers()).toEqual([3, 2, 1]);
  live.apply(message({ isWhole: true, alerts: [alert(1)] }), 0);
  expect(numbers()).toEqual([1]);
});

test("durations go by the server's clock", () => {
  const live = new LiveStreams();
  live.apply(message({ isWhole: true, time: 5_000 }), 2_000);
  expect(live.serverTime(4_000)).toBe(7_000);
});
