import type { Payload } from "../base/bytes.ts";

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
 * message stream id, `payload` is shared: a view of the read it came in where it lay whole, else a buffer of its own.
 */
export class Message {
  readonly typeId: number;
  readonly timestamp: number;
  readonly streamId: number;
  readonly payload: Payload;

  constructor(typeId: number, timestamp: number, streamId: number, payload: Payload) {
    this.typeId = typeId;
    this.timestamp = timestamp;
    this.streamId = streamId;
    this.payload = payload;
  }

  /** The same message on another message stream. */
  on(streamId: number): Message {
    return new Message(this.typeId, this.timestamp, streamId, this.payload);
  }

  /** Lets a media message stand in a union of events without a wrapper of its own. */
  get kind(): "media" {
    return "media";
  }
}
