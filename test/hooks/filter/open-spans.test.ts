import { expect, test } from "bun:test";
import { OpenSpans } from "../../../src/hooks/filter/open-spans.ts";
import { sampleEvent } from "../sample-event.ts";

const always = (): boolean => true;

test("a start is remembered until its end, and the end is awaited once", () => {
  const spans = new OpenSpans();
  spans.began(sampleEvent(), always);
  expect(spans.size).toBe(1);
  const stop = sampleEvent({ type: "publish_stop" });
  expect([spans.ended(stop), spans.ended(stop), spans.size]).toEqual([true, false, 0]);
});

test("a start whose end nobody asks for is not remembered", () => {
  const spans = new OpenSpans();
  spans.began(sampleEvent(), (type) => type !== "publish_stop");
  expect(spans.size).toBe(0);
});

test("what neither begins nor ends anything is nothing to remember", () => {
  const spans = new OpenSpans();
  const event = sampleEvent({ type: "codec_detected", data: { recovered: true } });
  spans.began(event, always);
  expect([spans.size, spans.ended(event)]).toEqual([0, false]);
});

test("starts whose ends never come do not fill the memory", () => {
  const spans = new OpenSpans();
  for (let index = 0; index < 200_000; index++)
    spans.began(sampleEvent({ session_id: `ses_${index}` }), always);
  expect(spans.size).toBeLessThanOrEqual(131_072);
  expect(spans.ended(sampleEvent({ type: "publish_stop", session_id: "ses_199999" }))).toBe(true);
});
