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

  test("that is refused is not in the error", () => {
    for (const url of ["rtsp://secret@h/a", "rtmp://u:secret@/a", "rtmp://u:secret@h/a b", "x://u:secret@h/"])
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
