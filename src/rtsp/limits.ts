const KiB = 1024;
const MiB = 1024 * KiB;

/** Bytes of one line of a request or an answer: a URL with a signed token in its query has room. */
export const maxLineBytes = 8 * KiB;

/** Bytes of start line and headers together. */
export const maxHeadBytes = 32 * KiB;

/** Headers of one message; real clients send about ten. */
export const maxHeaders = 64;

/** Bytes of a body: a session description, or a few parameters. */
export const maxBodyBytes = 64 * KiB;

/** Media of one session description. Cameras send three. */
export const maxMedias = 32;

/** Attributes of the session or of one of its media. */
export const maxAttributes = 256;

/** Alternatives in one Transport header. */
export const maxTransports = 16;

/** Packets in one compound RTCP packet. */
export const maxRtcpPackets = 32;

/** Bytes of one access unit: the largest video message that RTMP may bring. */
export const maxAccessUnitBytes = 10 * MiB;

/** NAL units, OBUs or fragments of one access unit. */
export const maxAccessUnitPieces = 16 * KiB;
