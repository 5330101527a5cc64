import { equalBytes } from "../base/bytes.ts";
import { TransportError } from "../base/errors.ts";
import { RandomFile } from "../record/random-file.ts";
import { type ObjectPlace, type ObjectStore, partBytesOf } from "./object-store.ts";

/** Read at once, in bytes: to take the sum of so much holds the thread for less than a millisecond. */
const chunkBytes = 256 * 1024;

/** Read back from a store at once, in bytes. */
const readBackBytes = 4 * 1024 * 1024;

/**
 * Whether a store has a file whole: the size is right, and so is the entity tag, where it is the MD5 sum of the file or of the sums of its parts. Stores that
 * encrypt have other tags: from them the object is read back, and compared.
 * @throws an error of the operating system; what the store rejects with
 */
export const hasWhole = async (store: ObjectStore, place: ObjectPlace, file: string): Promise<boolean> => {
  const head = await store.head(place);
  if (!head) return false;
  const local = await RandomFile.open(file);
  try {
    if (head.size !== local.size) return false;
    const [, sum, parts] = /^([0-9a-f]{32})(?:-(\d+))?$/i.exec(head.etag) ?? [];
    const isSum = sum !== undefined && parts === undefined && (await sumOf(local)) === sum.toLowerCase();
    if (isSum) return true;
    const isSumOfParts = parts !== undefined && (await sumOfParts(local)) === head.etag.toLowerCase();
    return isSumOfParts || (await isSame(store, place, local));
  } finally {
    await local.close();
  }
};

/** The same, as a claim. @throws TransportError REJECTED where it does not hold */
export const assertWhole = async (store: ObjectStore, place: ObjectPlace, file: string): Promise<void> => {
  if (await hasWhole(store, place, file)) return;
  throw new TransportError("REJECTED", "what has arrived in the store is not what was sent");
};

const addTo = async (hash: Bun.CryptoHasher, file: RandomFile, range: { from: number; to: number }) => {
  for (let at = range.from; at < range.to; at += chunkBytes)
    hash.update(await file.read(at, Math.min(chunkBytes, range.to - at)));
  return hash;
};

const sumOf = async (file: RandomFile): Promise<string> =>
  (await addTo(new Bun.CryptoHasher("md5"), file, { from: 0, to: file.size })).digest("hex");

const sumOfParts = async (file: RandomFile): Promise<string> => {
  const size = partBytesOf(file.size);
  const all = new Bun.CryptoHasher("md5");
  let parts = 0;
  for (let from = 0; from < file.size; from += size, parts++) {
    const part = new Bun.CryptoHasher("md5");
    all.update((await addTo(part, file, { from, to: Math.min(from + size, file.size) })).digest());
  }
  return `${all.digest("hex")}-${parts}`;
};

const isSame = async (store: ObjectStore, place: ObjectPlace, file: RandomFile): Promise<boolean> => {
  for (let at = 0; at < file.size; at += readBackBytes) {
    const to = Math.min(at + readBackBytes, file.size);
    const [there, here] = await Promise.all([store.read(place, at, to), file.read(at, to - at)]);
    if (!equalBytes(there, here)) return false;
  }
  return true;
};
