import { expect, test } from "bun:test";
import {
  agoText,
  bitrateText,
  bytesText,
  countText,
  durationText,
  frameRateText,
} from "../../../../../src/web/pages/dashboard/model/units.ts";

const rows: readonly [text: string, expected: string][] = [
  [bitrateText(0), "0 b/s"],
  [bitrateText(999), "999 b/s"],
  [bitrateText(4_520_000), "4.52 Mb/s"],
  [bitrateText(45_200_000), "45.2 Mb/s"],
  [bitrateText(452_000_000), "452 Mb/s"],
  [bitrateText(4.52e12), "4520 Gb/s"],
  [bytesText(1_024), "1.00 KiB"],
  [bytesText(1_300_000_000), "1.21 GiB"],
  [frameRateText(25.1), "25"],
  [frameRateText(29.5), "29.5"],
  [durationText(-5), "0:00"],
  [durationText(65_000), "1:05"],
  [durationText(3_725_000), "1:02:05"],
  [durationText(2 * 86_400_000 + 3_660_000), "2 d 01:01"],
  [agoText(400), "now"],
  [agoText(59_000), "59 s ago"],
  [agoText(3_000_000), "50 min ago"],
  [agoText(7_300_000), "2 h ago"],
  [agoText(200_000_000), "2 d ago"],
  [countText(1, "stream"), "1 stream"],
  [countText(0, "stream"), "0 streams"],
];

test("numbers are written so that one can read them", () => {
  expect(rows.map(([text]) => text)).toEqual(rows.map(([, expected]) => expected));
});
