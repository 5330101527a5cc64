import { expect, test } from "bun:test";
import { banner, firstSteps, firstStepsPage } from "../../src/cli/banner.ts";

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

test("people are told of the page for browsers, where there is one", () => {
  const steps = firstSteps({ host: "192.0.2.7", port: 1935 });
  const page = firstStepsPage({ host: "192.0.2.7", port: 8888 }, "http");
  expect(banner(steps, page)).toContain("In a browser         http://192.0.2.7:8888/\n");
  expect(banner(steps, undefined)).not.toContain("browser");
});
