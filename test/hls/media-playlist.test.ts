import { describe, expect, test } from "bun:test";
import type { Listing, WholeSegment } from "../../src/hls/listing.ts";
import { addressEnd, mediaPlaylist } from "../../src/hls/media-playlist.ts";
import { faultsOf } from "./playlist-rules.ts";

const start = Date.UTC(2026, 0, 1);

const segment = (number: number, changes: Partial<WholeSegment> = {}): WholeSegment => ({
  name: `x_seg${number}.mp4`,
  durationMs: 2_000,
  dateMs: start + number * 2_000,
  isDiscontinuous: false,
  init: "x_init0.mp4",
  parts: [0, 1].map((part) => ({
    name: `x_part${number * 2 + part}.mp4`,
    durationMs: 1_000,
    isIndependent: part === 0,
  })),
  ...changes,
});

const listing: Listing = {
  version: 6,
  targetMs: 2_000,
  partTargetMs: 1_021,
  mediaSequence: 3,
  discontinuitySequence: 1,
  segments: [segment(3), segment(4), segment(5, { isDiscontinuous: true, init: "x_init1.mp4" })],
  open: {
    dateMs: start + 12_000,
    isDiscontinuous: false,
    init: "x_init1.mp4",
    parts: [{ name: "x_part12.mp4", durationMs: 1_000, isIndependent: true }],
  },
  nextPart: "x_part13.mp4",
  isEnded: false,
};

const textOf = (changes: Partial<Listing> = {}, isDelta = false): string =>
  mediaPlaylist({ ...listing, ...changes }, { isDelta });

const plain = (text: string): string => text.replaceAll(addressEnd, "");

describe("a media playlist", () => {
  test("with parts", () => {
    expect(plain(textOf())).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3.063,HOLD-BACK=6.000,CAN-SKIP-UNTIL=12.000
#EXT-X-PART-INF:PART-TARGET=1.021
#EXT-X-MEDIA-SEQUENCE:3
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-MAP:URI="x_init0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:06.000Z
#EXTINF:2.000,
x_seg3.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:08.000Z
#EXT-X-PART:DURATION=1.000,URI="x_part8.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.000,URI="x_part9.mp4"
#EXTINF:2.000,
x_seg4.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="x_init1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:10.000Z
#EXT-X-PART:DURATION=1.000,URI="x_part10.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.000,URI="x_part11.mp4"
#EXTINF:2.000,
x_seg5.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:12.000Z
#EXT-X-PART:DURATION=1.000,URI="x_part12.mp4",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="x_part13.mp4"
`);
    expect(faultsOf(plain(textOf()))).toEqual([]);
  });

  test("without parts, of a stream that is over", () => {
    const text = textOf({
      version: 3,
      partTargetMs: undefined,
      open: undefined,
      nextPart: undefined,
      segments: [segment(3, { init: undefined, parts: [], name: "x_seg3.ts" })],
      discontinuitySequence: 0,
      isEnded: true,
    });
    expect(plain(text)).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:3
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:06.000Z
#EXTINF:2.000,
x_seg3.ts
#EXT-X-ENDLIST
`);
  });

  test("leaves out what lies behind the boundary, and what is left begins as if it had been read before", () => {
    const segments = Array.from({ length: 10 }, (_, index) => segment(index + 3));
    const text = plain(textOf({ segments }, true));
    // One second is under way: six segments of two make thirteen, and the seventh from the end ends twelve and more before it.
    expect(text).toContain("#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n");
    expect(text).not.toContain('EXT-X-MAP:URI="x_init0.mp4"');
    expect(text).toContain("x_seg7.mp4");
    expect(text).not.toContain("x_seg6.mp4");
    expect(plain(textOf({}, true))).toBe(plain(textOf()));
  });

  test("has a mark behind each address, and nowhere else", () => {
    const addresses = plain(textOf()).match(/x_\w+\.mp4/g) ?? [];
    for (const address of addresses) expect(textOf()).toContain(address + addressEnd);
    expect(textOf().split(addressEnd).length - 1).toBe(addresses.length);
  });

  test("lists a part that a pause made long with what was promised", () => {
    const parts = [{ name: "x_part12.mp4", durationMs: 5_000, isIndependent: true }];
    const text = textOf({ open: { ...listing.open!, parts } });
    expect(text).toContain("#EXT-X-PART:DURATION=1.021,");
  });
});
