import { expect, test } from "bun:test";
import { FlowWatch } from "../../src/stream/flow-watch.ts";

test("a flow starts with its first frame, stops after five seconds without one, and starts again with the gap", () => {
  const watch = new FlowWatch();
  expect(watch.stopped(0)).toEqual([]);
  expect(watch.note("video", 1_000)).toEqual({ flow: "video", isFlowing: true, gapMs: 0 });
  expect(watch.note("video", 1_033)).toBeUndefined();
  expect(watch.note("audio", 1_040)).toEqual({ flow: "audio", isFlowing: true, gapMs: 0 });
  expect(watch.stopped(6_032)).toEqual([]);
  expect(watch.stopped(6_033)).toEqual([{ flow: "video", isFlowing: false, gapMs: 5_000 }]);
  expect(watch.stopped(6_034)).toEqual([]);
  expect(watch.note("video", 8_033)).toEqual({ flow: "video", isFlowing: true, gapMs: 7_000 });
});

test("a flow of another publisher starts afresh", () => {
  const watch = new FlowWatch();
  watch.note("audio", 1_000);
  watch.clear();
  expect(watch.stopped(60_000)).toEqual([]);
  expect(watch.note("audio", 61_000)).toEqual({ flow: "audio", isFlowing: true, gapMs: 0 });
});
