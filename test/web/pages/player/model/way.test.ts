import { describe, expect, test } from "bun:test";
import type { StreamState, TrackState } from "../../../../../src/web/pages/player/model/stream-state.ts";
import { type Abilities, unplayable, wayIn, waysFor } from "../../../../../src/web/pages/player/model/way.ts";

const track = (kind: "video" | "audio", codec: string, codecString: string | null = null): TrackState => ({
  ...{ kind, codec, codecString, width: null, height: null },
});

const usual = [track("video", "H264", "avc1.64001f"), track("audio", "AAC", "mp4a.40.2")];

const state = (more: Partial<StreamState> = {}): StreamState => ({
  ...{ path: "live/a", isLive: true, isOnDemand: false, tracks: usual },
  ...more,
});

const desktop: Abilities = {
  plays: (type) => !/hvc1|ac-3/.test(type),
  hasSources: true,
  hasNativeHls: false,
  needsHeader: false,
};

/** It has no media source extensions. */
const oldPhone: Abilities = { ...desktop, hasSources: false, hasNativeHls: true };

describe("ways to play a stream", () => {
  for (const { name, stream, can, ways } of [
    { name: "a usual one", stream: state(), can: desktop, ways: ["ws-flv", "http-flv", "hls"] },
    {
      name: "what has to carry a header",
      stream: state(),
      can: { ...desktop, needsHeader: true },
      ways: ["http-flv", "hls"],
    },
    { name: "a phone that plays HLS alone", stream: state(), can: oldPhone, ways: ["native-hls"] },
    {
      name: "a codec that mpegts.js does not read",
      stream: state({ tracks: [track("video", "VP9")] }),
      can: desktop,
      ways: ["hls"],
    },
    {
      name: "a codec without decoder",
      stream: state({ tracks: [track("video", "H265")] }),
      can: desktop,
      ways: [],
    },
    {
      name: "a stream that has not begun",
      stream: state({ tracks: [], isLive: false }),
      can: desktop,
      ways: ["ws-flv", "http-flv", "hls"],
    },
  ])
    test(name, () => {
      expect(waysFor(stream, can) as readonly string[]).toEqual(ways);
    });

  test("tracks that a browser cannot play are named", () => {
    const tracks = [...usual, track("audio", "AC-3"), track("video", "VP6")];
    expect(unplayable(tracks, desktop).map(({ codec }) => codec)).toEqual(["AC-3", "VP6"]);
  });

  test("an address may ask for one", () => {
    expect([wayIn("#hls"), wayIn("#http-flv"), wayIn(""), wayIn("#<b>")]).toEqual([
      "hls",
      "http-flv",
      undefined,
      undefined,
    ]);
  });
});
