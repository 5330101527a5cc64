import { joinBytes } from "../../src/base/bytes.ts";
import type { Random } from "./random.ts";

/** Inputs do not grow beyond this, in bytes. */
const maxInputBytes = 16 * 1024;

/** Values at which parsers go wrong, by their size in bytes. */
const interesting: Readonly<Record<number, readonly number[]>> = {
  1: [0, 1, 2, 3, 8, 9, 15, 17, 18, 20, 22, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff],
  2: [0, 1, 0x7fff, 0x8000, 0xffff, 9],
  3: [0, 1, 128, 129, 0x7fffff, 0xfffffe, 0xffffff],
  4: [0, 1, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff],
};

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const replaced = (bytes: Uint8Array, at: number, count: number, by: Uint8Array): Uint8Array =>
  joinBytes([bytes.subarray(0, at), by, bytes.subarray(Math.min(bytes.length, at + count))]);

const put = (bytes: Uint8Array, at: number, value: number, size: number): Uint8Array => {
  const copy = new Uint8Array(bytes);
  for (let i = 0; i < size && at + i < copy.length; i++) copy[at + i] = value >>> (8 * (size - 1 - i));
  return copy;
};

const mutations: readonly Mutation[] = [
  // One bit the other way.
  (bytes, random) => {
    const at = random.below(bytes.length);
    return put(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)), 1);
  },
  // Another byte.
  (bytes, random) => put(bytes, random.below(bytes.length), random.below(256), 1),
  // A value of one to four bytes that is known to hurt.
  (bytes, random) => {
    const size = 1 + random.below(4);
    return put(bytes, random.below(bytes.length), random.pick(interesting[size] ?? [0]), size);
  },
  // A little more or less.
  (bytes, random) => {
    const at = random.below(bytes.length);
    return put(bytes, at, (bytes[at] ?? 0) + random.below(9) - 4, 1);
  },
  // Some bytes gone, some bytes new.
  (bytes, random) => replaced(bytes, random.below(bytes.length), 1 + random.below(16), new Uint8Array()),
  (bytes, random) => {
    const added = new Uint8Array(1 + random.below(16)).map(() => random.below(256));
    return replaced(bytes, random.below(bytes.length + 1), 0, added);
  },
  // A part again, once or many times.
  (bytes, random) => {
    const at = random.below(bytes.length);
    const part = bytes.subarray(at, at + 1 + random.below(200));
    return replaced(bytes, at, 0, joinBytes(Array.from({ length: 1 + random.below(8) }, () => part)));
  },
  // A part of something else.
  (bytes, random, other) => {
    const from = random.below(other.length + 1);
    const part = other.subarray(from, from + 1 + random.below(300));
    return replaced(bytes, random.below(bytes.length + 1), random.below(40), part);
  },
  // Cut off.
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
];

/** `bytes` changed in one to eight places. `other` lends parts. Neither is written. */
export const mutate = (bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array => {
  let mutated = bytes;
  for (let left = 1 + random.below(8); left > 0; left--) {
    if (mutated.length === 0) mutated = new Uint8Array([random.below(256)]);
    mutated = random.pick(mutations)(mutated, random, other);
  }
  return new Uint8Array(mutated.subarray(0, maxInputBytes));
};
