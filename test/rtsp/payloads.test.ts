import { describe, expect, test } from "bun:test";
import { fromHex, joinBytes, toHex } from "../../src/base/bytes.ts";
import { headerOf } from "../../src/rtsp/packetise/packetiser.ts";
import { payloadRows } from "./payload-rows.ts";
import { incoming, outgoing, packetOf } from "./tracks.ts";

const written = (text: string): { marker: boolean; hex: string }[] =>
  text.split("|").map((part) => ({ marker: part.includes("*"), hex: part.replace(/[\s*]/g, "") }));

describe("the RTP payloads", () => {
  for (const { name, codec, kind, body, maxPayload, payloads } of payloadRows) {
    test(`of ${codec}, ${name}`, () => {
      const packet = packetOf(kind, fromHex(body), 1000);
      const made = outgoing(codec).packetiser.packetise(packet, maxPayload);
      const seen = made.map(({ pieces, marker }) => ({ marker, hex: toHex(joinBytes(pieces)) }));
      expect(seen).toEqual(written(payloads));
      const { clockRate } = outgoing(codec).packetiser;
      const ms = 1000 + (headerOf(packet)?.compositionTimeMs ?? 0);
      for (const { timestamp, size, pieces } of made) {
        expect(timestamp).toBe(Math.round((ms * clockRate) / 1000));
        expect(size).toBe(joinBytes(pieces).length);
      }
    });
  }
});

describe("the access unit of payloads", () => {
  for (const { name, codec, kind, body, maxPayload, payloads, returned } of payloadRows) {
    test(`of ${codec}, ${name}`, () => {
      const depacketiser = incoming(codec);
      const parts = written(payloads);
      const units = parts.flatMap(({ marker, hex }, index) => {
        const packet = { payloadType: 96, marker, sequence: (65535 + index) & 0xffff, timestamp: 7, ssrc: 1 };
        const given = depacketiser.receive({ ...packet, payload: fromHex(hex) as never });
        if (index < parts.length - 1) expect(given).toEqual([]);
        return given;
      });
      const expected = fromHex(returned ?? body);
      const composition = headerOf(packetOf(kind, expected))?.compositionTimeMs ?? 0;
      expect(units.map((unit) => toHex(depacketiser.body(unit, composition)))).toEqual([toHex(expected)]);
      expect(units[0]).toMatchObject({ timestamp: 7, isAfterLoss: false });
      const role = packetOf(kind, expected).role;
      expect(units[0]?.isKey).toBe(kind === "audio" || role === "key");
      expect(maxPayload).toBeGreaterThan(4);
    });
  }
});
