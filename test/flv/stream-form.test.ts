import { describe, expect, test } from "bun:test";
import { joinBytes, share } from "../../src/base/bytes.ts";
import { Pieces } from "../../src/base/pieces.ts";
import { FlvReader } from "../../src/flv/reader.ts";
import { flvForm } from "../../src/flv/stream-form.ts";
import { type FlvTag, flvHeader } from "../../src/flv/tag.ts";
import { Packet } from "../../src/media/packet.ts";
import { facts, packet } from "../stream/packets.ts";

const tagsIn = (bytes: Uint8Array): FlvTag[] => {
  const reader = new FlvReader();
  reader.receive(joinBytes([flvHeader({ hasAudio: true, hasVideo: true }), bytes]));
  const tags: FlvTag[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
  return tags;
};

describe("packets as FLV tags", () => {
  test("a reader of files gets them back, whatever their kind and however their bodies lie", () => {
    const source = Uint8Array.from({ length: 30 }, (_, index) => index);
    const cut = new Packet(facts({ kind: "video" }), 40, new Pieces(source, [2, 6, 10, 15], 9));
    const packets = [packet({ kind: "data", size: 3 }), packet({ kind: "audio", time: 7, fill: 9 }), cut];
    expect(tagsIn(flvForm.encode(packets))).toEqual([
      { type: 18, timestamp: 0, payload: share(new Uint8Array(3)) },
      { type: 8, timestamp: 7, payload: share(new Uint8Array(10).fill(9)) },
      { type: 9, timestamp: 40, payload: share(Uint8Array.of(2, 3, 4, 5, 10, 11, 12, 13, 14)) },
    ]);
  });

  test("what several batches give is what one gives", () => {
    const packets = [packet({ time: 1 }), packet({ time: 2 ** 32 + 5 }), packet({ size: 0, time: 9 })];
    const singly = packets.map((each) => flvForm.encode([each]));
    expect(joinBytes(singly)).toEqual(joinBytes([flvForm.encode(packets), new Uint8Array()]));
  });
});
