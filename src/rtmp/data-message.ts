import { share } from "../base/bytes.ts";
import { Pieces } from "../base/pieces.ts";
import { isClearDataFrame, readMetadata, unwrapSetDataFrame } from "../flv/metadata.ts";
import type { PacketFacts, TimedBody } from "../media/packet.ts";
import { amf0Body } from "./command.ts";
import type { Message } from "./message.ts";

/** What a publisher's data message means: something to pass on, or to forget the metadata. */
export type DataMessage =
  | { readonly kind: "pass"; readonly unit: TimedBody; readonly facts: PacketFacts }
  | { readonly kind: "clearMetadata" };

const metadataFacts: PacketFacts = {
  kind: "data",
  role: "metadata",
  codec: undefined,
  trackId: 0,
  dataOffset: 0,
};
const otherFacts: PacketFacts = { ...metadataFacts, role: "other" };

/**
 * Reads a data message (type 15 or 18). Metadata loses its `@setDataFrame` and becomes the ECMA array that players look into;
 * everything else keeps its bytes, whatever they hold. Never throws.
 */
export const readDataMessage = (message: Message): DataMessage => {
  const body = amf0Body(message.typeId, message.payload);
  const metadata = readMetadata(body);
  if (metadata)
    return {
      kind: "pass",
      unit: { timestamp: message.timestamp, body: Pieces.of(metadata.payload) },
      facts: metadataFacts,
    };
  if (isClearDataFrame(body)) return { kind: "clearMetadata" };
  const unit = { timestamp: message.timestamp, body: Pieces.of(unwrapSetDataFrame(share(body))) };
  return { kind: "pass", unit, facts: otherFacts };
};
