import { expect, test } from "bun:test";
import { AccessCounts } from "../../src/access/access-counts.ts";
import { expose } from "../../src/base/exposition.ts";
import { parseExposition, valueIn } from "../base/exposition.ts";

test("decisions are counted by action and result, and are zero before there is one", () => {
  const counts = new AccessCounts();
  const value = (action: string, result: string): number | undefined => {
    const page = parseExposition(expose(counts.families()));
    expect(page.get("rtmp_access_decisions_total")?.samples).toHaveLength(24);
    return valueIn(page, "rtmp_access_decisions_total", { action, result });
  };
  expect(value("read", "denied")).toBe(0);
  for (let count = 0; count < 5; count++) counts.decided("read", "denied");
  counts.decided("api", "denied");
  expect([value("read", "denied"), value("read", "allowed"), value("api", "denied")]).toEqual([5, 0, 1]);
  expect([counts.decisions("read", "denied"), counts.decisions("pprof", "missing")]).toEqual([5, 0]);
});
