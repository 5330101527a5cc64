import { fromHex, share } from "../../src/base/bytes.ts";
import { type FlvTag, tagType } from "../../src/flv/tag.ts";
import { PathStudio } from "../record/path-studio.ts";
import { publishTag, tagOf } from "../record/tags.ts";

// What recording costs by form: streams of 2.65 Mbit/s, 30 pictures and 43 frames of sound a second, a key frame every two. They are
// recorded as fast as it goes; CPU time of all threads is told per second of media.

const streams = 20;
const seconds = 60;
const bitsPerSecond = 2_650_000;
const soundBytes = 370;
const pictureBytes = Math.floor((bitsPerSecond / 8 - 43 * soundBytes) / 32);
const keyBytes = 3 * pictureBytes;

const filled = (head: string, size: number): ReturnType<typeof share> => {
  const payload = share(new Uint8Array(size).fill(0x5a));
  payload.set(fromHex(head));
  new DataView(payload.buffer).setUint32(5, size - 9);
  return payload;
};

const key = filled("17 01 000000 00000003 6588aa", keyBytes);
const inter = filled("27 01 000000 00000003 419abb", pictureBytes);
const sound = share(new Uint8Array(soundBytes).fill(0x21));
sound.set(fromHex("af 01"));

/** The tags of one second. */
const second = (at: number): FlvTag[] => {
  const tags: FlvTag[] = [];
  for (let i = 0; i < 30; i++) {
    const payload = i === 0 && at % 2 === 0 ? key : inter;
    tags.push({ type: tagType.video, timestamp: at * 1_000 + Math.floor((i * 1_000) / 30), payload });
  }
  for (let i = 0; i < 43; i++)
    tags.push({ type: tagType.audio, timestamp: at * 1_000 + Math.floor((i * 1_000) / 43), payload: sound });
  return tags.sort((a, b) => a.timestamp - b.timestamp);
};

/** CPU seconds for each second of media and each stream. */
const measure = async (conf: ConstructorParameters<typeof PathStudio>[0]): Promise<number> => {
  using studio = new PathStudio(conf, { maxWaitingBytes: 2 ** 30 });
  const publications = Array.from({ length: streams }, (_, i) => studio.publish(`live/${i}`));
  for (const publication of publications)
    for (const tag of [tagOf.videoConfig(), tagOf.audioConfig()]) publishTag(publication, tag);
  const before = process.cpuUsage();
  for (let at = 0; at < seconds; at++) {
    studio.clock.advance(1_000);
    const tags = second(at);
    for (const publication of publications) for (const tag of tags) publishTag(publication, tag);
    await Bun.sleep(1);
  }
  for (const publication of publications) publication.end("client_stop");
  await studio.records.idle();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / seconds / streams;
};

await measure({ record: false });
const idle = await measure({ record: false });
for (const recordFormat of ["flv", "fmp4", "mpegts"] as const) {
  const cost = (await measure({ recordFormat })) - idle;
  console.log(`${recordFormat.padEnd(7)} ${(cost * 100).toFixed(3)} % of a core for each stream`);
}
