import type { Payload } from "../base/bytes.ts";
import { Pieces } from "../base/pieces.ts";

/** RTMP message type ids. RTMP 1.0 sections 5.4 and 7.1. */
export const messageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  sharedObjectAmf3: 16,
  commandAmf3: 17,
  data: 18,
  sharedObject: 19,
  command: 20,
  aggregate: 22,
} as const;

/** User control event types. RTMP 1.0 section 7.1.7. */
export const userControlEvent = {
  streamBegin: 0,
  streamEof: 1,
  setBufferLength: 3,
  pingRequest: 6,
  pingResponse: 7,
} as const;

/**
 * One message as it left the chunk layer. `timestamp` is the 32-bit millisecond time of the wire, `streamId` the
 * message stream id, `body` the bytes of its chunks, which may still lie in pieces in the read they came in.
 */
export class Message {
  readonly typeId: number;
  readonly timestamp: number;
  readonly streamId: number;
  readonly body: Pieces;

  constructor(typeId: number, timestamp: number, streamId: number, body: Pieces | Payload) {
    this.typeId = typeId;
    this.timestamp = timestamp;
    this.streamId = streamId;
    this.body = body instanceof Pieces ? body : Pieces.of(body);
  }

  /** The body in one run of bytes: a view of the read it came in where it lay whole, else a buffer of its own. Shared. */
  get payload(): Payload {
    return this.body.whole;
  }

  /** The same message on another message stream. */
  on(streamId: number): Message {
    return new Message(this.typeId, this.timestamp, streamId, this.body);
  }

  /** Lets a media message stand in a union of events without a wrapper of its own. */
  get kind(): "media" {
    return "media";
  }
}
