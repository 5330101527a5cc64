import type { AmfValue } from "../amf/value.ts";
import { joinBytes } from "../base/bytes.ts";
import { encodeCommand, type Status, statusObject } from "./command.ts";
import { defaultChunkSize } from "./limits.ts";

/** Gathers what is owed to a peer, as chunks, until it is taken. */
export class ReplyWriter {
  #parts: Uint8Array[] = [];

  /** Chunk size of commands in bytes: the default until another was announced. */
  chunkSize: number = defaultChunkSize;

  /** Appends bytes that are chunks already. */
  push(...parts: Uint8Array[]): void {
    this.#parts.push(...parts);
  }

  /** Appends a command on a message stream. */
  command(streamId: number, values: readonly AmfValue[]): void {
    this.push(encodeCommand({ streamId, chunkSize: this.chunkSize }, values));
  }

  /** Appends the answer to a command. */
  result(transactionId: number, object: AmfValue, information: AmfValue): void {
    this.command(0, ["_result", transactionId, object, information]);
  }

  /** Appends the refusal of a command. */
  error(transactionId: number, status: Status): void {
    this.command(0, ["_error", transactionId, null, statusObject(status)]);
  }

  /** Appends an onStatus command. Its message stream has to be the one it speaks of: GStreamer waits for ever else. */
  status(streamId: number, status: Status, more: Readonly<Record<string, AmfValue>> = {}): void {
    this.command(streamId, ["onStatus", 0, null, statusObject(status, more)]);
  }

  /** Hands over everything appended since the last call, in one piece; undefined where there is nothing. */
  take(): Uint8Array | undefined {
    if (this.#parts.length === 0) return undefined;
    const joined = joinBytes(this.#parts);
    this.#parts = [];
    return joined;
  }
}
