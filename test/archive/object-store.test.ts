import { afterAll, beforeAll, describe, expect } from "bun:test";
import { S3Client } from "bun";
import {
  type ObjectStore,
  partBytes,
  partBytesOf,
  placeOf,
  s3StoreWith,
  urlOf,
} from "../../src/archive/object-store.ts";
import { assertWhole, hasWhole } from "../../src/archive/upload-proof.ts";
import { TempDirectory } from "../e2e/harness/directory.ts";
import { S3Server } from "../e2e/harness/s3-server.ts";
import { needsTools } from "../e2e/harness/tools.ts";

// Against a real S3 server.

const test = needsTools("node");

let server: S3Server;
let directory: TempDirectory;
let s3Store: ObjectStore;

beforeAll(async () => {
  server = await S3Server.open();
  directory = new TempDirectory();
  s3Store = s3StoreWith(server.options);
}, 30_000);

afterAll(async () => {
  directory[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const fileOf = async (name: string, size: number): Promise<string> => {
  const file = directory.file(name);
  await Bun.write(
    file,
    new Uint8Array(size).map((_, index) => (index * 31) >> 3),
  );
  return file;
};

describe("an S3 store", () => {
  test("takes files, says what it has, gives parts of them, and deletes them", async () => {
    const place = { bucket: server.bucket, key: "a b/ü%+?.mp4" };
    expect(await s3Store.head(place)).toBeUndefined();
    const file = await fileOf("small", 1_000);
    await s3Store.put(place, file);
    expect(await s3Store.head(place)).toMatchObject({ size: 1_000 });
    const bytes = await Bun.file(file).bytes();
    expect(Buffer.compare(await s3Store.read(place, 100, 300), bytes.subarray(100, 300))).toBe(0);
    await s3Store.remove(place);
    await s3Store.remove(place);
    expect(await s3Store.head(place)).toBeUndefined();
    expect(s3Store.read(place, 0, 1)).rejects.toMatchObject({ code: "DISK" });
  });

  test("is known to have a file whole, in one part or several, and not to have another", async () => {
    for (const size of [1, 1_000, partBytes, partBytes * 2 + 5]) {
      const place = { bucket: server.bucket, key: `whole/${size}` };
      const file = await fileOf(String(size), size);
      await s3Store.put(place, file);
      expect(await hasWhole(s3Store, place, file)).toBe(true);
      const other = directory.file(`other-${size}`);
      const bytes = await Bun.file(file).bytes();
      bytes[size - 1] = (bytes[size - 1]! + 1) & 0xff;
      await Bun.write(other, bytes);
      expect(await hasWhole(s3Store, place, other)).toBe(false);
      expect(assertWhole(s3Store, place, other)).rejects.toMatchObject({ code: "REJECTED" });
      expect(await hasWhole(s3Store, { ...place, key: "none" }, file)).toBe(false);
    }
  });

  test("lists what it has in pages", async () => {
    const client = new S3Client({ ...server.options, bucket: server.bucket });
    for (let index = 0; index < 1_050; index++) await client.write(`many/${index}`, "x");
    const pages: number[] = [];
    const keys = new Set<string>();
    for await (const page of s3Store.list(server.bucket, "many/")) {
      pages.push(page.length);
      for (const { key, size } of page) if (size === 1) keys.add(key);
    }
    expect([pages, keys.size]).toEqual([[1_000, 50], 1_050]);
    const none = [];
    for await (const page of s3Store.list(server.bucket, "none/")) none.push(...page);
    expect(none).toEqual([]);
  });

  test("that is not there, or lets nobody in, is told by its code alone", async () => {
    const nowhere = { bucket: "no-such-bucket", key: "x" };
    expect(s3Store.put(nowhere, await fileOf("x", 5))).rejects.toMatchObject({
      code: "REJECTED",
      message: "the store cannot be used: NoSuchBucket",
    });
    const nobody = s3StoreWith({ ...server.options, endpoint: "http://127.0.0.1:1" });
    expect(nobody.head({ bucket: server.bucket, key: "x" })).rejects.toMatchObject({ code: "REJECTED" });
  });
});

describe("places in a store", () => {
  test("are written as URLs, and read", () => {
    for (const place of [
      { bucket: "b", key: "a b/c?.mp4" },
      { bucket: "b", key: "" },
    ])
      expect(placeOf(urlOf(place))).toEqual(place);
    expect(placeOf("s3://b")).toEqual({ bucket: "b", key: "" });
    expect([placeOf(""), placeOf("https://b/c")]).toEqual([undefined, undefined]);
  });

  test("parts grow with files, so that no store gets too many", () => {
    expect(partBytesOf(5)).toBe(partBytes);
    expect(2 ** 40 / partBytesOf(2 ** 40)).toBeLessThanOrEqual(10_000);
  });
});
