import { decodeAmf0All, encodeAmf0All } from "../amf/amf0.ts";
import { type AmfObject, type AmfValue, amfObject } from "../amf/value.ts";
import type { Payload } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { chunkStream, encodeMessage } from "./chunk-writer.ts";
import { messageType } from "./message.ts";

/** A command: its name, transaction id, command object (often null) and the arguments behind it. RTMP 1.0 section 7.1.1. */
export interface Command {
  readonly name: string;
  readonly transactionId: number;
  readonly object: AmfValue;
  readonly args: readonly AmfValue[];
}

/** The body of a type 15 or 17 message begins with a format byte 0, which some clients leave out. */
export const amf0Body = (typeId: number, payload: Uint8Array): Uint8Array => {
  const hasFormat = typeId === messageType.commandAmf3 || typeId === messageType.dataAmf3;
  return hasFormat && payload[0] === 0 ? payload.subarray(1) : payload;
};

/**
 * Reads a command message of type 17 or 20. Values behind one that cannot be read are left out.
 * @throws WireError COMMAND when it has no name; AMF_TOO_DEEP, AMF_TOO_LARGE
 */
export const decodeCommand = (typeId: number, payload: Uint8Array): Command => {
  const [name, transactionId, object, ...args] = decodeAmf0All(amf0Body(typeId, payload)).values;
  if (typeof name !== "string" || name === "") {
    throw new WireError(
      "COMMAND",
      `command without a name in ${payload.length} bytes, expected an AMF string first`,
    );
  }
  return { name, transactionId: typeof transactionId === "number" ? transactionId : 0, object, args };
};

/** Where a command goes: its message stream, and the chunk size in force. */
export interface CommandTarget {
  readonly streamId: number;
  readonly chunkSize: number;
}

/** A command as chunks ready to send. Replies on stream 0 go on chunk stream 3, everything about a stream on 5. */
export const encodeCommand = (target: CommandTarget, values: readonly AmfValue[]): Payload =>
  encodeMessage(
    {
      chunkStreamId: target.streamId === 0 ? chunkStream.command : chunkStream.data,
      typeId: messageType.command,
      streamId: target.streamId,
      timestamp: 0,
    },
    encodeAmf0All(values),
    target.chunkSize,
  );

/** The information object of onStatus, `_result` and `_error`. */
export interface Status {
  readonly level: "status" | "warning" | "error";
  readonly code: string;
  readonly description: string;
}

/** The status as the plain object that clients look fields up in; they do not look into ECMA arrays. */
export const statusObject = (status: Status, more: Readonly<Record<string, AmfValue>> = {}): AmfObject =>
  amfObject({ level: status.level, code: status.code, description: status.description, ...more });
