import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import {
  type Control,
  decodeControl,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeSetPeerBandwidth,
  encodeUserControl,
  encodeWindowAckSize,
} from "../../src/rtmp/control.ts";

interface Row {
  readonly name: string;
  readonly type: number;
  readonly hex: string;
  readonly control: Control | undefined;
}

const rows: Row[] = [
  { name: "Set Chunk Size", type: 1, hex: "00001000", control: { kind: "setChunkSize", size: 4096 } },
  { name: "Abort", type: 2, hex: "00000006", control: { kind: "abort", chunkStreamId: 6 } },
  {
    name: "Acknowledgement",
    type: 3,
    hex: "ffffffff",
    control: { kind: "acknowledgement", bytes: 0xffffffff },
  },
  { name: "Window Ack Size", type: 5, hex: "002625a0", control: { kind: "windowAckSize", size: 2_500_000 } },
  { name: "Window Ack Size of 0", type: 5, hex: "00000000", control: { kind: "windowAckSize", size: 0 } },
  {
    name: "Set Peer Bandwidth",
    type: 6,
    hex: "002625a001",
    control: { kind: "setPeerBandwidth", size: 2_500_000, limit: 1 },
  },
  {
    name: "Set Peer Bandwidth without its type",
    type: 6,
    hex: "002625a0",
    control: { kind: "setPeerBandwidth", size: 2_500_000, limit: 2 },
  },
  {
    name: "a ping",
    type: 4,
    hex: "000612345678",
    control: { kind: "userControl", event: 6, value: 0x12345678 },
  },
  {
    name: "Set Buffer Length",
    type: 4,
    hex: "00030000000100000bb8",
    control: { kind: "userControl", event: 3, value: 1 },
  },
  {
    name: "an event without a value",
    type: 4,
    hex: "001f",
    control: { kind: "userControl", event: 31, value: 0 },
  },
  {
    name: "bytes too many as if they were not there",
    type: 1,
    hex: "0000100099",
    control: { kind: "setChunkSize", size: 4096 },
  },
  { name: "a type that is no control message as none", type: 7, hex: "00", control: undefined },
];

describe("a control message", () => {
  for (const { name, type, hex, control } of rows) {
    test(`is read: ${name}`, () => {
      expect(decodeControl(type, fromHex(hex))).toEqual(control);
    });
  }

  for (const [type, need] of [
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 2],
    [5, 4],
    [6, 4],
  ] as const) {
    test(`of type ${type} with fewer than ${need} bytes is a wire error`, () => {
      for (let length = 0; length < need; length++) {
        expect(() => decodeControl(type, new Uint8Array(length))).toThrow(
          new WireError(
            "CONTROL_MESSAGE",
            `control message of type ${type} with ${length} bytes, expected ${need}`,
          ),
        );
      }
    });
  }

  const written = [
    { name: "Set Chunk Size", bytes: encodeSetChunkSize(4096), hex: "02000000000004010000000000001000" },
    {
      name: "Acknowledgement, modulo 2^32",
      bytes: encodeAcknowledgement(2 ** 32 + 5),
      hex: "02000000000004030000000000000005",
    },
    {
      name: "Window Ack Size",
      bytes: encodeWindowAckSize(2_500_000),
      hex: "020000000000040500000000002625a0",
    },
    {
      name: "Set Peer Bandwidth, dynamic",
      bytes: encodeSetPeerBandwidth(2_500_000),
      hex: "020000000000050600000000002625a002",
    },
    {
      name: "a ping's answer",
      bytes: encodeUserControl(7, 0x12345678),
      hex: "02000000000006040000000000" + "0712345678",
    },
  ];
  for (const { name, bytes, hex } of written) {
    test(`is written on chunk stream 2, message stream 0, time 0: ${name}`, () => {
      expect(toHex(bytes)).toBe(hex);
    });
  }
});
