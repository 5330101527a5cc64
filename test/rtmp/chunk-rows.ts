import { toHex } from "../../src/base/bytes.ts";
import { filler, type SeenMessage } from "./chunks.ts";

/** A video message on message stream 1, unless said otherwise. */
export const media = (time: number, hex: string, more: Partial<SeenMessage> = {}): SeenMessage => ({
  type: 9,
  time,
  stream: 1,
  hex,
  ...more,
});

/** Hex of filler bytes. */
export const f = (length: number, seed = 0): string => toHex(filler(length, seed));

/** Bytes, and what a reader makes of them. */
export interface Row {
  readonly name: string;
  readonly hex: string;
  readonly messages?: SeenMessage[];
  readonly error?: string;
}

// Header fields in the order of the wire: basic, time 24, length 24, type, stream (little-endian).
/** Every form of the basic header. */
export const basicHeaders: Row[] = [
  { name: "2, the lowest id", hex: "02 000001 000001 09 01000000 aa", messages: [media(1, "aa")] },
  { name: "63, the last of one byte", hex: "3f 000001 000001 09 01000000 aa", messages: [media(1, "aa")] },
  {
    name: "64, the first of two bytes",
    hex: "00 00 000001 000001 09 01000000 aa",
    messages: [media(1, "aa")],
  },
  {
    name: "319, the last of two bytes",
    hex: "00 ff 000001 000001 09 01000000 aa",
    messages: [media(1, "aa")],
  },
  {
    name: "320, the first of three bytes",
    hex: "01 00 01 000001 000001 09 01000000 aa",
    messages: [media(1, "aa")],
  },
  { name: "65599, the highest id", hex: "01 ff ff 000001 000001 09 01000000 aa", messages: [media(1, "aa")] },
  {
    name: "70 in two bytes and in three bytes as the same stream",
    hex: "00 06 000001 000001 09 01000000 aa  c1 06 00 bb  c0 06 cc",
    messages: [media(1, "aa"), media(2, "bb"), media(3, "cc")],
  },
  {
    name: "the low byte of a three-byte id first",
    hex: "01 34 12 000001 000001 09 01000000 aa  c1 34 12 bb  c1 12 34 cc",
    messages: [media(1, "aa"), media(2, "bb")],
    error: "CHUNK_HEADER",
  },
];

/** The four formats of the message header. */
export const formats: Row[] = [
  {
    name: "the stream id of format 0 as little-endian",
    hex: "03 000000 000001 14 78563412 aa",
    messages: [{ type: 0x14, time: 0, stream: 0x12345678, hex: "aa" }],
  },
  {
    name: "format 1 with its delta, length and type, and the stream id of before",
    hex: "04 0003e8 000001 08 05000000 aa  44 000017 000002 09 bbcc",
    messages: [media(1000, "aa", { type: 8, stream: 5 }), media(1023, "bbcc", { stream: 5 })],
  },
  {
    name: "format 2 with its delta, all else as before",
    hex: "04 0003e8 000002 08 01000000 aabb  84 000017 ccdd  84 000003 eeff",
    messages: [
      media(1000, "aabb", { type: 8 }),
      media(1023, "ccdd", { type: 8 }),
      media(1026, "eeff", { type: 8 }),
    ],
  },
  {
    name: "format 3 after format 2 with the delta repeated",
    hex: "04 0003e8 000001 08 01000000 aa  84 000014 bb  c4 cc  c4 dd",
    messages: [1000, 1020, 1040, 1060].map((time, i) =>
      media(time, ["aa", "bb", "cc", "dd"][i]!, { type: 8 }),
    ),
  },
  {
    name: "format 3 after format 1 with the delta repeated",
    hex: "04 0003e8 000001 08 01000000 aa  44 000014 000001 09 bb  c4 cc",
    messages: [media(1000, "aa", { type: 8 }), media(1020, "bb"), media(1040, "cc")],
  },
  {
    name: "format 3 after format 0 with the absolute time as its delta, as FMLE sends it",
    hex: "04 00001a 000001 08 01000000 aa  c4 bb  c4 cc",
    messages: [media(26, "aa", { type: 8 }), media(52, "bb", { type: 8 }), media(78, "cc", { type: 8 })],
  },
  {
    name: "format 0 in between as a new start",
    hex: "04 0003e8 000001 09 01000000 aa  84 000014 bb  04 000005 000001 09 01000000 cc  84 000014 dd",
    messages: [media(1000, "aa"), media(1020, "bb"), media(5, "cc"), media(25, "dd")],
  },
  {
    name: "format 1 on a fresh chunk stream from time 0 on message stream 0, as librtmp opens stream 2",
    hex: "42 000007 000004 03 00001000",
    messages: [{ type: 3, time: 7, stream: 0, hex: "00001000" }],
  },
  { name: "no format 2 on a fresh chunk stream", hex: "84 000014", error: "CHUNK_HEADER" },
  { name: "no format 3 on a fresh chunk stream", hex: "c4", error: "CHUNK_HEADER" },
  {
    name: "times of different chunk streams apart",
    hex: "04 0003e8 000001 08 01000000 aa  06 0007d0 000001 09 01000000 bb  84 000001 cc  86 000002 dd",
    messages: [
      media(1000, "aa", { type: 8 }),
      media(2000, "bb"),
      media(1001, "cc", { type: 8 }),
      media(2002, "dd"),
    ],
  },
  {
    name: "a message of no bytes, complete with its header",
    hex: "04 0003e8 000000 08 01000000  84 000005  c4",
    messages: [1000, 1005, 1010].map((time) => media(time, "", { type: 8 })),
  },
];

