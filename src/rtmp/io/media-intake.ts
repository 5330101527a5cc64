import { readAudioHeader } from "../../flv/audio-header.ts";
import { readVideoHeader } from "../../flv/video-header.ts";
import type { Publication } from "../../stream/publication.ts";
import { readDataMessage } from "../data-message.ts";
import { type Message, messageType } from "../message.ts";

/** Brings an audio, video or data message to the stream it was sent for. It goes out with the publication's `flush`. */
export const takeMedia = (publication: Publication, message: Message): void => {
  if (message.typeId === messageType.video || message.typeId === messageType.audio) {
    const isVideo = message.typeId === messageType.video;
    const { head, length } = message.body;
    const facts = isVideo ? readVideoHeader(head, length) : readAudioHeader(head, length);
    // An empty message says nothing to a player, and some crash on it.
    if (facts) publication.push(message, facts);
    return;
  }
  const data = readDataMessage(message);
  if (data.kind === "clearMetadata") publication.clearMetadata();
  else publication.push(data.unit, data.facts);
};
