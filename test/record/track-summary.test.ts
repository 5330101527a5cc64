import { describe, expect, test } from "bun:test";
import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { type AmfValue, amfEcmaArray } from "../../src/amf/value.ts";
import { share } from "../../src/base/bytes.ts";
import { readMetadata } from "../../src/flv/metadata.ts";
import { summariseTracks } from "../../src/record/track-summary.ts";

const claim = (fields: { [key: string]: AmfValue }) =>
  readMetadata(share(encodeAmf0All(["onMetaData", amfEcmaArray(fields)])));

const everything = claim({
  width: 1,
  height: 2,
  framerate: 3,
  audiosamplerate: 4,
  audiosamplesize: 8,
  audiochannels: 6,
});

describe("what a recording says of its tracks", () => {
  test("what tracks show of themselves counts more than what the publisher claims", () => {
    const tracks = [
      { kind: "audio", codec: "AAC", sampleRate: 48_000, channels: 2 },
      { kind: "video", codec: "H264", width: 1_920, height: 1_080, frameRate: 30 },
      { kind: "video", codec: "H264", width: 640, height: 360 },
    ] as const;
    expect(summariseTracks(tracks, everything)).toEqual({
      ...{ width: 1_920, height: 1_080, frameRate: 30 },
      ...{ audioSampleRate: 48_000, audioSampleSize: 8, audioChannels: 2 },
    });
  });

  test("the publisher's word fills gaps, unless it is no number to be used", () => {
    const video = { kind: "video", codec: "VP6" } as const;
    const facts = summariseTracks([video], everything);
    expect(facts).toMatchObject({ width: 1, height: 2, frameRate: 3 });
    const nonsense = claim({ width: -1, height: Number.NaN, framerate: "30" });
    expect(summariseTracks([video], nonsense)).toMatchObject({
      width: undefined,
      height: undefined,
      frameRate: undefined,
    });
  });

  test("of a track that is not there nothing is said", () => {
    const facts = summariseTracks([{ kind: "audio", codec: "Opus" }], everything);
    expect(facts).toEqual({
      ...{ width: undefined, height: undefined, frameRate: undefined },
      ...{ audioSampleRate: 4, audioSampleSize: 8, audioChannels: 6 },
    });
    expect(Object.values(summariseTracks([], everything)).filter((value) => value !== undefined)).toEqual([]);
  });
});
