import { copyBytes, emptyPayload, joinBytes, share } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { copyRange, gather, noPieces, Pieces } from "../base/pieces.ts";
import {
  defaultChunkSize,
  headerBudgetWindow,
  maxChunkSize,
  maxChunkStreams,
  maxMessageLength,
  maxPartialBytesUnproven,
} from "./limits.ts";
import { Message } from "./message.ts";

/*
 * Chunk layout (RTMP 1.0 section 5.3):
 *
 *   basic header     fmt:2 csid:6 [csid byte(s)]              1 to 3 bytes
 *   message header   fmt 0: timestamp:24 length:24 type:8 stream:32le
 *                    fmt 1: delta:24     length:24 type:8
 *                    fmt 2: delta:24
 *                    fmt 3: nothing
 *   extended time    32 bits where the 24-bit field of the chunk stream's last header is 0xFFFFFF
 *   data             up to the chunk size
 *
 * A header is looked at until it is whole and only then acted upon; data is used up as it arrives. What is left over
 * between two reads is therefore never more than the start of one header.
 */

/** Basic header, message header and extended timestamp at their longest. */
const maxHeaderBytes = 3 + 11 + 4;

const extendedMark = 0xffffff;

/** What the format of a header adds to its basic header, in bytes. */
const messageHeaderBytes = [11, 7, 3, 0] as const;

/** State of one chunk stream: fields that later headers inherit, and the message being put together. */
class ChunkStream {
  timestamp = 0;
  delta = 0;
  length = 0;
  typeId = 0;
  streamId = 0;
  /** The 32-bit value that followed the last header with an extended timestamp. */
  extended: number | undefined = undefined;
  /** True between the first and the last chunk of a message. */
  isOpen = false;
  /** Bytes of the message that are there. */
  filled = 0;
  /** Where they lie: from and to of each piece in the present read ... */
  bounds: number[] = [];
  /** ... or, once the message goes on beyond one read, its own buffer. */
  buffer: Uint8Array | undefined = undefined;
}

/**
 * Takes bytes in any pieces and gives whole messages. Pure: no socket, no clock.
 *
 * Ownership: `receive` takes the buffer over. A message that lies whole in one read stays there, in pieces where chunk headers cut
 * it. One that goes on beyond a read is copied once, into a buffer of its exact size.
 */
export class ChunkReader {
  #bytes: Uint8Array = emptyPayload;
  #position = 0;
  /** Data is read up to here; beyond it lie bytes borrowed from `#following` so that a header can be read whole. */
  #end = 0;
  /** The read behind the seam, where `#bytes` is the seam of two reads. */
  #following: Uint8Array | undefined;
  /** Set when the bytes at the cursor are the start of a header. */
  #isWaiting = false;
  #chunkSize = defaultChunkSize;
  /** Streams by id; ids below 64 come first and are what real clients use. */
  readonly #streams = new Map<number, ChunkStream>();
  /** Chunk streams with a message in progress. */
  #openCount = 0;
  /** The stream and the number of data bytes missing of the chunk being read, between two reads. */
  #open: ChunkStream | undefined;
  #openBytes = 0;
  #partialBytes = 0;
  /** Bytes of headers, and of headers and data, since the budget of headers was last looked at: counted as they are used up. */
  #headerBytes = 0;
  #windowBytes = 0;

  /** Bytes of unfinished messages this connection may hold, by their announced lengths. */
  maxPartialBytes = maxPartialBytesUnproven;

  /** Bytes held for unfinished messages, by their announced lengths. */
  get partialBytes(): number {
    return this.#partialBytes;
  }

  /**
   * Applies a Set Chunk Size message (type 1). It counts at once, for messages in progress too.
   * @throws WireError CHUNK_SIZE
   */
  setChunkSize(size: number): void {
    if (size < 1 || size > 0x7fffffff) {
      throw new WireError("CHUNK_SIZE", `chunk size ${size}, expected 1 to 2147483647`);
    }
    this.#chunkSize = Math.min(size, maxChunkSize);
  }

  /** Applies an Abort message (type 2): forgets the unfinished message of a chunk stream, keeps its header fields. */
  abort(chunkStreamId: number): void {
    const stream = this.#streams.get(chunkStreamId);
    if (stream?.isOpen) this.#close(stream);
  }

  /**
   * Begins a new period for the budget of headers; call it about once a second. Acknowledgements and silence are little but headers,
   * so what is judged is how much of them comes at once, and not how much over the days.
   */
  renewHeaderBudget(): void {
    this.#headerBytes = 0;
    this.#windowBytes = 0;
  }

