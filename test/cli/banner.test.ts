import { expect, test } from "bun:test";
import { firstSteps } from "../../src/cli/banner.ts";

test("the first steps name the port where clients would take another one", () => {
  const at = (port: number, scheme?: "rtmp" | "rtmps"): string =>
    firstSteps({ host: "192.0.2.7", port }, scheme).url;
  expect([at(1935), at(1936), at(1936, "rtmps"), at(443, "rtmps")]).toEqual([
    "rtmp://192.0.2.7/live/test",
    "rtmp://192.0.2.7:1936/live/test",
    "rtmps://192.0.2.7:1936/live/test",
    "rtmps://192.0.2.7/live/test",
  ]);
  expect(firstSteps({ host: "192.0.2.7", port: 1936 }, "rtmps")).toMatchObject({
    ...{ server: "rtmps://192.0.2.7:1936/live", streamKey: "test" },
  });
});
