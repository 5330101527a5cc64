import { Pieces } from "../../base/pieces.ts";
import { readAudioHeader } from "../../flv/audio-header.ts";
import { readVideoHeader } from "../../flv/video-header.ts";
import type { Publication } from "../../stream/publication.ts";
import type { MediaTag } from "../depacketise/track-receiver.ts";

/** Brings a tag to the stream it was sent for. It goes out with the publication's `flush`. */
export const pushTag = (publication: Publication, { kind, timestamp, body }: MediaTag): void => {
  const read = kind === "video" ? readVideoHeader : readAudioHeader;
  const facts = read(body, body.length);
  if (facts) publication.push({ timestamp: timestamp >>> 0, body: Pieces.of(body) }, facts);
};
