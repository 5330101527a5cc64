import { describe, expect, test } from "bun:test";
import { emptyPayload, fromHex, toHex } from "../../../src/base/bytes.ts";
import { type AssembledUnit, UnitAssembler } from "../../../src/rtsp/depacketise/unit-assembler.ts";
import { maxAccessUnitBytes, maxAccessUnitPieces } from "../../../src/rtsp/limits.ts";
import type { RtpPacket } from "../../../src/rtsp/rtp.ts";
import { codeOf } from "../../base/code-of.ts";

const packet = (sequence: number, timestamp: number): RtpPacket => ({
  payloadType: 96,
  marker: false,
  sequence,
  timestamp,
  ssrc: 1,
  payload: emptyPayload,
});

const plain = (unit: AssembledUnit | undefined): unknown =>
  unit && { ...unit, units: unit.units.map((run) => run.map(toHex).join("+")) };

const whole = (assembler: UnitAssembler, sequence: number, timestamp: number, isStart = true): unknown => {
  assembler.begin(packet(sequence, timestamp), isStart);
  assembler.add(fromHex("aa"));
  return plain(assembler.finish());
};

describe("an access unit is put together", () => {
  test("of whole parts and of fragments over several packets", () => {
    const assembler = new UnitAssembler();
    assembler.begin(packet(65535, 1), true);
    assembler.add(fromHex("aa"));
    assembler.startFragments(fromHex("b0"), fromHex("b1"));
    assembler.begin(packet(0, 1), false);
    assembler.addFragment(fromHex("b2"));
    assembler.endFragments();
    expect(plain(assembler.finish())).toEqual({
      timestamp: 1,
      units: ["aa", "b0+b1+b2"],
      isAfterLoss: false,
    });
    expect(assembler.finish()).toBeUndefined();
  });

  test("and ends where the time changes", () => {
    const assembler = new UnitAssembler();
    assembler.begin(packet(1, 1), true);
    assembler.add(fromHex("aa"));
    expect(plain(assembler.begin(packet(2, 2), true))).toEqual({
      timestamp: 1,
      units: ["aa"],
      isAfterLoss: false,
    });
  });
});

describe("an access unit is dropped", () => {
  test("when a packet of it is missing, and the next says so", () => {
    const assembler = new UnitAssembler();
    assembler.begin(packet(1, 1), true);
    assembler.add(fromHex("aa"));
    assembler.begin(packet(3, 1), false);
    assembler.add(fromHex("bb"));
    expect(assembler.finish()).toBeUndefined();
    expect(whole(assembler, 4, 2)).toMatchObject({ isAfterLoss: true });
    expect(whole(assembler, 5, 3)).toMatchObject({ isAfterLoss: false });
  });

  test("when its beginning may be missing", () => {
    const assembler = new UnitAssembler();
    expect(whole(assembler, 1, 1, false)).toBeUndefined();
    expect(whole(assembler, 2, 2, false)).toMatchObject({ isAfterLoss: true });
    expect(whole(assembler, 4, 3, false)).toBeUndefined();
    expect(whole(assembler, 6, 4, true)).toMatchObject({ isAfterLoss: true });
  });

  test("when fragments have no beginning or no end", () => {
    const assembler = new UnitAssembler();
    assembler.begin(packet(1, 1), true);
    assembler.addFragment(fromHex("aa"));
    assembler.endFragments();
    expect(assembler.finish()).toBeUndefined();
    assembler.begin(packet(2, 2), true);
    assembler.startFragments(fromHex("aa"));
    expect(assembler.finish()).toBeUndefined();
    assembler.begin(packet(3, 3), true);
    assembler.startFragments(fromHex("aa"));
    assembler.add(fromHex("bb"));
    expect(assembler.finish()).toBeUndefined();
  });

  test("when it grows beyond all measure", () => {
    const large = new UnitAssembler();
    large.begin(packet(1, 1), true);
    large.add(new Uint8Array(maxAccessUnitBytes));
    expect(codeOf(() => large.add(new Uint8Array(1)))).toBe("RTP_PACKET");
    expect(large.units).toEqual([]);
    expect(large.finish()).toBeUndefined();
    expect(whole(large, 2, 2)).toMatchObject({ isAfterLoss: true });
    const many = new UnitAssembler();
    many.begin(packet(1, 1), true);
    for (let i = 0; i < maxAccessUnitPieces; i += 1) many.add(new Uint8Array(1));
    expect(codeOf(() => many.add(new Uint8Array(1)))).toBe("RTP_PACKET");
  });
});