/** Extended timestamps. */
export const extended: Row[] = [
  {
    name: "0xFFFFFE in 24 bits",
    hex: "04 fffffe 000001 09 01000000 aa",
    messages: [media(0xfffffe, "aa")],
  },
  {
    name: "0xFFFFFF in 32 bits",
    hex: "04 ffffff 000001 09 01000000 00ffffff aa",
    messages: [media(0xffffff, "aa")],
  },
  {
    name: "0x01000000 in 32 bits",
    hex: "04 ffffff 000001 09 01000000 01000000 aa",
    messages: [media(0x1000000, "aa")],
  },
  {
    name: "the highest time there is",
    hex: "04 ffffff 000001 09 01000000 ffffffff aa  84 000001 bb",
    messages: [media(0xffffffff, "aa"), media(0, "bb")],
  },
  {
    name: "an extended value of format 1 as a delta",
    hex: "04 000010 000001 09 01000000 aa  44 ffffff 000001 09 01000000 bb",
    messages: [media(16, "aa"), media(0x1000010, "bb")],
  },
  {
    name: "an extended value of format 2 as a delta that steps back modulo 2^32, as GStreamer sends it",
    hex: "04 0003e8 000001 09 01000000 aa  84 ffffff fffffff6 bb",
    messages: [media(1000, "aa"), media(990, "bb")],
  },
  {
    name: "the extended value in front of a new message of format 3",
    hex: "04 000010 000001 09 01000000 aa  84 ffffff 01000000 bb  c4 01000000 cc",
    messages: [media(16, "aa"), media(0x1000010, "bb"), media(0x2000010, "cc")],
  },
  {
    name: "no extended value any more after a header without one",
    hex: "04 ffffff 000001 09 01000000 01000000 aa  84 000005 bb  c4 cc",
    messages: [media(0x1000000, "aa"), media(0x1000005, "bb"), media(0x100000a, "cc")],
  },
];

const long = (seed = 0): string => f(130, seed);
const head = (seed = 0): string => toHex(filler(130, seed).subarray(0, 128));
const tail = (seed = 0): string => toHex(filler(130, seed).subarray(128));

