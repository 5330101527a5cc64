import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import * as fc from "fast-check";
import { TransportError } from "../../src/base/errors.ts";
import type { DiskFile } from "../../src/record/disk.ts";
import { DiskWriter } from "../../src/record/disk-writer.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { openDescriptors, systemError, until } from "./studio.ts";

const blockBytes = 256 * 1024;

/** A file in memory that takes at most `most` bytes at a time. */
class MemoryFile implements DiskFile {
  bytes = new Uint8Array(0);
  writes = 0;
  inFlight = 0;
  isClosed = false;
  most = Number.POSITIVE_INFINITY;

  async write(bytes: Uint8Array, position: number): Promise<number> {
    expect(this.isClosed).toBe(false);
    this.inFlight++;
    expect(this.inFlight).toBe(1);
    await Promise.resolve();
    const count = Math.min(bytes.length, this.most);
    const grown = new Uint8Array(Math.max(this.bytes.length, position + count));
    grown.set(this.bytes);
    grown.set(bytes.subarray(0, count), position);
    this.bytes = grown;
    this.writes++;
    this.inFlight--;
    return count;
  }

  async truncate(size: number): Promise<void> {
    expect([this.isClosed, this.inFlight]).toEqual([false, 0]);
    this.bytes = this.bytes.subarray(0, size);
  }

  async close(): Promise<void> {
    expect(this.isClosed).toBe(false);
    this.isClosed = true;
  }
}

/** A disk that hangs until it is let go. */
class StuckFile extends MemoryFile {
  readonly released = Promise.withResolvers<void>();

  override async write(bytes: Uint8Array, position: number): Promise<number> {
    await this.released.promise;
    return super.write(bytes, position);
  }
}

const append = (writer: DiskWriter, bytes: Uint8Array): boolean => {
  const block = writer.reserve(bytes.length);
  block?.bytes.set(bytes, block.used - bytes.length);
  return block !== undefined;
};

const failureOf = async (done: Promise<void>): Promise<TransportError> => {
  const error = await done.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
};

