import { dirname } from "node:path";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { Disk } from "../record/disk.ts";
import type { FindRecordConf, RecordsConf } from "../record/path-conf.ts";
import { RecordPath } from "../record/record-path.ts";
import { removeEmptyFolders } from "./empty-folders.ts";
import type { IndexPort } from "./index-port.ts";
import type { Recordings } from "./recordings.ts";
import type { KeepRule, OldSegment, SweepRules } from "./retention-plan.ts";

/** What retention needs of the house around it. */
export interface RetentionContext {
  readonly recordings: Recordings;
  readonly index: IndexPort;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks in the configuration that holds now. */
  readonly find: FindRecordConf;
}

/** How often segments are looked for that are too old, at most and at least, in milliseconds. */
const maxPeriodMs = 30 * 60_000;
const minPeriodMs = 1_000;

/** How often sizes and room on the disk are looked at, where there are bounds for them, in milliseconds. */
const sizePeriodMs = 30_000;

/** Deletes segments as the configuration says: by their age, by what paths have, by what all have, by the room on the disk. */
export class Retention {
  readonly #context: RetentionContext;
  #conf: RecordsConf = { paths: {}, recordMaxTotalSize: 0, recordMinFreeDisk: 0 };
  #cancel: Cancel | undefined;
  #periodMs: number | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(context: RetentionContext) {
    this.#context = context;
  }

  /** The configuration has changed: `find` looks in it already. What is too much now is deleted soon. */
  configure(conf: RecordsConf): void {
    this.#conf = conf;
    const periodMs = periodOf(conf);
    if (periodMs === this.#periodMs) return;
    this.#periodMs = periodMs;
    this.#cancel?.();
    this.#cancel = undefined;
    if (periodMs === undefined || this.#isClosed) return;
    this.#cancel = this.#context.clock.every(periodMs, () => void this.run());
    void this.run();
  }

  /** Deletes what is too much now. Resolves when that is done; never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#sweep()
      .catch((error: unknown) => {
        this.#context.log.warn("old recordings could not be looked for", { error: messageOf(error) });
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** Deletes no more. Resolves when nothing is deleted any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#running;
  }

  async #sweep(): Promise<void> {
    if (this.#periodMs === undefined) return;
    const { recordings, index, clock, find, disk } = this.#context;
    const { recordMaxTotalSize: maxTotalBytes, recordMinFreeDisk } = this.#conf;
    const bytesToFree: Record<string, number> = {};
    const archives: SweepRules["archives"][number][] = [];
    for (const template of recordings.templates) {
      const { root } = new RecordPath(template);
      // Where nothing lies there is nothing to ask for.
      if (!(await disk.exists(root))) continue;
      const paths: Record<string, KeepRule> = {};
      for (const name of await recordings.namesBy(template)) {
        const conf = find(name)?.conf;
        if (conf) paths[name] = { maxAgeMs: conf.recordDeleteAfter, maxBytes: conf.recordMaxSize };
      }
      archives.push({ template, root, paths });
      if (recordMinFreeDisk > 0)
        bytesToFree[root] =
          recordMinFreeDisk - (await disk.freeBytes(root).catch(() => Number.POSITIVE_INFINITY));
    }
    const removals = await index.plan({
      ...{ nowMs: clock.date().getTime(), archives, maxTotalBytes, bytesToFree },
      needsSizes: hasSizeBounds(this.#conf),
      busy: recordings.busy,
    });
    for (const segment of removals) {
      if (this.#isClosed) return;
      await this.#remove(segment);
    }
  }

  async #remove({ template, root, path, file, remote, startMs }: OldSegment): Promise<void> {
    const { recordings, clock, log, find } = this.#context;
    // It may have been asked for since.
    if (recordings.isBusy(file)) return;
    const maxAgeMs = find(path)?.conf.recordDeleteAfter ?? 0;
    const isOld = maxAgeMs > 0 && startMs <= clock.date().getTime() - maxAgeMs;
    try {
      // What is deleted for its size, or for room, was too much for this machine alone.
      if (isOld) await recordings.remove({ template, name: path, file, remote });
      else await recordings.removeFile({ template, file });
      log.info("old recording deleted", { stream: path, file });
    } catch (error) {
      log.warn("old recording could not be deleted", { stream: path, file, error: messageOf(error) });
      return;
    }
    await removeEmptyFolders(dirname(file), root);
  }
}

const hasSizeBounds = ({ paths, recordMaxTotalSize, recordMinFreeDisk }: RecordsConf): boolean =>
  recordMaxTotalSize > 0 ||
  recordMinFreeDisk > 0 ||
  Object.values(paths).some(({ recordMaxSize }) => recordMaxSize > 0);

/** How often to look; undefined where everything is kept. */
const periodOf = (conf: RecordsConf): number | undefined => {
  const ages = Object.values(conf.paths)
    .map(({ recordDeleteAfter }) => recordDeleteAfter)
    .filter((age) => age > 0);
  const periods = ages.map((age) => Math.max(minPeriodMs, Math.min(maxPeriodMs, age / 2)));
  if (hasSizeBounds(conf)) periods.push(sizePeriodMs);
  return periods.length === 0 ? undefined : Math.min(...periods);
};
