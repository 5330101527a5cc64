import { readFileSync } from "node:fs";
import { FlvReader } from "../../../src/flv/reader.ts";
import { type FlvTag, tagType } from "../../../src/flv/tag.ts";
import type { OwnPublisher } from "./own-client.ts";

/** The audio and video tags of an FLV file. */
export const mediaTags = (file: string): FlvTag[] => {
  const reader = new FlvReader();
  reader.receive(new Uint8Array(readFileSync(file)));
  const tags: FlvTag[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) if (tag.type !== tagType.script) tags.push(tag);
  return tags;
};

/** Sends tags as fast as they go. */
export const sendTags = (publisher: OwnPublisher, tags: readonly FlvTag[]): void => {
  for (const { type, timestamp, payload } of tags)
    publisher.send(type === tagType.video ? "video" : "audio", timestamp, payload);
};
