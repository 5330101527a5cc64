import { decodeUtf8, emptyPayload, share } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { ByteQueue } from "../flv/byte-queue.ts";
import { type HeaderField, RtspHeaders } from "./headers.ts";
import { maxBodyBytes, maxHeadBytes, maxHeaders, maxLineBytes } from "./limits.ts";
import {
  type InterleavedFrame,
  interleavedMark,
  interleavedPrefixSize,
  type RtspRequest,
  type RtspResponse,
  type RtspUnit,
} from "./message.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A message whose body has not come yet. */
type Head = Omit<RtspRequest, "body"> | Omit<RtspResponse, "body">;

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/**
 * Takes the bytes of an RTSP connection apart: requests, answers, and the RTP packets between them. One reader per direction.
 *
 * Three states: between messages (`$` begins a packet, a letter a head, blank lines are passed over), inside a head (bytes are looked
 * at once, whatever their cuts), waiting for a body. What is given lies in the reads it came in, unless it was cut. It holds at most a
 * head and a body, or a packet; whoever drains it after each `receive` has no more in memory than that and one read.
 */
export class RtspReader {
  readonly #queue = new ByteQueue();
  /** Bytes of the head that were looked at, and where its present line begins. */
  #scanned = 0;
  #lineStart = 0;
  #head: Head | undefined;
  #bodyLength = 0;
  #failure: WireError | undefined;

  /** Takes `bytes` over; decodes nothing yet. */
  receive(bytes: Uint8Array): void {
    if (!this.#failure) this.#queue.push(bytes);
  }

  /**
   * The next whole unit; undefined when more bytes are needed. After an error it only throws that error.
   * @throws WireError RTSP_MESSAGE
   */
  next(): RtspUnit | undefined {
    if (this.#failure) throw this.#failure;
    try {
      return this.#read();
    } catch (error) {
      if (error instanceof WireError) this.#failure = error;
      throw error;
    }
  }

  #read(): RtspUnit | undefined {
    if (!this.#head) {
      const first = this.#firstByte();
      if (first === undefined) return undefined;
      if (first === interleavedMark) return this.#readFrame();
      if (!isLetter(first)) {
        throw new WireError("RTSP_MESSAGE", `byte ${first} between messages, expected a method or $`);
      }
      if (!this.#scanHead()) return undefined;
      this.#readHead();
    }
    const head = this.#head;
    if (!head || this.#queue.length < this.#bodyLength) return undefined;
    this.#head = undefined;
    return { ...head, body: this.#bodyLength === 0 ? emptyPayload : this.#queue.take(this.#bodyLength) };
  }

  /** The first byte of what comes next. Blank lines between messages are clients keeping the connection alive. */
  #firstByte(): number | undefined {
    const queue = this.#queue;
    while (this.#scanned === 0 && queue.length > 0) {
      const byte = queue.at(0);
      if (byte !== lineFeed && byte !== carriageReturn) return byte;
      queue.skip(1);
    }
    return queue.length > 0 ? queue.at(0) : undefined;
  }

  #readFrame(): InterleavedFrame | undefined {
    const queue = this.#queue;
    if (queue.length < interleavedPrefixSize) return undefined;
    const size = interleavedPrefixSize + ((queue.at(2) << 8) | queue.at(3));
    if (queue.length < size) return undefined;
    const channel = queue.at(1);
    return { kind: "interleaved", channel, payload: share(queue.take(size).subarray(interleavedPrefixSize)) };
  }

  /** Looks for the blank line that ends the head. True when the head is whole. */
  #scanHead(): boolean {
    const queue = this.#queue;
    for (; this.#scanned < queue.length; this.#scanned += 1) {
      const at = this.#scanned;
      if (at >= maxHeadBytes || at - this.#lineStart >= maxLineBytes) {
        throw new WireError(
          "RTSP_MESSAGE",
          `${at} bytes of headers, expected at most ${maxHeadBytes}, ${maxLineBytes} in a line`,
        );
      }
      if (queue.at(at) !== lineFeed) continue;
      const length = at - this.#lineStart;
      if (length === 0 || (length === 1 && queue.at(at - 1) === carriageReturn)) {
        this.#scanned += 1;
        return true;
      }
      this.#lineStart = at + 1;
    }
    return false;
  }

  #readHead(): void {
    const lines = decodeUtf8(this.#queue.take(this.#scanned)).split(/\r?\n/);
    this.#scanned = 0;
    this.#lineStart = 0;
    const start = lines[0] ?? "";
    const headers = new RtspHeaders(parseFields(lines.slice(1)));
    const head = parseStartLine(start);
    this.#bodyLength = bodyLengthOf(headers);
    this.#head = { ...head, headers };
  }
}

const parseStartLine = (
  line: string,
): Omit<RtspRequest, "headers" | "body"> | Omit<RtspResponse, "headers" | "body"> => {
  const answer = /^(RTSP\/\d\.\d) +([1-9]\d\d)(?: (.*))?$/.exec(line);
  if (answer) {
    const [, version = "", status = "", reason = ""] = answer;
    return { kind: "response", version, status: Number(status), reason: reason.trim() };
  }
  const afterMethod = line.indexOf(" ");
  const beforeVersion = line.trimEnd().lastIndexOf(" ");
  const method = line.substring(0, afterMethod);
  const version = line.substring(beforeVersion + 1).trimEnd();
  const url = line.substring(afterMethod, beforeVersion).trim();
  if (!/^[A-Z_]{1,32}$/i.test(method) || url === "" || !/^[A-Z]{1,8}\/\d\.\d$/.test(version)) {
    throw new WireError("RTSP_MESSAGE", "the first line is neither a request nor an answer");
  }
  return { kind: "request", method: method.toUpperCase(), url, version };
};

const parseFields = (lines: readonly string[]): HeaderField[] => {
  const fields: HeaderField[] = [];
  for (const line of lines) {
    if (line === "") continue;
    const last = fields.at(-1);
    if (last && /^[ \t]/.test(line)) {
      fields[fields.length - 1] = [last[0], `${last[1]} ${line.trim()}`]; // a folded line
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 1) throw new WireError("RTSP_MESSAGE", "a header without a name");
    if (fields.length === maxHeaders) {
      throw new WireError("RTSP_MESSAGE", `more than ${maxHeaders} headers`);
    }
    fields.push([line.substring(0, colon).trim(), line.substring(colon + 1).trim()]);
  }
  return fields;
};

const bodyLengthOf = (headers: RtspHeaders): number => {
  const text = headers.get("Content-Length");
  if (text === undefined) return 0;
  const length = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(length <= maxBodyBytes)) {
    throw new WireError("RTSP_MESSAGE", `content length out of range, expected 0 to ${maxBodyBytes}`);
  }
  return length;
};
