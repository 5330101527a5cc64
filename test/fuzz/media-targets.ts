import { decodeAmf0, decodeAmf0All, encodeAmf0All } from "../../src/amf/amf0.ts";
import { decodeAmf3 } from "../../src/amf/amf3.ts";
import { type AmfValue, amfEcmaArray, amfObject, toPlain } from "../../src/amf/value.ts";
import { ByteReader, fromHex, joinBytes, share, toHex } from "../../src/base/bytes.ts";
import { readAudioHeader } from "../../src/flv/audio-header.ts";
import { readMetadata } from "../../src/flv/metadata.ts";
import { splitMultitrack } from "../../src/flv/multitrack.ts";
import { FlvReader } from "../../src/flv/reader.ts";
import { encodeFlvTag, flvHeader } from "../../src/flv/tag.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import { describeTrack } from "../../src/media/track.ts";
import { readDataMessage } from "../../src/rtmp/data-message.ts";
import { Message } from "../../src/rtmp/message.ts";
import { filler } from "../rtmp/chunks.ts";
import { errorCodeOf, must, reachedOf, type Target } from "./target.ts";

const kindOf = (value: AmfValue): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "object" ? value.constructor.name : typeof value;
};

const amf0: Target = {
  name: "amf0",
  isSequential: false,
  seeds: () => [
    encodeAmf0All([
      "connect",
      1,
      amfObject({ app: "live", list: ["hvc1", 5, null], when: new Date(0), none: undefined, yes: true }),
    ]),
    encodeAmf0All([
      "onMetaData",
      amfEcmaArray({ width: 640, nested: amfObject({ a: amfEcmaArray({ b: 1 }) }) }),
    ]),
    // An object that holds itself, a typed object, a long string, an AMF3 value.
    fromHex(
      "03 0001 61 07 0000 000009  10 0001 54 0001 61 05 000009  0c 00000002 6162  11 0a 0b 01 03 61 04 05 01  0d 06",
    ),
  ],
  read: ([bytes = new Uint8Array()]) => {
    let values: AmfValue[] = [];
    const codes = [
      errorCodeOf(() => {
        values = decodeAmf0All(bytes).values;
      }),
      errorCodeOf(() => void decodeAmf0(new ByteReader(bytes))),
      errorCodeOf(() => {
        const again = encodeAmf0All(values);
        must(decodeAmf0All(again).values.length === values.length, "as many values after encoding as before");
      }),
    ];
    JSON.stringify(values.map(toPlain));
    return { detail: codes.join(" "), reached: reachedOf([...values.map(kindOf), ...codes]) };
  },
};

const amf3: Target = {
  name: "amf3",
  isSequential: false,
  seeds: () =>
    [
      "0a0b01 03 61 0405 01",
      "09 05 01 0401 0601",
      "06 07 616263",
      "08 01 0000000000000000",
      "0c 05 0102",
      "0a 23 03 54 03 61 03 62 0401 0402",
      "11 09 0b 01 03 61 01 01",
    ].map(fromHex),
  read: ([bytes = new Uint8Array()]) => {
    let value: AmfValue;
    const code = errorCodeOf(() => {
      value = decodeAmf3(new ByteReader(bytes));
    });
    JSON.stringify(toPlain(value));
    return { detail: code, reached: `${kindOf(value)} ${code}` };
  },
};

const flvSeed = (): Uint8Array =>
  joinBytes([
    flvHeader({ hasAudio: true, hasVideo: true }),
    encodeFlvTag({ type: 18, timestamp: 0, payload: share(filler(30)) }),
    encodeFlvTag({ type: 9, timestamp: 0, payload: share(filler(60)) }),
    encodeFlvTag({ type: 8, timestamp: 0x1000020, payload: share(filler(9)) }),
  ]);

const flv: Target = {
  name: "flv-reader",
  isSequential: true,
  seeds: () => [flvSeed(), flvSeed().subarray(0, 100)],
  read: (pieces) => {
    const reader = new FlvReader();
    const seen: string[] = [];
    const code = errorCodeOf(() => {
      for (const piece of pieces) {
        reader.receive(piece);
        for (let tag = reader.next(); tag; tag = reader.next())
          seen.push(`${tag.type} ${tag.timestamp} ${toHex(tag.payload)}`);
      }
    });
    const pending = code === "" ? reader.pendingBytes : 0;
    return {
      detail: `${seen.join("\n")}\n${code} ${pending}`,
      reached: reachedOf([...seen.map((tag) => tag.split(" ")[0] ?? ""), code]),
    };
  },
};

const avcC = "01640028ffe1001967640028acd940780227e5c044000003000400000300f03c60c65801000568ebecb22c";

const headers: Target = {
  name: "media-headers",
  isSequential: false,
  seeds: () =>
    [
      `17 00 000000 ${avcC}`,
      "27 01 000014 00000002 419a",
      "90 68766331 01 01600000009000000000005df000fcfdf8f800000f03200001",
      "91 61763031 12000a0b000000",
      "80 76703039 01000000 000a0800",
      "96 20 68766331 00 000005 0102030405",
      "97 0011 22 90 61766331 01",
      "af 00 1210",
      "af 01 2112",
      "90 4f707573 4f707573486561640102380180bb0000000000",
      "95 10 6d703461 00 000002 1210 01 000002 1210",
      "2f fffb9064",
    ].map(fromHex),
  read: ([bytes = new Uint8Array()]) => {
    const body = share(bytes);
    const words: string[] = [];
    for (const [kind, read] of [
      ["video", readVideoHeader],
      ["audio", readAudioHeader],
    ] as const) {
      const header = read(body);
      if (!header) continue;
      must(
        header.dataOffset >= 0 && header.dataOffset <= Math.max(1, bytes.length),
        `data at ${header.dataOffset} of ${bytes.length}`,
      );
      words.push(kind, header.role, header.codec ?? "none");
      if (header.codec)
        words.push(Object.keys(describeTrack(header.codec, body.subarray(header.dataOffset))).join(","));
      words.push(errorCodeOf(() => void splitMultitrack(kind, body).length));
    }
    return { detail: words.join(" "), reached: words.join(" ") };
  },
};

const metadata: Target = {
  name: "metadata",
  isSequential: false,
  seeds: () => [
    encodeAmf0All([
      "@setDataFrame",
      "onMetaData",
      amfEcmaArray({
        width: 640,
        encoder: "x",
        keyframes: amfObject({ times: [0, 1], filepositions: [13, 99] }),
      }),
    ]),
    encodeAmf0All(["onMetaData", amfObject({ width: 640 })]),
    encodeAmf0All(["@clearDataFrame", "onMetaData"]),
    encodeAmf0All(["onCuePoint", amfObject({ name: "a" })]),
  ],
  read: ([bytes = new Uint8Array()]) => {
    const body = share(bytes);
    const found = readMetadata(body);
    // A name that was no UTF-8 may have grown past the limits of the next reader.
    const again = found && readMetadata(found.payload);
    if (found && again) must(again.values.size === found.values.size, "metadata that reads the same again");
    const data = [15, 18].map((type) => readDataMessage(new Message(type, 0, 1, body)));
    const reached = `${found?.values.size ?? "none"} ${data.map((each) => (each.kind === "pass" ? each.facts.role : each.kind)).join(" ")}`;
    return { detail: reached, reached };
  },
};

/** What reads AMF, FLV and codecs. */
export const mediaTargets: readonly Target[] = [amf0, amf3, flv, headers, metadata];