/** Lets everything run that waits for nothing but its turn. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

describe("disk writer", () => {
  test("what is flushed is written without waiting for more or for its time", async () => {
    const file = new MemoryFile();
    const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
    append(writer, Uint8Array.of(1, 2));
    await settle();
    expect(file.writes).toBe(0);
    writer.flush();
    writer.flush();
    await settle();
    append(writer, Uint8Array.of(3));
    writer.flush();
    await settle();
    expect([file.writes, ...file.bytes]).toEqual([2, 1, 2, 3]);
    writer.flush();
    writer.end([]);
    await writer.done;
    expect(file.writes).toBe(2);
  });

  test("what is appended is in the file in its order, however it is cut and however the disk takes it", async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 30_000, max: 600_000 }), async (sizes, most) => {
        const file = new MemoryFile();
        file.most = most;
        const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
        const expected: Uint8Array[] = [];
        for (const [i, size] of sizes.entries()) {
          const bytes = new Uint8Array(size).fill(i + 1);
          expected.push(bytes);
          expect(append(writer, bytes)).toBe(true);
          if (i % 3 === 0) await settle();
        }
        writer.end([]);
        await writer.done;
        expect(Buffer.compare(file.bytes, Buffer.concat(expected))).toBe(0);
        expect([file.isClosed, writer.waitingBytes, writer.writtenBytes]).toEqual([
          true,
          0,
          file.bytes.length,
        ]);
      }),
      { numRuns: 30 },
    );
  });

  test("small pieces are written together, at the latest after a second", async () => {
    const file = new MemoryFile();
    const clock = new FakeClock();
    const writer = new DiskWriter(Promise.resolve(file), { clock });
    for (let i = 0; i < 100; i++) append(writer, Uint8Array.of(i));
    clock.advance(999);
    await settle();
    expect(file.bytes.length).toBe(0);
    clock.advance(1);
    await settle();
    expect([file.bytes.length, file.writes]).toEqual([100, 1]);
    clock.advance(60_000);
    await settle();
    expect([file.writes, clock.timers]).toEqual([1, 0]);
    append(writer, Uint8Array.of(100));
    clock.advance(1_000);
    await settle();
    expect([file.bytes.length, file.writes]).toEqual([101, 2]);
    writer.end([]);
    await writer.done;
  });

  test("a full block is written at once", async () => {
    const file = new MemoryFile();
    const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
    append(writer, new Uint8Array(blockBytes - 10));
    append(writer, new Uint8Array(11));
    await settle();
    expect([file.bytes.length, writer.waitingBytes]).toEqual([blockBytes - 10, 11]);
    writer.end([]);
    await writer.done;
  });

  test("patches go over what was written, after all of it", async () => {
    const file = new MemoryFile();
    const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
    append(writer, new Uint8Array(10));
    writer.end([
      { position: 2, bytes: Uint8Array.of(1, 2, 3) },
      { position: 4, bytes: Uint8Array.of(9) },
    ]);
    expect(append(writer, Uint8Array.of(1))).toBe(false);
    await writer.done;
    expect([...file.bytes]).toEqual([0, 0, 1, 2, 9, 0, 0, 0, 0, 0]);
  });

  test("a disk that hangs costs no more memory than its bound, and then the file", async () => {
    const file = new StuckFile();
    const clock = new FakeClock();
    const writer = new DiskWriter(Promise.resolve(file), { clock });
    const failure = failureOf(writer.done);
    const piece = new Uint8Array(100_000);
    let accepted = 0;
    while (accepted < 1_000 && append(writer, piece)) {
      accepted++;
      await settle();
    }
    expect(accepted).toBe(Math.ceil((16 * 1024 * 1024) / piece.length));
    const { code, message } = await failure;
    expect([code, message]).toEqual([
      "OVERFLOW",
      "the disk cannot keep up: 16800000 bytes wait, expected less than 16777216",
    ]);
    expect([writer.waitingBytes, file.isClosed, clock.timers]).toEqual([0, false, 0]);
    file.released.resolve();
    await writer.closed;
    expect(file.isClosed).toBe(true);
  });

  test("while the disk hangs, what is due every second shares a block", async () => {
    const file = new StuckFile();
    const clock = new FakeClock();
    const writer = new DiskWriter(Promise.resolve(file), { clock });
    const seen = new Set<Uint8Array>();
    for (let i = 0; i < 100; i++) {
      seen.add(writer.reserve(10)!.bytes);
      clock.advance(1_000);
      await settle();
    }
    expect(seen.size).toBe(2);
    file.released.resolve();
    writer.end([]);
    await writer.done;
    expect(file.bytes.length).toBe(1_000);
  });

  test("blocks are used again", async () => {
    const file = new MemoryFile();
    const clock = new FakeClock();
    const writer = new DiskWriter(Promise.resolve(file), { clock });
    const seen = new Set<Uint8Array>();
    for (let i = 0; i < 100; i++) {
      seen.add(writer.reserve(100_000)!.bytes);
      await settle();
    }
    expect(seen.size).toBeLessThanOrEqual(3);
    writer.end([]);
    await writer.done;
    expect(file.bytes.length).toBe(10_000_000);
  });

  test.each([
    { code: "ENOSPC", says: "the disk is full" },
    { code: "EIO", says: "the disk reports a fault" },
    { code: "EDQUOT", says: "quota" },
    { code: "EWEIRD", says: "EWEIRD: as if, write" },
  ])("$code of a write ends the file with a sentence that helps, and closes it", async ({ code, says }) => {
    const file = new MemoryFile();
    file.write = () => Promise.reject(systemError(code));
    const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
    append(writer, new Uint8Array(blockBytes));
    append(writer, new Uint8Array(blockBytes));
    const failure = await failureOf(writer.done);
    expect([failure.code, file.isClosed, append(writer, Uint8Array.of(1))]).toEqual(["DISK", true, false]);
    expect(failure.message).toContain(says);
    expect(failure.cause).toBeInstanceOf(Error);
  });

  test("a failure in closing or patching is a failure, and the first failure is the one that is told", async () => {
    const unclosable = new MemoryFile();
    unclosable.close = () => Promise.reject(systemError("EIO"));
    const writer = new DiskWriter(Promise.resolve(unclosable), { clock: new FakeClock() });
    writer.end([]);
    expect((await failureOf(writer.done)).message).toContain("(EIO)");

    const worse = new MemoryFile();
    worse.write = () => Promise.reject(systemError("ENOSPC"));
    worse.close = () => Promise.reject(systemError("EIO"));
    const other = new DiskWriter(Promise.resolve(worse), { clock: new FakeClock() });
    other.end([{ position: 0, bytes: Uint8Array.of(1) }]);
    expect((await failureOf(other.done)).message).toContain("(ENOSPC)");
  });

  test("of a block that did not find room nothing is left in the file", async () => {
    class FullFile extends MemoryFile {
      override write(bytes: Uint8Array, position: number): Promise<number> {
        const room = 350_000 - position;
        if (room <= 0) return Promise.reject(systemError("ENOSPC"));
        return super.write(bytes.subarray(0, room), position);
      }
    }
    const file = new FullFile();
    const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
    for (let i = 1; i <= 8; i++) append(writer, new Uint8Array(60_000).fill(i));
    writer.end([]);
    expect((await failureOf(writer.done)).message).toContain("the disk is full");
    // Four pieces fill a block.
    expect([file.bytes.length, file.bytes.at(-1), file.isClosed]).toEqual([240_000, 4, true]);
  });

  test("a disk that takes nothing is not asked for ever", async () => {
    const file = new MemoryFile();
    file.most = 0;
    const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
    append(writer, Uint8Array.of(1));
    writer.end([]);
    const { code, message } = await failureOf(writer.done);
    expect([code, message]).toEqual(["DISK", "the disk took none of 1 bytes"]);
  });

  test("a file that cannot be opened fails the writer; one that opens after it was given up is closed", async () => {
    const failed = new DiskWriter(Promise.reject(systemError("EACCES")), { clock: new FakeClock() });
    append(failed, Uint8Array.of(1));
    expect((await failureOf(failed.done)).message).toContain("permission denied");

    const opening = Promise.withResolvers<DiskFile>();
    const writer = new DiskWriter(opening.promise, { clock: new FakeClock() });
    append(writer, Uint8Array.of(1));
    writer.abort(new TransportError("CLOSED", "given up"));
    expect((await failureOf(writer.done)).message).toBe("given up");
    const file = new MemoryFile();
    opening.resolve(file);
    await writer.closed;
    expect([file.isClosed, file.bytes.length]).toEqual([true, 0]);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk of the operating system is told as such", async () => {
    const before = openDescriptors("/dev/full");
    const handle = await open("/dev/full", "r+");
    const file: DiskFile = {
      write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
      truncate: () => handle.truncate(0),
      close: () => handle.close(),
    };
    const writer = new DiskWriter(Promise.resolve(file), { clock: new FakeClock() });
    append(writer, new Uint8Array(1_000));
    writer.end([]);
    const { code, message } = await failureOf(writer.done);
    expect([code, message]).toEqual([
      "DISK",
      "the disk is full, free some space or record elsewhere (ENOSPC)",
    ]);
    await until(() => openDescriptors("/dev/full") <= before, "the descriptor is closed");
  });
});
