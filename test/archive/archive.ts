import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Recordings } from "../../src/archive/recordings.ts";
import { SegmentIndex } from "../../src/archive/segment-index.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { RecordConf } from "../../src/record/path-conf.ts";
import { PathRecords } from "../../src/record/path-records.ts";
import { House } from "../stream/house.ts";
import { Shelf } from "./shelf.ts";

/** A registry that records paths by its configuration, and reads them back. */
export class Archive implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "archive-"));
  readonly house = new House();
  readonly warnings: string[] = [];
  readonly records: PathRecords;
  readonly store = new Shelf();
  readonly index: SegmentIndex;
  readonly recordings: Recordings;
  paths: Readonly<Record<string, RecordConf>> = {};

  constructor({ maxEntries }: { maxEntries?: number } = {}) {
    const { clock, hub: events, registry } = this.house;
    const warn = (message: string, fields: object = {}): void => {
      this.warnings.push(`${message} ${JSON.stringify(fields)}`);
    };
    const log = { debug: () => undefined, info: () => undefined, warn, error: warn };
    const find = (name: string) => {
      const conf = this.paths[name] ?? this.paths.all_others;
      return conf && { conf };
    };
    this.records = new PathRecords({ clock, events, log, find, encoder: "rtmp-server test" });
    this.index = new SegmentIndex({
      clock,
      log,
      objects: this.store,
      isInMemory: true,
      ...(maxEntries ? { maxEntries } : {}),
    });
    this.recordings = new Recordings({ events, index: this.index, store: this.store, find });
    registry.attach(this.records);
  }

  /** The folder's name in front of a template. */
  at(template: string): string {
    return join(this.folder, template);
  }

  set(paths: Record<string, Partial<RecordConf>>): void {
    const whole = Object.entries(paths).map(([name, conf]): [string, RecordConf] => [
      name,
      {
        record: true,
        recordPath: this.at("%path/%Y-%m-%d_%H-%M-%S-%f"),
        recordFormat: "flv",
        recordPartDuration: 1_000,
        recordMaxPartSize: 50 * 1024 ** 2,
        recordSegmentDuration: 3_600_000,
        recordDeleteAfter: 0,
        recordMaxSize: 0,
        recordUpload: "",
        ...conf,
      },
    ]);
    this.paths = Object.fromEntries(whole);
    const conf = { paths: this.paths, recordMaxTotalSize: 0, recordMinFreeDisk: 0 };
    this.records.configure(conf);
    this.recordings.configure(conf);
  }

  publish(path: string) {
    return this.house.publish(parseStreamPath(path));
  }

  /** Names of the files that events told of, below the folder. */
  told(kind: "recordingStarted" | "recordingCompleted" | "recordingFailed"): string[] {
    return this.house.events.flatMap((event) =>
      event.kind === kind ? [event.file.substring(this.folder.length + 1)] : [],
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
