import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { sourceKindOf } from "../../../src/config/server/source.ts";
import { readUrl } from "../../../src/config/server/url.ts";

describe("a URL", () => {
  test("is read in its parts, variables too", () => {
    expect(readUrl("rtmp://u:p@host:1935/a#k", ["rtmp"])).toEqual({
      scheme: "rtmp",
      user: "u:p",
      host: "host:1935",
    });
    expect(readUrl("rtsp://$G1/a", ["rtsp"])).toEqual({ scheme: "rtsp", user: undefined, host: "$G1" });
  });

  test("may have an @ in its path or query", () => {
    for (const url of [
      "rtmp://h/a/b@1",
      "rtmp://h:1935/a/b@1",
      "rtsp://[::1]:554/a@1",
      "rtsp://u:p@h:$G1/a?b@1",
    ])
      expect(readUrl(url, ["rtmp", "rtsp"]).host).toMatch(/^h|^\[::1\]/);
  });

  test("that is refused is not in the error", () => {
    const broken = [
      "rtmp://u:s/secret@h/x",
      "rtmp://u:s?secret@h/x",
      "rtmp://u:s#secret@h/x",
      "rtmp://u:123456/secret@h/x",
    ];
    const others = ["rtsp://secret@h/a", "rtmp://u:secret@/a", "rtmp://u:secret@h/a b", "x://u:secret@h/"];
    for (const url of [...broken, ...others])
      try {
        readUrl(url, ["rtsp", "rtmp"]);
        expect.unreachable(url);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        expect(String(error)).not.toContain("secret");
      }
  });
});

describe("a source", () => {
  const rows = {
    publisher: "publisher",
    redirect: "redirect",
    rpiCamera: "rpiCamera",
    "rtsps+ws://h/a": "rtsp",
    "rtmp://u:p@h:1935/live/a#key": "rtmp",
    "https://h/live.m3u8": "hls",
    "udp+mpegts://238.0.0.1:1234": "mpegts",
    "unix+mpegts:///run/a.sock": "mpegts",
    "udp+rtp://238.0.0.1:1234": "rtp",
    "srt://h:1?streamid=a": "srt",
    "wheps://h/a": "webrtc",
    "moqt://h/a": "moq",
    "rtsp://h/$G1?$MTX_QUERY": "rtsp",
  };
  for (const [source, kind] of Object.entries(rows)) {
    test(`${source} is ${kind}`, () => {
      expect(sourceKindOf(source) as string).toBe(kind);
    });
  }
});
