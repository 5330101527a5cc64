import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeUtf8, joinBytes, toHex } from "../../src/base/bytes.ts";
import type { Codec } from "../../src/media/codec.ts";
import { encodeLeb128 } from "../../src/rtsp/obu.ts";
import { holds } from "../base/property.ts";
import { incoming, outgoing, packetOf, rtpOf } from "./tracks.ts";

const filled = (size: number, seed: number): Uint8Array =>
  new Uint8Array(size).map((_, index) => (index * 7 + seed) & 0xff);

const u32 = (value: number): Uint8Array => new Uint8Array([value >>> 24, value >>> 16, value >>> 8, value]);

const size = fc.oneof(fc.integer({ min: 4, max: 60 }), fc.integer({ min: 60, max: 4000 }));

/** NAL units of these sizes behind their lengths; the first is a slice that begins a picture. */
const nals = (sizes: readonly number[], header: readonly number[]): Uint8Array =>
  joinBytes(
    sizes.flatMap((length, index) => {
      const nal = filled(length, index);
      nal.set(header);
      return [u32(length), nal];
    }),
  );

/** For each codec, what one frame's body may look like. */
const bodies: { readonly [codec in Codec]?: fc.Arbitrary<Uint8Array> } = {
  H264: fc
    .record({ isKey: fc.boolean(), sizes: fc.array(size, { minLength: 1, maxLength: 4 }) })
    .map(({ isKey, sizes }) =>
      joinBytes([
        new Uint8Array([isKey ? 0x17 : 0x27, 1, 0, 0, 40]),
        nals(sizes, [isKey ? 0x65 : 0x41, 0x88]),
      ]),
    ),
  H265: fc
    .record({ isKey: fc.boolean(), sizes: fc.array(size, { minLength: 1, maxLength: 4 }) })
    .map(({ isKey, sizes }) =>
      joinBytes([
        new Uint8Array([isKey ? 0x91 : 0xa1]),
        encodeUtf8("hvc1"),
        new Uint8Array([0, 0, 40]),
        nals(sizes, [isKey ? 0x26 : 0x02, 1, 0x80]),
      ]),
    ),
  AV1: fc
    .record({ isKey: fc.boolean(), sizes: fc.array(size, { minLength: 1, maxLength: 5 }) })
    .map(({ isKey, sizes }) =>
      joinBytes([
        new Uint8Array([isKey ? 0x91 : 0xa1]),
        encodeUtf8("av01"),
        ...(isKey ? [new Uint8Array([0x0a, 3, 1, 2, 3])] : []),
        ...sizes.flatMap((length, index) => {
          const payload = filled(length, index);
          payload[0] = isKey ? 0x10 : 0x30;
          return [new Uint8Array([0x32]), encodeLeb128(length), payload];
        }),
      ]),
    ),
  VP9: size.map((length) => {
    const frame = filled(length, 1);
    frame[0] = 0x86;
    return joinBytes([new Uint8Array([0xa1]), encodeUtf8("vp09"), frame]);
  }),
  AAC: size.map((length) => joinBytes([new Uint8Array([0xaf, 1]), filled(length, 3)])),
  Opus: size.map((length) => joinBytes([new Uint8Array([0x91]), encodeUtf8("Opus"), filled(length, 3)])),
};

describe("what goes out as RTP comes back as it was", () => {
  for (const [codec, body] of Object.entries(bodies)) {
    test(`${codec}, whatever the sizes of frames and packets`, () => {
      const kind = codec === "AAC" || codec === "Opus" ? "audio" : "video";
      holds(
        fc.property(
          fc.array(body, { minLength: 1, maxLength: 5 }),
          fc.integer({ min: 16, max: 1500 }),
          fc.nat({ max: 65535 }),
          (frames, maxPayload, sequence) => {
            const track = outgoing(codec as Codec);
            const depacketiser = incoming(codec as Codec);
            const packets = frames.map((frame, index) => packetOf(kind, frame, 40 * index));
            const received = rtpOf(track, packets, { maxPayload, sequence });
            for (const { payload } of received) {
              if (codec !== "Opus") expect(payload.length).toBeLessThanOrEqual(maxPayload);
            }
            const units = received.flatMap((packet) => depacketiser.receive(packet));
            expect(units.map((unit) => toHex(depacketiser.body(unit, kind === "audio" ? 0 : 40)))).toEqual(
              frames.map(toHex),
            );
            expect(units.some(({ isAfterLoss }) => isAfterLoss)).toBe(false);
          },
        ),
        { numRuns: 100 },
      );
    });

    test(`${codec}, with packets lost: no frame is changed unless it is said that something is missing`, () => {
      const kind = codec === "AAC" || codec === "Opus" ? "audio" : "video";
      holds(
        fc.property(
          fc.array(body, { minLength: 2, maxLength: 6 }),
          fc.integer({ min: 16, max: 1500 }),
          fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
          (frames, maxPayload, lost) => {
            const depacketiser = incoming(codec as Codec);
            const packets = frames.map((frame, index) => packetOf(kind, frame, 40 * index));
            const sent = rtpOf(outgoing(codec as Codec), packets, { maxPayload });
            const received = sent.filter((_, index) => !lost.includes(index));
            const units = received.flatMap((packet) => depacketiser.receive(packet));
            const seen = units.map((unit) => toHex(depacketiser.body(unit, kind === "audio" ? 0 : 40)));
            let at = 0;
            for (const [index, hex] of seen.entries()) {
              const found = frames.findIndex((frame, place) => place >= at && toHex(frame) === hex);
              // A picture without its first or last slices is a picture to whoever sees no more of it.
              if (found < 0) expect(units[index]?.isAfterLoss).toBe(true);
              else at = found + 1;
            }
          },
        ),
        { numRuns: 100 },
      );
    });
  }
});
