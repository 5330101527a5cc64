import { expect } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { type Metadata, readMetadata } from "../../src/flv/metadata.ts";
import { type FlvTag, tagType } from "../../src/flv/tag.ts";
import type { Disk, DiskFile } from "../../src/record/disk.ts";
import { systemDisk } from "../../src/record/disk.ts";
import { parseSegmentPattern } from "../../src/record/file-name.ts";
import { RecordOutput } from "../../src/record/record-output.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import type { Publication } from "../../src/stream/publication.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { peerOf } from "../stream/peer.ts";
import { publishTag, readTags } from "./tags.ts";

/** How often {@link until} looks, and for how long. */
const pollMs = 2;
const patienceMs = 10_000;

/** The name of a first recording that is not cut. */
export const firstName = "out/live_test_20251011_143052.flv";

/** Waits for a condition that the file system brings about. */
export const until = async (isTrue: () => boolean, what: string): Promise<void> => {
  const end = performance.now() + patienceMs;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await Bun.sleep(pollMs);
  }
};

/** Names of files tell local time, so the day begins at the same hour wherever the tests run. */
class LocalClock extends FakeClock {
  readonly #startedAt = this.now();

  override date(): Date {
    return new Date(new Date(2025, 9, 11, 14, 30, 52).getTime() + this.now() - this.#startedAt);
  }
}

/** A registry that records into a folder of its own. */
export class Studio implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "record-"));
  readonly clock = new LocalClock();
  readonly events: DomainEvent[] = [];
  readonly output: RecordOutput;
  readonly registry: Registry;

  constructor(
    options: {
      segmentMs?: number;
      pattern?: string;
      disk?: Disk;
      maxWaitingBytes?: number;
      directory?: string;
    } = {},
  ) {
    const hub = new EventHub();
    hub.listen((event) => this.events.push(event));
    this.output = new RecordOutput({
      directory: join(this.folder, options.directory ?? "out"),
      segmentMs: options.segmentMs ?? 0,
      pattern: parseSegmentPattern(options.pattern ?? "%s_%T_seg%03d"),
      encoder: "rtmp-server test",
      clock: this.clock,
      events: hub,
      disk: options.disk ?? systemDisk,
      ...(options.maxWaitingBytes === undefined ? {} : { maxWaitingBytes: options.maxWaitingBytes }),
    });
    this.registry = new Registry({
      rules: {
        optionsOf: () => ({
          ...defaultStreamOptions,
          isLowLatency: true,
          overridePublisher: true,
          republishGraceMs: 0,
          playWaitMs: 0,
        }),
        maxPublishers: 0,
      },
      clock: this.clock,
      events: hub,
    });
    this.registry.attach(this.output);
  }

  publish(path = "live/test"): Publication {
    return this.registry.publish(parseStreamPath(path), {
      peer: peerOf("c000001", "127.0.0.1:1"),
      publishType: "live",
      evicted: () => undefined,
    });
  }

  /** Publishes the tags from the first to the last and waits for the files. */
  async record(tags: Iterable<FlvTag>, path = "live/test"): Promise<void> {
    const publication = this.publish(path);
    for (const tag of tags) publishTag(publication, tag);
    publication.end("client_stop");
    await this.output.idle();
  }

  /** Events of recording, in order. */
  get recordings(): DomainEvent[] {
    return this.events.filter(({ kind }) => kind.startsWith("recording"));
  }

  get failures(): string[] {
    return this.events.flatMap((event) => (event.kind === "recordingFailed" ? [event.error] : []));
  }

  /** Names of the files there are, folders included in them. */
  get files(): string[] {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).substring(this.folder.length + 1))
      .toSorted();
  }

  async read(name: string): Promise<Uint8Array> {
    return await Bun.file(join(this.folder, name)).bytes();
  }

  /** The tags of a recording behind its metadata; the file is whole. */
  async tags(file: string): Promise<FlvTag[]> {
    const { tags, pendingBytes } = readTags(await this.read(file));
    // What is left is the size of the last tag.
    expect([tags[0]?.type, pendingBytes]).toEqual([tagType.script, 4]);
    return tags.filter((_, i) => i > 0);
  }

  /** The metadata at the beginning of a recording. */
  async metadata(file: string): Promise<Metadata["values"]> {
    const [first] = readTags(await this.read(file)).tags;
    return readMetadata(first!.payload)!.values;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The disk of this machine, with another way to write. */
export const diskWriting = (
  write: (file: DiskFile, bytes: Uint8Array, position: number) => Promise<number>,
): Disk => ({
  ...systemDisk,
  async create(path) {
    const file = await systemDisk.create(path);
    return {
      close: () => file.close(),
      truncate: (size) => file.truncate(size),
      write: (bytes, position) => write(file, bytes, position),
    };
  },
});

/** An error as the operating system gives it. */
export const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: as if, write`), { code });

/** What the descriptor leads to; nothing where it is closed meanwhile. */
const targetOf = (descriptor: string): string => {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
};

/** Descriptors of this process that are open in `place`, a folder or a file; 0 where they cannot be counted. */
export const openDescriptors = (place: string): number => {
  if (!existsSync("/proc/self/fd")) return 0;
  return readdirSync("/proc/self/fd").filter((descriptor) => targetOf(descriptor).startsWith(place)).length;
};
