import { decodeAmf0All } from "../amf/amf0.ts";
import { share } from "../base/bytes.ts";
import { readMetadata, unwrapSetDataFrame } from "../flv/metadata.ts";
import type { PacketFacts, TimedPayload } from "../media/packet.ts";
import { amf0Body } from "./command.ts";
import type { Message } from "./message.ts";

/** What a publisher's data message means: something to pass on, or to forget the metadata. */
export type DataMessage =
  | { readonly kind: "pass"; readonly unit: TimedPayload; readonly facts: PacketFacts }
  | { readonly kind: "clearMetadata" };

const metadataFacts: PacketFacts = {
  kind: "data",
  role: "metadata",
  codec: undefined,
  trackId: 0,
  dataOffset: 0,
};
const otherFacts: PacketFacts = { ...metadataFacts, role: "other" };

/** The longest first string of which the name of a data message is looked for, in bytes. */
const maxNameBytes = 64;

const nameOf = (body: Uint8Array): string | undefined => {
  const [name] = decodeAmf0All(body.subarray(0, maxNameBytes)).values;
  return typeof name === "string" ? name : undefined;
};

/**
 * Reads a data message (type 15 or 18). Metadata loses its `@setDataFrame` and becomes the ECMA array that players look into;
 * everything else keeps its bytes.
 */
export const readDataMessage = (message: Message): DataMessage => {
  const body = amf0Body(message.typeId, message.payload);
  const metadata = readMetadata(body);
  if (metadata)
    return {
      kind: "pass",
      unit: { timestamp: message.timestamp, payload: metadata.payload },
      facts: metadataFacts,
    };
  if (nameOf(body) === "@clearDataFrame") return { kind: "clearMetadata" };
  const unit = { timestamp: message.timestamp, payload: unwrapSetDataFrame(share(body)) };
  return { kind: "pass", unit, facts: otherFacts };
};
