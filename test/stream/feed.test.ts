import { describe, expect, test } from "bun:test";
import { joinBytes, type Payload, share, toHex } from "../../src/base/bytes.ts";
import type { Packet } from "../../src/media/packet.ts";
import type { WireForm } from "../../src/media/wire-form.ts";
import { Batch } from "../../src/stream/batch.ts";
import { Feed } from "../../src/stream/feed.ts";
import { Outbox } from "../../src/stream/outbox.ts";
import { packet } from "./packets.ts";

/** A form that writes each packet as its payload, and counts. */
class PlainForm implements WireForm {
  encoded = 0;

  encode(packets: readonly Packet[]): Payload {
    this.encoded++;
    return share(joinBytes([...packets.map(({ payload }) => payload), new Uint8Array()]));
  }
}

/** A reader that takes all, or nothing. */
class Reader {
  isStuck = false;
  hex = "";
  readonly writes: Uint8Array[] = [];
  readonly form = new PlainForm();
  readonly outbox = new Outbox({
    write: (bytes) => {
      if (this.isStuck) return 0;
      this.writes.push(bytes);
      this.hex += toHex(bytes);
      return bytes.length;
    },
  });
  readonly feed = new Feed({
    form: this.form,
    outbox: this.outbox,
    limits: { maxBytes: 10_000, maxMs: 1_000 },
  });

  drain(): void {
    this.isStuck = false;
    this.outbox.drained();
    this.feed.drained();
  }
}

const one = (fill: number, more: Parameters<typeof packet>[0] = {}) =>
  packet({ size: 1, fill, time: fill * 10, ...more });
const key = (fill: number) => one(fill, { role: "key" });
const audio = (fill: number) => one(fill, { kind: "audio" });

describe("a feed whose reader keeps up", () => {
  test("writes the bytes that all readers share, one write per batch", () => {
    const a = new Reader();
    const b = new Reader();
    const form = new PlainForm();
    const feeds = [a, b].map(
      (reader) => new Feed({ form, outbox: reader.outbox, limits: { maxBytes: 100, maxMs: 100 } }),
    );
    const batch = new Batch([key(1), one(2)]);
    for (const feed of feeds) feed.deliver(batch);
    expect(form.encoded).toBe(1);
    expect(a.writes).toHaveLength(1);
    expect(a.writes[0]).toBe(b.writes[0]!);
    expect(feeds.map(({ packets, dropped, bytesWaiting }) => [packets, dropped, bytesWaiting])).toEqual([
      [2, 0, 0],
      [2, 0, 0],
    ]);
  });
});

describe("a feed whose reader falls behind", () => {
  test("lets packets wait, whole, and goes on where it stopped", () => {
    const reader = new Reader();
    reader.feed.deliver(new Batch([key(1)]));
    reader.isStuck = true;
    for (let i = 2; i < 20; i++) reader.feed.deliver(new Batch([one(i)]));
    expect(reader.hex).toBe("01");
    // One batch is with the outbox already, the rest can still be dropped.
    expect(reader.feed.bytesWaiting).toBe(18);
    reader.drain();
    expect(reader.hex).toBe(
      Array.from({ length: 19 }, (_, i) => (i + 1).toString(16).padStart(2, "0")).join(""),
    );
    expect({ isEmpty: reader.feed.isEmpty, dropped: reader.feed.dropped }).toEqual({
      isEmpty: true,
      dropped: 0,
    });
  });

  test("goes back to the shared bytes once it has caught up", () => {
    const reader = new Reader();
    reader.isStuck = true;
    reader.feed.deliver(new Batch([key(1)]));
    reader.feed.deliver(new Batch([one(2)]));
    reader.drain();
    const batch = new Batch([one(3)]);
    const shared = batch.encoded(reader.form);
    reader.feed.deliver(batch);
    expect(reader.writes.at(-1)).toBe(shared);
  });

  test("drops frames by the queue's rules, and resumes with a key frame", () => {
    const reader = new Reader();
    reader.feed.deliver(new Batch([key(1)]));
    reader.isStuck = true;
    for (let i = 2; i < 120; i++) reader.feed.deliver(new Batch([one(i)]));
    expect(reader.feed.dropped).toBeGreaterThan(0);
    reader.drain();
    const before = reader.hex;
    reader.feed.deliver(new Batch([one(130)]));
    expect(reader.hex).toBe(before);
    reader.feed.deliver(new Batch([key(131), one(132)]));
    expect(reader.hex).toBe(`${before}8384`);
  });
});

describe("a feed that waits for a key frame", () => {
  test("gives configuration and audio meanwhile", () => {
    const reader = new Reader();
    reader.feed.awaitKey();
    reader.feed.deliver(new Batch([one(1), one(2, { role: "config" }), audio(3), one(4)]));
    reader.feed.deliver(new Batch([key(5), one(6)]));
    expect({ hex: reader.hex, dropped: reader.feed.dropped }).toEqual({ hex: "02030506", dropped: 0 });
  });
});

describe("a muted feed", () => {
  test("leaves out the flow and keeps its configuration", () => {
    const reader = new Reader();
    reader.feed.mute("audio", true);
    reader.feed.deliver(new Batch([key(1), audio(2), one(3, { kind: "audio", role: "config" })]));
    reader.feed.mute("audio", false);
    reader.feed.deliver(new Batch([audio(4)]));
    expect(reader.hex).toBe("010304");
  });

  test("resumes video at a key frame", () => {
    const reader = new Reader();
    reader.feed.deliver(new Batch([key(1)]));
    reader.feed.mute("video", true);
    reader.feed.deliver(new Batch([one(2), audio(3)]));
    reader.feed.mute("video", false);
    reader.feed.deliver(new Batch([one(4), key(5), one(6)]));
    expect(reader.hex).toBe("01030506");
  });
});

describe("a feed that waits for a key frame on a stream of sound alone", () => {
  test("goes on sharing the bytes of its batches", () => {
    const reader = new Reader();
    reader.feed.awaitKey();
    const batch = new Batch([audio(1), audio(2)]);
    const shared = batch.encoded(reader.form);
    reader.feed.deliver(batch);
    expect(reader.writes[0]).toBe(shared);
    expect(reader.form.encoded).toBe(1);
  });

  test("still withholds pictures, and sound that it does not want", () => {
    const reader = new Reader();
    reader.feed.awaitKey();
    reader.feed.deliver(new Batch([one(1), audio(2)]));
    reader.feed.mute("audio", true);
    reader.feed.deliver(new Batch([audio(3)]));
    expect(reader.hex).toBe("02");
  });
});

describe("a paused feed", () => {
  test("gives configuration at once and nothing else, and goes on with a key frame", () => {
    const reader = new Reader();
    reader.feed.deliver(new Batch([key(1)]));
    reader.feed.pause(true);
    reader.feed.deliver(new Batch([one(2), audio(3), one(4, { role: "config" })]));
    expect(reader.hex).toBe("0104");
    reader.feed.pause(false);
    reader.feed.deliver(new Batch([one(5), audio(6), key(7), one(8)]));
    expect(reader.hex).toBe("0104060708");
  });
});
