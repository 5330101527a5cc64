import { messageType } from "./message.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/** What a peer that sends no Set Chunk Size uses. RTMP 1.0 section 5.4.1. */
export const defaultChunkSize = 128;

/** The largest chunk that means anything: a message length has 24 bits. */
export const maxChunkSize = 0xffffff;

/** Chunk streams one connection may use. Real encoders use at most ten. */
export const maxChunkStreams = 64;

/** Bytes of unfinished messages one connection may hold once it publishes: a large key frame, several times over. */
export const maxPartialBytes = 16 * MiB;

/** The same before it was allowed to publish: commands only. */
export const maxPartialBytesUnproven = 1 * MiB;

/** Message streams one connection may create. */
export const maxMessageStreams = 8;

/** Commands one connection may send per second; the busiest real client sends ten at its start. */
export const maxCommandsPerSecond = 50;

/** Control messages (types 1 to 7) one connection may send per second. */
export const maxControlsPerSecond = 100;

/**
 * Per this many bytes received within a second, chunk headers may not outweigh payload. One-byte chunks would otherwise cost us
 * hundreds of times the CPU they cost the sender.
 */
export const headerBudgetWindow = 1 * MiB;

/** Tags one aggregate message may hold. */
export const maxAggregateTags = 1024;

/** The longest message accepted of a type, in bytes. Video: three seconds of 25 Mbit/s in one frame. */
export const maxMessageLength = (typeId: number): number => {
  switch (typeId) {
    case messageType.video:
    case messageType.aggregate:
      return 10 * MiB;
    case messageType.audio:
      return 1 * MiB;
    case messageType.setChunkSize:
    case messageType.abort:
    case messageType.acknowledgement:
    case messageType.userControl:
    case messageType.windowAckSize:
    case messageType.setPeerBandwidth:
      return 64;
    default:
      return 256 * KiB;
  }
};
