import { describe, expect, test } from "bun:test";
import { parseControlUrl, resolveControl, trackControl } from "../../src/rtsp/control-url.ts";

describe("the URL of a request", () => {
  const rows = [
    { url: "rtsp://host:8554/live/test", seen: { path: "live/test", query: "", track: undefined } },
    { url: "rtsp://host/live/test/", seen: { path: "live/test", query: "", track: undefined } },
    { url: "rtsps://[::1]:8322/live/test/trackID=1", seen: { path: "live/test", query: "", track: 1 } },
    { url: "rtsp://host/live/a?token=x/trackID=0", seen: { path: "live/a", query: "token=x", track: 0 } },
    { url: "rtsp://host/live/a/trackID=2?token=x", seen: { path: "live/a", query: "token=x", track: 2 } },
    { url: "rtsp://host/live/a/?token=x", seen: { path: "live/a", query: "token=x", track: undefined } },
    { url: "rtsp://host?a=b", seen: { path: "", query: "a=b", track: undefined } },
    { url: "/live/a%20b", seen: { path: "live/a b", query: "", track: undefined } },
    { url: "/live/%zz", seen: { path: "live/%zz", query: "", track: undefined } },
    { url: "*", seen: { path: "", query: "", track: undefined } },
    { url: "rtsp://host/trackID=0", seen: { path: "", query: "", track: 0 } },
    { url: "rtsp://host/live/trackID=x", seen: { path: "live/trackID=x", query: "", track: undefined } },
  ];
  for (const { url, seen } of rows) test(url, () => expect(parseControlUrl(url)).toEqual(seen));
});

describe("the URL of a publisher's request", () => {
  const controls = [undefined, "streamid=0", "/streamid=1", "rtsp://host/live/a/audio", "*"];
  const rows = [
    { url: "rtsp://host/live/a/streamid=0", seen: { path: "live/a", query: "", track: 1 } },
    { url: "rtsp://host/live/a?x=y/streamid=1/", seen: { path: "live/a", query: "x=y", track: 2 } },
    { url: "rtsp://host/live/a/streamid=1?x=y", seen: { path: "live/a", query: "x=y", track: 2 } },
    { url: "rtsp://host/live/a/audio", seen: { path: "live/a", query: "", track: 3 } },
    {
      url: "rtsp://host/live/a/streamid=10",
      seen: { path: "live/a/streamid=10", query: "", track: undefined },
    },
    { url: "rtsp://host/live/a/trackID=2", seen: { path: "live/a", query: "", track: 2 } },
    { url: "rtsp://host/live/a", seen: { path: "live/a", query: "", track: undefined } },
  ];
  for (const { url, seen } of rows) test(url, () => expect(parseControlUrl(url, controls)).toEqual(seen));
});

test("the URL of a track is found from its control, as clients do it", () => {
  expect(trackControl(3)).toBe("trackID=3");
  const base = "rtsp://h/a?x=y";
  expect(resolveControl(base, undefined)).toBe(base);
  expect(resolveControl(base, "*")).toBe(base);
  expect(resolveControl(base, "trackID=0")).toBe("rtsp://h/a?x=y/trackID=0");
  expect(resolveControl("rtsp://h/a/", "/track1")).toBe("rtsp://h/a/track1");
  expect(resolveControl("rtsp://h/a/", "rtsp://other/t")).toBe("rtsp://other/t");
  expect(resolveControl("rtsp://h/a", "?ctype=video")).toBe("rtsp://h/a?ctype=video");
});
