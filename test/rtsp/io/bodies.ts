import { fromHex, share } from "../../../src/base/bytes.ts";
import { Pieces } from "../../../src/base/pieces.ts";
import { readAudioHeader } from "../../../src/flv/audio-header.ts";
import { readVideoHeader } from "../../../src/flv/video-header.ts";
import type { Publication } from "../../../src/stream/publication.ts";

const sps = fromHex("6742c00ada1026c04440000003004000000f03c489e0".padEnd(44, "0"));
const pps = fromHex("68ce0fc8");

const u16 = (value: number): string => value.toString(16).padStart(4, "0");

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** FLV tag bodies of H.264 and AAC. */
export const bodies = {
  avcConfig: fromHex(`17000000000142c00affe1${u16(sps.length)}${hex(sps)}01${u16(pps.length)}${hex(pps)}`),
  aacConfig: fromHex("af001210"),
  /** A picture of one NAL unit of `size` bytes. */
  picture: ({ isKey = false, size = 20, fill = 1, composition = 0 } = {}): Uint8Array => {
    const nal = new Uint8Array(size).fill(fill);
    nal[0] = isKey ? 0x65 : 0x41;
    const head = `${isKey ? "17" : "27"}01${composition.toString(16).padStart(6, "0")}`;
    return fromHex(`${head}${size.toString(16).padStart(8, "0")}${hex(nal)}`);
  },
  sound: (size = 10, fill = 2): Uint8Array => fromHex(`af01${hex(new Uint8Array(size).fill(fill))}`),
};

/** Brings an FLV tag body to a stream, which goes out with the publication's `flush`. */
export const bring = (publication: Publication, body: Uint8Array, timestamp: number): void => {
  const isVideo = body[0] !== 0xaf;
  const facts = isVideo ? readVideoHeader(body, body.length) : readAudioHeader(body, body.length);
  if (!facts) throw new Error("a body without a header");
  publication.push({ timestamp, body: Pieces.of(share(body)) }, facts);
};

/** Brings the beginning of a stream of pictures and sound, up to its first picture. */
export const bringOpening = (publication: Publication, timestamp = 0): void => {
  bring(publication, bodies.avcConfig, timestamp);
  bring(publication, bodies.aacConfig, timestamp);
  bring(publication, bodies.picture({ isKey: true }), timestamp);
  bring(publication, bodies.sound(), timestamp);
  publication.flush();
};
