import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { FlvTag } from "../../src/flv/tag.ts";
import type { Disk } from "../../src/record/disk.ts";
import type { RecordConf, RecordsConf } from "../../src/record/path-conf.ts";
import { PathRecords } from "../../src/record/path-records.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import type { Publication } from "../../src/stream/publication.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { peerOf } from "../stream/peer.ts";
import { publishTag } from "./tags.ts";

/** A log that keeps what it is told. */
export class KeptLog {
  readonly lines: string[] = [];
  readonly #take = (message: string): void => void this.lines.push(message);
  readonly debug = this.#take;
  readonly info = this.#take;
  readonly warn = this.#take;
  readonly error = this.#take;
}

/** What holds for a path unless a test says otherwise. */
export const usualConf = (folder: string): RecordConf => ({
  record: true,
  recordPath: `${folder}/%path/%Y-%m-%d_%H-%M-%S-%f`,
  recordFormat: "fmp4",
  recordPartDuration: 1_000,
  recordMaxPartSize: 50 * 1024 * 1024,
  recordSegmentDuration: 3_600_000,
  recordDeleteAfter: 0,
  recordMaxSize: 0,
  recordUpload: "",
});

/** A registry whose streams are recorded by their path's configuration, into a folder of its own. */
export class PathStudio implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "records-"));
  readonly clock = new FakeClock();
  readonly log = new KeptLog();
  readonly hub = new EventHub();
  readonly events: DomainEvent[] = [];
  readonly records: PathRecords;
  readonly registry: Registry;
  conf: RecordConf;
  totals: Omit<RecordsConf, "paths"> = { recordMaxTotalSize: 0, recordMinFreeDisk: 0 };

  constructor(conf: Partial<RecordConf> = {}, options: { disk?: Disk; maxWaitingBytes?: number } = {}) {
    this.conf = { ...usualConf(this.folder), ...conf };
    this.hub.listen((event) => this.events.push(event));
    this.records = new PathRecords({
      events: this.hub,
      clock: this.clock,
      log: this.log,
      find: () => ({ conf: this.conf }),
      encoder: "rtmp-server test",
      ...options,
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
      events: this.hub,
    });
    this.registry.attach(this.records);
  }

  /** The configuration of all paths changes. */
  configure(conf: Partial<RecordConf>): void {
    this.conf = { ...this.conf, ...conf };
    this.records.configure({ paths: { all_others: this.conf }, ...this.totals });
  }

  publish(path = "live/test"): Publication {
    return this.registry.publish(parseStreamPath(path), {
      peer: peerOf("c000001", "127.0.0.1:1"),
      publishType: "live",
      evicted: () => undefined,
    });
  }

  /** Publishes tags, while the clock goes as they say. */
  play(publication: Publication, tags: Iterable<FlvTag>, startMs = this.clock.now()): void {
    for (const tag of tags) {
      const due = startMs + tag.timestamp;
      if (due > this.clock.now()) this.clock.advance(due - this.clock.now());
      publishTag(publication, tag);
    }
  }

  /** Publishes the tags from the first to the last and waits for the files. */
  async record(tags: Iterable<FlvTag>, path = "live/test"): Promise<void> {
    const publication = this.publish(path);
    this.play(publication, tags);
    publication.end("client_stop");
    await this.records.idle();
  }

  /** Events of recording, in order. */
  get recordings(): DomainEvent[] {
    return this.events.filter(({ kind }) => kind.startsWith("recording"));
  }

  /** Files below the folder, in order. */
  get files(): string[] {
    return [...new Glob("**/*").scanSync(this.folder)].sort().map((name) => join(this.folder, name));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
