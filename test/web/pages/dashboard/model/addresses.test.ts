import { expect, test } from "bun:test";
import {
  firstStepsUrl,
  isEmbeddable,
  pathOf,
  playbackOrigin,
  playerUrl,
  publishUrl,
} from "../../../../../src/web/pages/dashboard/model/addresses.ts";
import type { Ports } from "../../../../../src/web/pages/dashboard/model/objects.ts";

const off: Ports = { rtmp: null, rtmps: null, rtsp: null, rtsps: null, hls: null, playback: null };

test("a stream's name stays one in a URL, whatever is in it", () => {
  expect(pathOf("live/a b")).toBe("live/a%20b");
  const name = `live/<script>"'?#%00/x`;
  const url = new URL(playerUrl("media.example", { ...off, hls: { scheme: "http", port: 8888 } }, name)!);
  expect([url.search, url.hash]).toEqual(["", ""]);
  expect(url.pathname).toStartWith("/live/%3Cscript%3E%22");
});

test("addresses are those of the host that the page came from, without ports that go without saying", () => {
  const ports: Ports = {
    ...off,
    rtmp: 1935,
    hls: { scheme: "https", port: 443 },
    playback: { scheme: "http", port: 9996 },
  };
  expect(publishUrl("media.example", ports, "live")).toBe("rtmp://media.example/live");
  expect(publishUrl("[::1]", { ...off, rtmp: 1940 }, "live")).toBe("rtmp://[::1]:1940/live");
  expect(publishUrl("media.example", { ...off, rtmps: 1936 }, "live")).toBe(
    "rtmps://media.example:1936/live",
  );
  expect(playerUrl("media.example", ports, "live/a")).toBe("https://media.example/live/a/");
  expect(firstStepsUrl("media.example", ports)).toBe("https://media.example/");
  expect(playbackOrigin("media.example", ports)).toBe("http://media.example:9996");
});

test("a page that came by HTTPS holds nothing that comes by HTTP", () => {
  const [plain, safe] = [
    { scheme: "http", port: 1 },
    { scheme: "https", port: 1 },
  ] as const;
  expect([
    isEmbeddable("http:", plain),
    isEmbeddable("http:", safe),
    isEmbeddable("https:", plain),
    isEmbeddable("https:", safe),
    isEmbeddable("http:", null),
  ]).toEqual([true, true, false, true, false]);
});

test("what is off has no address", () => {
  expect([
    publishUrl("h", off, "live"),
    playerUrl("h", off, "a"),
    firstStepsUrl("h", off),
    playbackOrigin("h", off),
  ]).toEqual([undefined, undefined, undefined, undefined]);
});