  /** Takes over the next bytes of the connection. Call {@link next} until it gives undefined before the next call. */
  receive(bytes: Uint8Array): void {
    const rest = this.#bytes.length - this.#position;
    if (rest === 0) {
      this.#use(bytes, 0);
      return;
    }
    // The start of a header is waiting. Join it with just enough of the new bytes to make it whole, not with all of them.
    const borrowed = Math.min(bytes.length, maxHeaderBytes);
    const seam = joinBytes([this.#bytes.subarray(this.#position), bytes.subarray(0, borrowed)]);
    this.#use(seam, 0);
    if (bytes.length > borrowed) {
      this.#end = rest;
      this.#following = bytes;
    }
  }

  /**
   * The next whole message, or undefined when more bytes are needed.
   * @throws WireError CHUNK_HEADER, CHUNK_STREAMS, MESSAGE_TOO_LARGE, MESSAGE_INTERRUPTED, PARTIAL_BYTES, HEADER_OVERHEAD
   */
  next(): Message | undefined {
    while (this.#position < this.#bytes.length) {
      const message = this.#open ? this.#fill(this.#open) : this.#readChunk();
      if (message) return message;
      if (this.#isWaiting) break;
    }
    this.#isWaiting = false;
    if (this.#openCount > 0) this.#leaveRead();
    // What is kept is shorter than a header: a copy does not hold the whole read.
    const isEmpty = this.#position === this.#bytes.length;
    this.#use(isEmpty ? emptyPayload : copyBytes(this.#bytes.subarray(this.#position)), 0);
    return undefined;
  }

  #use(bytes: Uint8Array, position: number): void {
    this.#bytes = bytes;
    this.#position = position;
    this.#end = bytes.length;
    this.#following = undefined;
  }

  /** Moves the cursor, and on to the bytes behind the seam once everything in front of it is used up. */
  #moveTo(position: number): void {
    this.#position = position;
    if (!this.#following || position < this.#end) return;
    if (this.#openCount > 0) this.#leaveRead();
    this.#use(this.#following, position - this.#end);
  }

  /** Reads one chunk header and what is there of its data. Gives a message when this chunk completes one. */
  #readChunk(): Message | undefined {
    const bytes = this.#bytes;
    const at = this.#position;
    const available = bytes.length - at;
    const first = bytes[at];
    if (first === undefined) return undefined;

    let id = first & 0x3f;
    let size = 1;
    if (id < 2) {
      size = id + 2;
      if (available < size) return this.#wait();
      id = 64 + byteAt(bytes, at + 1) + (size === 3 ? byteAt(bytes, at + 2) * 256 : 0);
    }
    const format = first >>> 6;
    const fieldsAt = at + size;
    size += messageHeaderBytes[format as 0 | 1 | 2 | 3];
    if (available < size) return this.#wait();

    const stream = this.#streams.get(id) ?? this.#openStream(id, format);
    const continues = stream.isOpen;
    if (continues && format !== 3) {
      throw new WireError(
        "MESSAGE_INTERRUPTED",
        `chunk of format ${format} on chunk stream ${id} after ${stream.filled} of ${stream.length} bytes, expected format 3`,
      );
    }

    let extended = stream.extended;
    const field = format < 3 ? u24(bytes, fieldsAt) : 0;
    if (format < 3) extended = field === extendedMark ? 0 : undefined;
    if (extended !== undefined) {
      const here = continues ? this.#repeatsExtended(at + size, extended) : available >= size + 4;
      if (here === undefined || (!continues && !here)) return this.#wait();
      if (here) {
        extended = u32(bytes, at + size);
        size += 4;
      }
    }

    if (!continues) {
      applyHeader(stream, { bytes, at: fieldsAt, format, time: extended ?? field });
      stream.extended = extended;
    }
    this.#moveTo(at + size);
    this.#countHeader(size);
    return continues ? this.#continueMessage(stream) : this.#beginMessage(stream, id);
  }

  /**
   * Whether the 4 bytes at `at` repeat the extended timestamp of the message in progress. Undefined: too few bytes to tell.
   * Old librtmp, OBS before 2024 and some hardware leave it out, so it is payload unless all four bytes agree.
   */
  #repeatsExtended(at: number, extended: number): boolean | undefined {
    const bytes = this.#bytes;
    const count = Math.min(4, bytes.length - at);
    for (let i = 0; i < count; i++) {
      if (bytes[at + i] !== ((extended >>> (24 - 8 * i)) & 0xff)) return false;
    }
    return count === 4 ? true : undefined;
  }

  #openStream(id: number, format: number): ChunkStream {
    // librtmp opens chunk stream 2 with format 1; formats 2 and 3 have no length to inherit and mean we are out of step.
    if (format > 1) {
      throw new WireError(
        "CHUNK_HEADER",
        `chunk stream ${id} opened by a header of format ${format}, expected 0 or 1`,
      );
    }
    if (this.#streams.size >= maxChunkStreams) {
      throw new WireError("CHUNK_STREAMS", `more than ${maxChunkStreams} chunk streams`);
    }
    const stream = new ChunkStream();
    this.#streams.set(id, stream);
    return stream;
  }

  #beginMessage(stream: ChunkStream, id: number): Message | undefined {
    const { length, typeId } = stream;
    const limit = maxMessageLength(typeId);
    if (length > limit) {
      throw new WireError(
        "MESSAGE_TOO_LARGE",
        `message of type ${typeId} with ${length} bytes on chunk stream ${id}, expected at most ${limit}`,
      );
    }
    if (length === 0) return new Message(typeId, stream.timestamp, stream.streamId, noPieces);
    const promised = this.#partialBytes + length;
    // Also where the message lies here whole: how TCP cut the bytes must make no difference.
    if (promised > this.maxPartialBytes) {
      throw new WireError(
        "PARTIAL_BYTES",
        `${promised} bytes of unfinished messages, expected at most ${this.maxPartialBytes}`,
      );
    }
    stream.isOpen = true;
    this.#openCount++;
    this.#partialBytes = promised;
    return this.#continueMessage(stream);
  }

