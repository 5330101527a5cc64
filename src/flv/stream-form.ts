import { type Payload, share } from "../base/bytes.ts";
import type { WireForm } from "../media/wire-form.ts";
import { flvTagSize, tagTypeOf, writeFlvTagFrame } from "./tag.ts";

/**
 * Packets as FLV tags on the stream's own timeline, bodies as they came: what stands in a file behind its header. Any packet may be the first
 * one, so the same bytes suit whoever reads along.
 */
export const flvForm: WireForm = {
  encode(packets): Payload {
    let size = 0;
    for (const { body } of packets) size += flvTagSize(body.length);
    const target = Buffer.allocUnsafeSlow(size);
    let at = 0;
    for (const { kind, timestamp, body } of packets) {
      const { length } = body;
      const from = writeFlvTagFrame(target, at, { type: tagTypeOf[kind], timestamp, length });
      body.copyTo(target, from, 0, length);
      at += flvTagSize(length);
    }
    return share(target);
  },
};
