import { describe, expect, test } from "bun:test";
import { MeanRate } from "../../../../../src/web/pages/player/model/mean-rate.ts";

describe("the rate of what comes in pieces", () => {
  test("is that of a whole segment, where that is what comes", () => {
    const rate = new MeanRate();
    expect(rate.kbps).toBeUndefined();
    rate.note(250_000, 2);
    expect(rate.kbps).toBe(1_000);
    rate.note(1_000_000, 4);
    expect(rate.kbps).toBe(2_000);
  });

  test("is near the mean, though the first of ten parts has half of the bytes", () => {
    const rate = new MeanRate();
    for (let i = 0; i < 60; i++) {
      rate.note(i % 10 === 0 ? 125_000 : 13_889, 0.2);
      if (i > 30) expect(Math.abs((rate.kbps ?? 0) - 1_000)).toBeLessThan(300);
    }
  });

  test("takes nothing that lasts no time", () => {
    const rate = new MeanRate();
    rate.note(1_000, 0);
    rate.note(1_000, Number.NaN);
    expect(rate.kbps).toBeUndefined();
  });
});
