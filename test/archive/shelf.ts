import type { ListedObject, ObjectHead, ObjectPlace, ObjectStore } from "../../src/archive/object-store.ts";
import { TransportError } from "../../src/base/errors.ts";

/** A store in memory, which may fail. */
export class Shelf implements ObjectStore {
  readonly objects = new Map<string, Uint8Array>();
  fault: Error | undefined;
  /** Loses the end of what comes. */
  isLossy = false;
  /** Gives other tags than sums. */
  isEncrypted = false;
  puts = 0;
  /** Objects of a page. */
  pageSize = 1_000;

  async put(place: ObjectPlace, file: string): Promise<void> {
    this.#fail();
    this.puts++;
    const bytes = await Bun.file(file).bytes();
    this.objects.set(nameOf(place), this.isLossy ? bytes.subarray(1) : bytes);
  }

  head(place: ObjectPlace): Promise<ObjectHead | undefined> {
    this.#fail();
    const bytes = this.objects.get(nameOf(place));
    if (!bytes) return Promise.resolve(undefined);
    const etag = this.isEncrypted
      ? "0123456789abcdef0123456789abcdef"
      : new Bun.CryptoHasher("md5").update(bytes).digest("hex");
    return Promise.resolve({ size: bytes.length, etag });
  }

  read(place: ObjectPlace, from: number, to: number): Promise<Uint8Array> {
    this.#fail();
    const bytes = this.objects.get(nameOf(place));
    return bytes
      ? Promise.resolve(bytes.subarray(from, to))
      : Promise.reject(new TransportError("DISK", "the recording is not in the store any more"));
  }

  remove(place: ObjectPlace): Promise<void> {
    this.#fail();
    this.objects.delete(nameOf(place));
    return Promise.resolve();
  }

  async *list(bucket: string, prefix: string): AsyncGenerator<readonly ListedObject[]> {
    this.#fail();
    await Promise.resolve();
    const all = [...this.objects]
      .map(([name, { length: size }]) => ({ key: name.substring(bucket.length + 1), size }))
      .filter(({ key }) => key.startsWith(prefix));
    for (let at = 0; at < all.length; at += this.pageSize) yield all.slice(at, at + this.pageSize);
  }

  #fail(): void {
    if (this.fault) throw this.fault;
  }
}

const nameOf = ({ bucket, key }: ObjectPlace): string => `${bucket}/${key}`;
