import type { Codec } from "../../src/media/codec.ts";

/** An FLV tag body and the RTP payloads it becomes, a bar between them, with a `*` in front of those that have the marker. */
export type PayloadRow = {
  readonly name: string;
  readonly codec: Codec;
  readonly kind: "audio" | "video";
  /** Behind the decoder configuration of the fixtures. */
  readonly body: string;
  readonly maxPayload: number;
  readonly payloads: string;
  /** What comes back, where it is not `body`. */
  readonly returned?: string;
};

const sps = "67640029acd940780227e5c044000003000400000300f03c60c658";
const pps = "68ebe3cb22c0";

/** MPEG-1 layer I at 32 kbit/s and 48 kHz: 32 bytes. */
const mpegFrame = `ffff1400${"ab".repeat(28)}`;

/** AC-3, 48 kHz, 32 kbit/s: 128 bytes. */
const ac3Frame = `0b77000000404000${"cd".repeat(120)}`;

/** E-AC-3, 48 kHz, 6 blocks, 16 bytes. */
const eac3Frame = `0b7700073f86${"ef".repeat(10)}`;

export const payloadRows: readonly PayloadRow[] = [
  {
    name: "a slice: a NAL unit by itself, at its composition time",
    codec: "H264",
    kind: "video",
    body: "27 01 000050 00000005 419a0102ff",
    maxPayload: 1400,
    payloads: "*419a0102ff",
  },
  {
    name: "a key frame: parameter sets together in a STAP-A, then SEI and slice",
    codec: "H264",
    kind: "video",
    body: "17 01 000000 00000003 0605ff 00000004 65888400",
    maxPayload: 1400,
    payloads: `78 001b${sps} 0006${pps} | 0605ff | *65888400`,
  },
  {
    name: "a key frame that brings its own parameter sets",
    codec: "H264",
    kind: "video",
    body: `17 01 000000 0000001b ${sps} 00000006 ${pps} 00000004 65888400`,
    maxPayload: 1400,
    payloads: `${sps} | ${pps} | *65888400`,
    returned: "17 01 000000 00000004 65888400",
  },
  {
    name: "a long slice: an FU-A in three fragments",
    codec: "H264",
    kind: "video",
    body: "27 01 000000 0000000c 419a01020304050607080910",
    maxPayload: 6,
    payloads: "5c81 9a010203 | 5c01 04050607 | *5c41 080910",
  },
  {
    name: "a slice of exactly the payload's length",
    codec: "H264",
    kind: "video",
    body: "27 01 000000 00000006 419a01020304",
    maxPayload: 6,
    payloads: "*419a01020304",
  },
  {
    name: "a slice: a NAL unit by itself",
    codec: "H265",
    kind: "video",
    body: "a1 68766331 000028 00000006 0201d0090203",
    maxPayload: 1400,
    payloads: "*0201d0090203",
  },
  {
    name: "a long slice: an FU in three fragments",
    codec: "H265",
    kind: "video",
    body: "a1 68766331 000000 00000009 0201d00902030405ff",
    maxPayload: 6,
    payloads: "620181 d00902 | 620101 030405 | *620141 ff",
  },
  {
    name: "an access unit",
    codec: "AAC",
    kind: "audio",
    body: "af 01 211004",
    maxPayload: 1400,
    payloads: "*0010 0018 211004",
  },
  {
    name: "an access unit in two fragments, each with the size of the whole",
    codec: "AAC",
    kind: "audio",
    body: "af 01 21100401020304",
    maxPayload: 9,
    payloads: "0010 0038 2110040102 | *0010 0038 0304",
  },
  {
    name: "a packet",
    codec: "Opus",
    kind: "audio",
    body: "91 4f707573 fc010203",
    maxPayload: 1400,
    payloads: "fc010203",
  },
  {
    name: "a frame without its delimiter, sizes taken out",
    codec: "AV1",
    kind: "video",
    body: "a1 61763031 1200 320430010203",
    maxPayload: 1400,
    payloads: "*10 3030010203",
    returned: "a1 61763031 320430010203",
  },
  {
    name: "a key frame with its sequence header: two elements, the first with its length",
    codec: "AV1",
    kind: "video",
    body: "91 61763031 0a03010203 320410010203",
    maxPayload: 1400,
    payloads: "*28 04 08010203 3010010203",
  },
  {
    name: "a frame over three packets",
    codec: "AV1",
    kind: "video",
    body: "a1 61763031 320a30010203040506070809",
    maxPayload: 5,
    payloads: "50 30300102 | d0 03040506 | *90 070809",
  },
  {
    name: "a key frame over two packets",
    codec: "VP9",
    kind: "video",
    body: "91 76703039 824983420013f00ef0",
    maxPayload: 7,
    payloads: "08 824983420013 | *04 f00ef0",
  },
  {
    name: "a frame that needs others",
    codec: "VP9",
    kind: "video",
    body: "a1 76703039 8601020304",
    maxPayload: 1400,
    payloads: "*4c 8601020304",
  },
  {
    name: "a frame",
    codec: "MP3",
    kind: "audio",
    body: `2f ${mpegFrame}`,
    maxPayload: 1400,
    payloads: `00000000 ${mpegFrame}`,
  },
  {
    name: "a frame in two fragments, each with its offset",
    codec: "MP3",
    kind: "audio",
    body: `2f ${mpegFrame}`,
    maxPayload: 24,
    payloads: `00000000 ${mpegFrame.substring(0, 40)} | 00000014 ${mpegFrame.substring(40)}`,
  },
  {
    name: "a frame",
    codec: "AC3",
    kind: "audio",
    body: `91 61632d33 ${ac3Frame}`,
    maxPayload: 1400,
    payloads: `*0001 ${ac3Frame}`,
  },
  {
    name: "a frame in two fragments, five eighths of it in the first",
    codec: "AC3",
    kind: "audio",
    body: `91 61632d33 ${ac3Frame}`,
    maxPayload: 102,
    payloads: `0102 ${ac3Frame.substring(0, 200)} | *0302 ${ac3Frame.substring(200)}`,
  },
  {
    name: "a frame in three fragments",
    codec: "AC3",
    kind: "audio",
    body: `91 61632d33 ${ac3Frame}`,
    maxPayload: 52,
    payloads: `0203 ${ac3Frame.substring(0, 100)} | 0303 ${ac3Frame.substring(100, 200)} | *0303 ${ac3Frame.substring(200)}`,
  },
  {
    name: "a frame in two fragments",
    codec: "EAC3",
    kind: "audio",
    body: `91 65632d33 ${eac3Frame}`,
    maxPayload: 12,
    payloads: `0102 ${eac3Frame.substring(0, 20)} | *0102 ${eac3Frame.substring(20)}`,
  },
  {
    name: "samples",
    codec: "G711A",
    kind: "audio",
    body: "72 d5d5d5d5",
    maxPayload: 1400,
    payloads: "d5d5d5d5",
  },
  {
    name: "samples",
    codec: "G711U",
    kind: "audio",
    body: "82 ffffffff",
    maxPayload: 1400,
    payloads: "ffffffff",
  },
];
