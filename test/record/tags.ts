import { fromHex, type Payload, share, toHex } from "../../src/base/bytes.ts";
import { Pieces } from "../../src/base/pieces.ts";
import { readAudioHeader } from "../../src/flv/audio-header.ts";
import { FlvReader } from "../../src/flv/reader.ts";
import { type FlvTag, tagType } from "../../src/flv/tag.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import type { PacketFacts } from "../../src/media/packet.ts";
import type { Publication } from "../../src/stream/publication.ts";

const dataFacts: PacketFacts = { kind: "data", role: "other", codec: undefined, trackId: 0, dataOffset: 0 };
const metadataFacts: PacketFacts = { ...dataFacts, role: "metadata" };

const startsWithText = (payload: Uint8Array, text: string): boolean =>
  Buffer.from(payload).subarray(3).toString("latin1").startsWith(text);

const factsOf = ({ type, payload }: FlvTag): PacketFacts | undefined => {
  if (type === tagType.video) return readVideoHeader(payload);
  if (type === tagType.audio) return readAudioHeader(payload);
  return startsWithText(payload, "onMetaData") ? metadataFacts : dataFacts;
};

/** Brings a tag to a stream as a publisher's session does. */
export const publishTag = (publication: Publication, tag: FlvTag): void => {
  const facts = factsOf(tag);
  if (facts) publication.push({ timestamp: tag.timestamp, body: Pieces.of(tag.payload) }, facts);
  publication.flush();
};

const videoOf = (timestamp: number, hex: string): FlvTag => ({
  type: tagType.video,
  timestamp,
  payload: share(fromHex(hex)),
});

const audioOf = (timestamp: number, hex: string): FlvTag => ({
  type: tagType.audio,
  timestamp,
  payload: share(fromHex(hex)),
});

/** Tags that look real from outside: H.264 and AAC. `note` tells frames apart. */
export const tagOf = {
  videoConfig: (timestamp = 0): FlvTag =>
    videoOf(timestamp, "17 00 000000 0142c01effe100046742c01e01000468ce3c80"),
  key: (timestamp: number, note = "aa"): FlvTag => videoOf(timestamp, `17 01 000000 00000003 6588${note}`),
  inter: (timestamp: number, note = "bb"): FlvTag => videoOf(timestamp, `27 01 000000 00000003 419a${note}`),
  audioConfig: (timestamp = 0): FlvTag => audioOf(timestamp, "af 00 1210"),
  audio: (timestamp: number, note = "cc"): FlvTag => audioOf(timestamp, `af 01 21${note}`),
  text: (timestamp: number): FlvTag => ({
    type: tagType.script,
    timestamp,
    payload: share(fromHex("02 000a 6f6e5465787444617461 02 0002 6869")),
  }),
  /** A frame of `size` bytes. */
  bigKey: (timestamp: number, size: number): FlvTag => {
    const payload: Payload = share(new Uint8Array(size).fill(0x5a));
    payload.set(fromHex("17 01 000000 00000003 6588aa"));
    return { type: tagType.video, timestamp, payload };
  },
};

/** All tags of a file; bytes that make no whole tag are counted. */
export const readTags = (bytes: Uint8Array): { tags: FlvTag[]; pendingBytes: number } => {
  const reader = new FlvReader();
  reader.receive(bytes);
  const tags: FlvTag[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) tags.push(tag);
  return { tags, pendingBytes: reader.pendingBytes };
};

/** Tags as text: type, time, payload. */
export const briefOf = (tags: readonly FlvTag[]): string[] =>
  tags.map(({ type, timestamp, payload }) => `${type} ${timestamp} ${toHex(payload)}`);

/** What a publisher sends before its first frame. */
export const starting = [tagOf.videoConfig(), tagOf.audioConfig()];

/** A second of stream: a key frame, four more pictures, five pieces of sound. */
export const second = (start: number): FlvTag[] =>
  [0, 200, 400, 600, 800].flatMap((ms) => {
    const time = start + ms;
    const note = (time >>> 0).toString(16).padStart(8, "0");
    return [ms === 0 ? tagOf.key(time, note) : tagOf.inter(time, note), tagOf.audio(time + 10, note)];
  });

/** `count` seconds of stream, each beginning with a key frame; every payload is its own. */
export const seconds = (count: number, start = 0): FlvTag[] =>
  Array.from({ length: count }, (_, i) => second(start + i * 1_000)).flat();
