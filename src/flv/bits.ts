// Plain reads for the hot path: no cursor and no DataView is made to look at the few bytes of a header.

/** The 16 bits at `at`, big-endian; what lies past the end reads as 0, so the caller checks the length. */
export const u16At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** The 24 bits at `at`, big-endian; what lies past the end reads as 0. */
export const u24At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);

/** The signed 24 bits at `at`, as composition times are; what lies past the end reads as 0. */
export const i24At = (bytes: Uint8Array, at: number): number => (u24At(bytes, at) << 8) >> 8;

/** The unsigned 32 bits at `at`, big-endian; what lies past the end reads as 0. */
export const u32At = (bytes: Uint8Array, at: number): number =>
  ((u16At(bytes, at) << 16) | u16At(bytes, at + 2)) >>> 0;
