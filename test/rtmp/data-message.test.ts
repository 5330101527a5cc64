import { describe, expect, test } from "bun:test";
import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { type AmfValue, amfEcmaArray, amfObject } from "../../src/amf/value.ts";
import { joinBytes, share, toHex } from "../../src/base/bytes.ts";
import { type DataMessage, readDataMessage } from "../../src/rtmp/data-message.ts";
import { Message } from "../../src/rtmp/message.ts";

const body = (...values: AmfValue[]): Uint8Array => encodeAmf0All(values);
const read = (bytes: Uint8Array, type = 18): DataMessage =>
  readDataMessage(new Message(type, 40, 1, share(bytes)));
const shown = (data: DataMessage): unknown =>
  data.kind === "pass" ? [data.facts.role, data.unit.timestamp, toHex(data.unit.body.whole)] : data.kind;

const metadata = toHex(body("onMetaData", amfEcmaArray({ width: 640 })));

describe("a data message", () => {
  const rows = [
    {
      name: "@setDataFrame onMetaData as metadata without its wrapping",
      bytes: body("@setDataFrame", "onMetaData", amfEcmaArray({ width: 640 })),
      role: "metadata",
      hex: metadata,
    },
    {
      name: "bare onMetaData as metadata",
      bytes: body("onMetaData", amfEcmaArray({ width: 640 })),
      role: "metadata",
      hex: metadata,
    },
    {
      name: "onMetaData with a plain object as an ECMA array",
      bytes: body("onMetaData", amfObject({ width: 640 })),
      role: "metadata",
      hex: metadata,
    },
    {
      name: "onMetaData without properties as it is",
      bytes: body("onMetaData", null),
      role: "other",
      hex: toHex(body("onMetaData", null)),
    },
    {
      name: "a cue point as it is",
      bytes: body("onCuePoint", amfObject({ name: "a" })),
      role: "other",
      hex: toHex(body("onCuePoint", amfObject({ name: "a" }))),
    },
    {
      name: "anything else in @setDataFrame without its wrapping",
      bytes: body("@setDataFrame", "|RtmpSampleAccess", true, true),
      role: "other",
      hex: toHex(body("|RtmpSampleAccess", true, true)),
    },
    {
      name: "bytes that are no AMF as they are",
      bytes: new Uint8Array([0xff, 1, 2]),
      role: "other",
      hex: "ff0102",
    },
    { name: "no bytes as they are", bytes: new Uint8Array(), role: "other", hex: "" },
  ];
  for (const { name, bytes, role, hex } of rows) {
    test(`passes ${name}`, () => {
      expect(shown(read(bytes))).toEqual([role, 40, hex]);
    });
  }

  test("of type 15 is read behind its format byte", () => {
    const prefixed = joinBytes([new Uint8Array(1), body("onMetaData", amfEcmaArray({ width: 640 }))]);
    expect(shown(read(prefixed, 15))).toEqual(["metadata", 40, metadata]);
  });

  test("@clearDataFrame takes the metadata back", () => {
    expect(shown(read(body("@clearDataFrame", "onMetaData")))).toBe("clearMetadata");
  });

  test("is passed whatever is in it, also what no command may hold", () => {
    const longKey = body("onTextData", amfObject({ ["k".repeat(300)]: 1 }));
    expect(shown(read(longKey))).toEqual(["other", 40, toHex(longKey)]);
  });
});