/** Messages of several chunks. */
export const joins: Row[] = [
  {
    name: "exactly one chunk",
    hex: `04 000001 000080 09 01000000 ${f(128)}`,
    messages: [media(1, f(128))],
  },
  {
    name: "one byte more than a chunk",
    hex: `04 000001 000081 09 01000000 ${f(128)} c4 ff`,
    messages: [media(1, `${f(128)}ff`)],
  },
  {
    name: "chunks of three streams in turn, done in the order they end",
    hex: `04 000001 000082 08 01000000 ${head(1)} 06 000002 000082 09 01000000 ${head(2)}
          03 000003 000001 12 01000000 aa  c6 ${tail(2)} c4 ${tail(1)}`,
    messages: [media(3, "aa", { type: 18 }), media(2, long(2)), media(1, long(1), { type: 8 })],
  },
  {
    name: "a continuation on another form of the same id",
    hex: `00 00 000001 000082 09 01000000 ${head()} c1 00 00 ${tail()}`,
    messages: [media(1, long())],
  },
  {
    name: "Set Chunk Size in the middle of a message, for its remaining chunks at once",
    hex: `06 000001 000104 09 01000000 ${f(128)} 02 000000 000004 01 00000000 00000040
          c6 ${f(64)} c6 ${f(64)} c6 ${f(4)}`,
    messages: [{ type: 1, time: 0, stream: 0, hex: "00000040" }, media(1, f(128) + f(64) + f(64) + f(4))],
  },
  {
    name: "Abort: the rest is forgotten, the header fields stay",
    hex: `06 000064 000082 09 01000000 ${head()} 02 000000 000004 02 00000000 00000006
          86 000005 ${head(3)} c6 ${tail(3)}`,
    messages: [{ type: 2, time: 0, stream: 0, hex: "00000006" }, media(105, long(3))],
  },
  {
    name: "Abort of a stream that is not there, or has nothing open",
    hex: "02 000000 000004 02 00000000 00000007 02 000000 000004 02 00000000 00000002",
    messages: ["00000007", "00000002"].map((hex) => ({ type: 2, time: 0, stream: 0, hex })),
  },
  {
    name: "no new header in the middle of a message",
    hex: `06 000001 000082 09 01000000 ${head()} 06 000001 000082 09 01000000 ${tail()}`,
    error: "MESSAGE_INTERRUPTED",
  },
  {
    name: "no format 1 in the middle of a message",
    hex: `06 000001 000082 09 01000000 ${head()} 46 000001 000082 09 ${tail()}`,
    error: "MESSAGE_INTERRUPTED",
  },
  {
    name: "no format 2 in the middle of a message",
    hex: `06 000001 000082 09 01000000 ${head()} 86 000001 ${tail()}`,
    error: "MESSAGE_INTERRUPTED",
  },
  {
    name: "an extended timestamp repeated in front of a continuation",
    hex: `06 ffffff 000082 09 01000000 01020304 ${head()} c6 01020304 ${tail()}`,
    messages: [media(0x1020304, long())],
  },
  {
    name: "an extended timestamp left out in front of a continuation, as old librtmp does",
    hex: `06 ffffff 000082 09 01000000 01020304 ${head()} c6 ${tail()} 06 000001 000001 09 01000000 aa`,
    messages: [media(0x1020304, long()), media(1, "aa")],
  },
  {
    name: "payload that begins like the extended timestamp left out in front of it",
    hex: `06 ffffff 000088 09 01000000 01020304 ${f(128)} c6 01020305 01020304`,
    messages: [media(0x1020304, `${f(128)}0102030501020304`)],
  },
  {
    name: "an extended delta repeated in front of a continuation",
    hex: `06 000000 000001 09 01000000 aa 46 ffffff 000082 09 02000000 ${head()} c6 02000000 ${tail()}`,
    messages: [media(0, "aa"), media(0x2000000, long())],
  },
];

/** What is over a limit. */
export const limits: Row[] = [
  { name: "video of 10 MiB and a byte", hex: "06 000000 a00001 09 01000000", error: "MESSAGE_TOO_LARGE" },
  { name: "audio of 1 MiB and a byte", hex: "06 000000 100001 08 01000000", error: "MESSAGE_TOO_LARGE" },
  {
    name: "a command of 256 KiB and a byte",
    hex: "06 000000 040001 14 01000000",
    error: "MESSAGE_TOO_LARGE",
  },
  {
    name: "an unknown type of 256 KiB and a byte",
    hex: "06 000000 040001 63 01000000",
    error: "MESSAGE_TOO_LARGE",
  },
  { name: "a control message of 65 bytes", hex: "02 000000 000041 04 00000000", error: "MESSAGE_TOO_LARGE" },
  {
    name: "video of 1 MiB and a byte of a peer that publishes nothing",
    hex: "06 000000 100001 09 01000000",
    error: "PARTIAL_BYTES",
  },
  {
    name: "a chunk size of 0",
    hex: "02 000000 000004 01 00000000 00000000",
    messages: [{ type: 1, time: 0, stream: 0, hex: "00000000" }],
    error: "CHUNK_SIZE",
  },
  {
    name: "a chunk size with the top bit set",
    hex: "02 000000 000004 01 00000000 80000000",
    messages: [{ type: 1, time: 0, stream: 0, hex: "80000000" }],
    error: "CHUNK_SIZE",
  },
];
