import { expect, test } from "bun:test";
import { factsText } from "../../../../../src/web/pages/player/model/facts.ts";

test("what is known of a stream is one line, without what is not", () => {
  expect(factsText({ width: 1280, height: 720, delaySeconds: 0.42, kbps: 2_650 })).toBe(
    "1280×720 · 0.4 s behind · 2.6 Mbit/s",
  );
  expect(factsText({ width: 0, height: 0, delaySeconds: undefined, kbps: 96 })).toBe(
    "sound only · 96 kbit/s",
  );
  expect(factsText({ width: 2, height: 2, delaySeconds: -0.3, kbps: undefined })).toBe("2×2 · 0.0 s behind");
});
