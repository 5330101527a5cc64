import { createHmac, timingSafeEqual } from "node:crypto";
import { fromHex, joinBytes } from "../base/bytes.ts";

/*
 * The digest handshake that Flash introduced. Either side hides 32 bytes of HMAC-SHA256 in its 1536-byte block, at a place
 * the block itself names, in one of two layouts:
 *
 *              0..7            8..771                772..1535
 *   "digest"   time, version   digest block          key block
 *   "key"      time, version   key block             digest block
 *
 *   digest block: four bytes whose sum mod 728 is the offset, then filler with the digest in it
 */

const tail = fromHex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae");
const playerName = new TextEncoder().encode("Genuine Adobe Flash Player 001");
const serverName = new TextEncoder().encode("Genuine Adobe Flash Media Server 001");
const playerKey = joinBytes([playerName, tail]);
const serverKey = joinBytes([serverName, tail]);

/** Where the digest block lies: first ("digest") or second ("key"). */
export type DigestScheme = "digest" | "key";

/** Length of a digest, in bytes. */
const digestBytes = 32;

const blockOffset = { digest: 8, key: 772 } as const;

const digestOffset = (block: Uint8Array, scheme: DigestScheme): number => {
  const base = blockOffset[scheme];
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += block[base + i] ?? 0;
  return base + 4 + (sum % 728);
};

const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Uint8Array => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

const digestOf = (block: Uint8Array, offset: number, key: Uint8Array): Uint8Array =>
  hmac(key, block.subarray(0, offset), block.subarray(offset + digestBytes));

/** Finds the digest of a C1 block of 1536 bytes; undefined where neither layout holds a valid one. */
export const findClientDigest = (
  c1: Uint8Array,
): { scheme: DigestScheme; digest: Uint8Array } | undefined => {
  for (const scheme of ["key", "digest"] as const) {
    const offset = digestOffset(c1, scheme);
    const digest = c1.subarray(offset, offset + digestBytes);
    if (timingSafeEqual(digestOf(c1, offset, playerName), digest)) return { scheme, digest };
  }
  return undefined;
};

/** Signs an S1 block of 1536 bytes in place, in the layout the client used. */
export const signServerBlock = (s1: Uint8Array, scheme: DigestScheme): void => {
  const offset = digestOffset(s1, scheme);
  s1.set(digestOf(s1, offset, serverName), offset);
};

/** Signs an S2 block of 1536 bytes in place: its last 32 bytes answer the digest of C1. */
export const signServerReply = (s2: Uint8Array, clientDigest: Uint8Array): void => {
  const key = hmac(serverKey, clientDigest);
  s2.set(hmac(key, s2.subarray(0, s2.length - digestBytes)), s2.length - digestBytes);
};

/** Signs a C1 block in place, as a player would. Used to test servers, ours included. */
export const signClientBlock = (c1: Uint8Array, scheme: DigestScheme): void => {
  const offset = digestOffset(c1, scheme);
  c1.set(digestOf(c1, offset, playerName), offset);
};

/** Whether S1 carries a valid server digest in this layout; gives it. */
export const findServerDigest = (s1: Uint8Array, scheme: DigestScheme): Uint8Array | undefined => {
  const offset = digestOffset(s1, scheme);
  const digest = s1.subarray(offset, offset + digestBytes);
  return timingSafeEqual(digestOf(s1, offset, serverName), digest) ? digest : undefined;
};

/** Whether S2 answers the digest that C1 carried. */
export const isServerReplyValid = (s2: Uint8Array, clientDigest: Uint8Array): boolean => {
  const key = hmac(serverKey, clientDigest);
  return timingSafeEqual(
    hmac(key, s2.subarray(0, s2.length - digestBytes)),
    s2.subarray(s2.length - digestBytes),
  );
};

/** Signs a C2 block in place as an answer to the digest of S1. */
export const signClientReply = (c2: Uint8Array, serverDigest: Uint8Array): void => {
  const key = hmac(playerKey, serverDigest);
  c2.set(hmac(key, c2.subarray(0, c2.length - digestBytes)), c2.length - digestBytes);
};
