import { stat } from "node:fs/promises";
import { relative, sep } from "node:path";
import { messageOf, TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { journalNames, OpenJournal } from "../record/open-journal.ts";
import type { FindRecordConf, RecordsConf } from "../record/path-conf.ts";
import { RecordPath } from "../record/record-path.ts";
import type { DomainEvent, EventHub } from "../stream/event.ts";
import type { Recordings } from "./recordings.ts";
import type { UploadStore, UploadTarget } from "./upload-store.ts";

/** What uploads need of the house around them. */
export interface UploadsContext {
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recordings: Recordings;
  readonly store: UploadStore;
  /** Looks in the configuration that holds now. */
  readonly find: FindRecordConf;
}

/** Files that are uploaded at the same time. */
const maxAtOnce = 2;

/** An upload that failed is tried again after so long, then after twice that, and so on up to the bound, in milliseconds. */
const retryMs = 2_000;
const maxRetryMs = 60_000;

interface Upload {
  readonly path: string;
  readonly file: string;
  readonly journal: OpenJournal;
  readonly release: () => void;
  failures: number;
}

/**
 * Uploads segments that are complete, in their order, and tries again until it worked, after another start of the server too. Until a segment
 * has arrived whole it is not deleted for its age or size.
 */
export class Uploads {
  readonly #context: UploadsContext;
  readonly #journals = new Map<string, OpenJournal>();
  readonly #waiting: Upload[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #retries = new Set<Cancel>();
  #isClosed = false;

  constructor(context: UploadsContext) {
    this.#context = context;
    context.events.listen((event) => this.#hear(event));
  }

  /** Goes on with what earlier processes left, in the folders of this configuration. Never rejects. */
  async resume({ paths }: RecordsConf): Promise<void> {
    const roots = new Set(Object.values(paths).map(({ recordPath }) => new RecordPath(recordPath).root));
    for (const root of roots) {
      const journal = this.#journalOf(root);
      try {
        for (const { path, file } of await journal.read()) this.#add(path, file, journal);
      } catch (error) {
        this.#context.log.warn("the journal of uploads cannot be read", {
          folder: root,
          error: messageOf(error),
        });
      }
    }
  }

  /** Uploads that have not arrived. */
  get backlog(): number {
    return this.#waiting.length + this.#running.size + this.#retries.size;
  }

  /** Begins no more. Resolves when those that run have ended; what is left goes on at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#retries) cancel();
    await Promise.all(this.#running);
  }

  #hear(event: DomainEvent): void {
    if (event.kind !== "recordingCompleted") return;
    const { path, file } = event;
    const conf = this.#context.find(path)?.conf;
    if (!conf || conf.recordUpload === "") return;
    const { root } = new RecordPath(conf.recordPath);
    if (relative(root, file).startsWith(`..${sep}`)) return;
    const journal = this.#journalOf(root);
    void this.#note(journal.begin(path, file));
    this.#add(path, file, journal);
  }

  #add(path: string, file: string, journal: OpenJournal): void {
    const release = this.#context.recordings.hold(file);
    this.#waiting.push({ path, file, journal, release, failures: 0 });
    this.#next();
  }

  #next(): void {
    while (!this.#isClosed && this.#running.size < maxAtOnce) {
      const upload = this.#waiting.shift();
      if (!upload) return;
      const work = this.#run(upload).finally(() => {
        this.#running.delete(work);
        this.#next();
      });
      this.#running.add(work);
    }
  }

  async #run(upload: Upload): Promise<void> {
    const { log } = this.#context;
    const { path, file } = upload;
    const target = this.#targetOf(upload);
    try {
      const size = await sizeOf(file);
      if (size === undefined || !target) {
        const reason = target ? "the file is gone" : "nothing is to be uploaded any more";
        log.warn("recording is not uploaded", { stream: path, file, reason });
      } else {
        await this.#put(target, { file, size });
        log.info("recording uploaded", { stream: path, file, ...target });
      }
      upload.release();
      await this.#note(upload.journal.end(file));
    } catch (error) {
      upload.failures++;
      const delay = Math.min(retryMs * 2 ** (upload.failures - 1), maxRetryMs);
      log.warn("recording could not be uploaded, it is tried again", {
        stream: path,
        file,
        error: messageOf(error),
        retry_in_ms: delay,
      });
      this.#retry(upload, delay);
    }
  }

  async #put(target: UploadTarget, { file, size }: { file: string; size: number }): Promise<void> {
    const { store } = this.#context;
    await store.put(target, file);
    const arrived = await store.sizeOf(target);
    if (arrived !== size) throw new TransportError("REJECTED", `${arrived} bytes arrived, expected ${size}`);
  }

  #retry(upload: Upload, delay: number): void {
    if (this.#isClosed) return;
    const cancel = this.#context.clock.after(delay, () => {
      this.#retries.delete(cancel);
      this.#waiting.push(upload);
      this.#next();
    });
    this.#retries.add(cancel);
  }

  /** Where a file goes, as the configuration says now. */
  #targetOf({ path, file }: Upload): UploadTarget | undefined {
    const conf = this.#context.find(path)?.conf;
    const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(conf?.recordUpload ?? "") ?? [];
    if (!conf || bucket === undefined) return undefined;
    const name = relative(new RecordPath(conf.recordPath).root, file).split(sep).join("/");
    return { bucket, key: [...prefix.split("/"), name].filter((part) => part !== "").join("/") };
  }

  #journalOf(root: string): OpenJournal {
    const known = this.#journals.get(root);
    if (known) return known;
    const journal = new OpenJournal(root, { name: journalNames.uploads });
    this.#journals.set(root, journal);
    return journal;
  }

  /** A journal that cannot be written costs the upload after a crash, nothing else. */
  async #note(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#context.log.warn("the journal of uploads cannot be written", { error: messageOf(error) });
    }
  }
}

/** Undefined where there is no such file. */
const sizeOf = async (file: string): Promise<number | undefined> => {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};
