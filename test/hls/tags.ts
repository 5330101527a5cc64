import { fromHex, share } from "../../src/base/bytes.ts";
import { type FlvTag, tagType } from "../../src/flv/tag.ts";
import { tagOf } from "../record/tags.ts";

/** H.264 in another form than that of {@link tagOf}. */
export const otherVideoConfig = (timestamp: number): FlvTag => ({
  type: tagType.video,
  timestamp,
  payload: share(fromHex("17 00 000000 0142c01fffe100046742c01f01000468ce3c80")),
});

/** Pictures `stepMs` apart with a key frame every `gop` of them, and AAC between them, in the order of their times. */
export const media = (
  {
    fromMs = 0,
    toMs,
    stepMs = 40,
    gop = 25,
  }: { fromMs?: number; toMs: number; stepMs?: number; gop?: number },
  what: { video?: boolean; audio?: boolean } = {},
): FlvTag[] => {
  const { video = true, audio = true } = what;
  const tags: FlvTag[] = [];
  const note = (ms: number): string => (Math.round(ms) >>> 0).toString(16).padStart(8, "0");
  if (video)
    for (let i = 0; fromMs + i * stepMs < toMs; i++) {
      const ms = Math.round(fromMs + i * stepMs);
      tags.push(i % gop === 0 ? tagOf.key(ms, note(ms)) : tagOf.inter(ms, note(ms)));
    }
  const aacMs = 1024 / 44.1;
  if (audio)
    for (let i = 0; fromMs + i * aacMs < toMs; i++) {
      const ms = Math.round(fromMs + i * aacMs);
      tags.push(tagOf.audio(ms, note(ms)));
    }
  return tags.sort((a, b) => a.timestamp - b.timestamp);
};