  #continueMessage(stream: ChunkStream): Message | undefined {
    this.#open = stream;
    this.#openBytes = Math.min(this.#chunkSize, stream.length - stream.filled);
    return this.#fill(stream);
  }

  /** Takes what is there of the open chunk's data. Gives the message when that completes it. */
  #fill(stream: ChunkStream): Message | undefined {
    const at = this.#position;
    const count = Math.min(this.#openBytes, this.#end - at);
    if (stream.buffer) copyRange(this.#bytes, at, at + count, stream.buffer, stream.filled);
    else if (count > 0) stream.bounds.push(at, at + count);
    stream.filled += count;
    this.#windowBytes += count;
    this.#openBytes -= count;
    if (this.#openBytes === 0) this.#open = undefined;
    const body = stream.filled === stream.length ? this.#bodyOf(stream) : undefined;
    this.#moveTo(at + count);
    return body && new Message(stream.typeId, stream.timestamp, stream.streamId, body);
  }

  /** The body of a message that is complete. */
  #bodyOf(stream: ChunkStream): Pieces {
    const { buffer, bounds, length } = stream;
    const body = buffer ? Pieces.of(share(buffer)) : new Pieces(this.#bytes, bounds, length);
    this.#close(stream);
    return body;
  }

  /** Forgets the message in progress. */
  #close(stream: ChunkStream): void {
    this.#partialBytes -= stream.length;
    this.#openCount--;
    stream.isOpen = false;
    stream.filled = 0;
    stream.bounds = [];
    stream.buffer = undefined;
  }

  /** Gives every unfinished message that lies in the present read a buffer of its own, so that it does not hold the read. */
  #leaveRead(): void {
    for (const stream of this.#streams.values()) {
      if (!stream.isOpen || stream.buffer) continue;
      const buffer = Buffer.allocUnsafeSlow(stream.length);
      gather(this.#bytes, stream.bounds, buffer);
      stream.buffer = buffer;
      stream.bounds = [];
    }
  }

  #wait(): undefined {
    this.#isWaiting = true;
    return undefined;
  }

  #countHeader(size: number): void {
    this.#headerBytes += size;
    this.#windowBytes += size;
    if (this.#windowBytes < headerBudgetWindow) return;
    if (this.#headerBytes * 2 >= this.#windowBytes) {
      throw new WireError(
        "HEADER_OVERHEAD",
        `${this.#headerBytes} of ${this.#windowBytes} bytes are chunk headers, expected less than half`,
      );
    }
    this.renewHeaderBudget();
  }
}

/** Writes the fields of a new message's header into its chunk stream. RTMP 1.0 section 5.3.1.2. */
const applyHeader = (
  stream: ChunkStream,
  header: { bytes: Uint8Array; at: number; format: number; time: number },
): void => {
  const { bytes, at, format, time } = header;
  if (format < 2) {
    stream.length = u24(bytes, at + 3);
    stream.typeId = byteAt(bytes, at + 6);
  }
  if (format === 0) {
    stream.streamId = u32le(bytes, at + 7);
    stream.timestamp = time;
    // A format 3 message after this one adds the absolute time as its delta: FMLE does send it so.
    stream.delta = time;
    return;
  }
  if (format < 3) stream.delta = time;
  stream.timestamp = (stream.timestamp + stream.delta) >>> 0;
};

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
const u24 = (b: Uint8Array, at: number): number =>
  (byteAt(b, at) << 16) | (byteAt(b, at + 1) << 8) | byteAt(b, at + 2);
const u32 = (b: Uint8Array, at: number): number => ((byteAt(b, at) << 24) | u24(b, at + 1)) >>> 0;
const u32le = (b: Uint8Array, at: number): number =>
  ((byteAt(b, at + 3) << 24) | (byteAt(b, at + 2) << 16) | (byteAt(b, at + 1) << 8) | byteAt(b, at)) >>> 0;
