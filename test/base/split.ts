import * as fc from "fast-check";
import { copyBytes } from "../../src/base/bytes.ts";

/** Cuts `bytes` at the given places (taken modulo the length), each piece in a buffer of its own, as a socket gives them. */
export const splitAt = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...places, bytes.length];
  const pieces: Uint8Array[] = [];
  for (let i = 1; i < edges.length; i++) {
    const piece = bytes.subarray(edges[i - 1], edges[i]);
    if (piece.length > 0) pieces.push(copyBytes(piece));
  }
  return pieces;
};

/** Every byte by itself. */
export const singly = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => new Uint8Array([byte]));

/** Places to cut at: many near each other, so that headers are hit. */
export const cutPlaces: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.nat({ max: 5_000 }), { maxLength: 20 }),
  fc.nat({ max: 2_000 }).map((at) => [at, at + 1, at + 2, at + 3, at + 7]),
);
