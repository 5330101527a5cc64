import { access } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { codeOf, messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { isAlive, journalNames, OpenJournal } from "../record/open-journal.ts";
import type { FindRecordConf, RecordsConf } from "../record/path-conf.ts";
import { RecordPath } from "../record/record-path.ts";
import type { DomainEvent, EventHub } from "../stream/event.ts";
import { removeEmptyFolders } from "./empty-folders.ts";
import type { IndexPort } from "./index-port.ts";
import { type ObjectPlace, type ObjectStore, placeOf, urlOf } from "./object-store.ts";
import type { Recordings } from "./recordings.ts";
import { assertWhole, hasWhole } from "./upload-proof.ts";

/** What uploads need of the house around them. */
export interface UploadsContext {
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recordings: Recordings;
  readonly index: IndexPort;
  readonly store: ObjectStore;
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
  /** Nobody deletes the file for its age or size. */
  readonly release: () => void;
  /** Whether this process recorded it, or an earlier one, which may have got as far as the store. */
  readonly origin: "recorder" | "journal";
  /** This process has sent some of it. */
  isSent: boolean;
  /** The store has it, and everybody knows. */
  isConfirmed: boolean;
  failures: number;
}

/** Where an upload goes, and the template that its name is made by. */
interface Target {
  readonly place: ObjectPlace;
  readonly template: string;
}

/**
 * Moves segments that are complete to a store, in their order: uploads them, makes sure that they have arrived whole, and then deletes them here, as
 * soon as nobody plays them. It tries again until that worked, after another start of the server too: what has to be uploaded is noted
 * when it is begun, and is done with when it is gone from here.
 */
export class Uploads {
  readonly #context: UploadsContext;
  readonly #journals = new Map<string, OpenJournal>();
  /** Every file that is on its way, by its absolute path. */
  readonly #known = new Map<string, Upload>();
  readonly #waiting: Upload[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #retries = new Set<Cancel>();
  #done = 0;
  #failed = 0;
  #isClosed = false;

  constructor(context: UploadsContext) {
    this.#context = context;
    context.events.listen((event) => this.#hear(event));
  }

  /** Goes on with what earlier processes left, in the folders of this configuration, once what they left open is finished. Never rejects. */
  async resume({ paths }: RecordsConf): Promise<void> {
    const roots = new Set(Object.values(paths).map(({ recordPath }) => new RecordPath(recordPath).root));
    for (const root of roots) {
      const journal = this.#journalOf(root);
      try {
        // What is being written is nobody's yet, whoever writes it.
        for (const { path, file, pid } of await journal.read())
          if (!this.#context.recordings.isOpen(file) && !isAlive(pid))
            this.#add(path, file, { journal, origin: "journal" });
      } catch (error) {
        this.#context.log.warn("the journal of uploads cannot be read", {
          folder: root,
          error: messageOf(error),
        });
      }
    }
  }

  /** Files that have not arrived, or are still here though they have. */
  get backlog(): number {
    return this.#known.size;
  }

  /** The same, and what has become of the others of this process: how many have arrived, and how many attempts failed. */
  get counts(): { readonly waiting: number; readonly done: number; readonly failed: number } {
    return { waiting: this.backlog, done: this.#done, failed: this.#failed };
  }

  /** Begins no more. Resolves when those that run have ended; what is left goes on at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#retries) cancel();
    await Promise.all(this.#running);
  }

  #hear(event: DomainEvent): void {
    if (
      event.kind !== "recordingStarted" &&
      event.kind !== "recordingCompleted" &&
      event.kind !== "recordingFailed"
    )
      return;
    const { path, file } = event;
    const target = this.#targetOf(path, file);
    if (!target) return;
    const journal = this.#journalOf(new RecordPath(target.template).root);
    switch (event.kind) {
      // A process that is killed before the end leaves a note.
      case "recordingStarted":
        void this.#note(journal.begin(path, file));
        return;
      case "recordingCompleted":
        this.#add(path, file, { journal, origin: "recorder" });
        return;
      case "recordingFailed":
        void this.#note(journal.end(file));
    }
  }

  #add(path: string, file: string, { journal, origin }: Pick<Upload, "journal" | "origin">): void {
    if (this.#known.has(resolve(file))) return;
    const release = this.#context.recordings.hold(file);
    const upload = { path, file, journal, release, origin, isSent: false, isConfirmed: false, failures: 0 };
    this.#known.set(resolve(file), upload);
    this.#waiting.push(upload);
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
    const target = this.#targetOf(path, file);
    try {
      if (!target) {
        log.warn("recording is not uploaded", {
          stream: path,
          file,
          reason: "nothing is to be uploaded any more",
        });
        await this.#finish(upload);
        return;
      }
      if (!upload.isConfirmed && !(await isThere(file))) {
        await this.#giveUp(upload, target);
        return;
      }
      if (!upload.isConfirmed) await this.#put(upload, target);
      upload.release();
      // A player may take its time: meanwhile others are uploaded.
      void this.#leave(upload, target);
    } catch (error) {
      this.#retry(upload, error);
    }
  }

  /** Resolves when the store has the file for certain, and everybody knows. */
  async #put(upload: Upload, target: Target): Promise<void> {
    const { store, index, log } = this.#context;
    const { template, place } = target;
    const { path: name, file, origin } = upload;
    const isDone = origin === "journal" && !upload.isSent && (await hasWhole(store, place, file));
    if (!isDone) {
      upload.isSent = true;
      await store.put(place, file);
      await assertWhole(store, place, file);
    }
    await index.stored({ template, name, file, remote: urlOf(place) });
    // Somebody may have deleted it meanwhile, who could not know of the object.
    if (!(await isThere(file))) await this.#withdraw(upload, target);
    upload.isConfirmed = true;
    this.#done++;
    log.info("recording uploaded", { stream: name, file, ...place });
  }

  /** The file is gone: somebody deleted it, or an earlier process did when the store had it. */
  async #giveUp(upload: Upload, target: Target): Promise<void> {
    const { path: stream, file } = upload;
    if (upload.isSent) await this.#withdraw(upload, target);
    const level = upload.origin === "journal" ? "debug" : "warn";
    this.#context.log[level]("recording is not uploaded", { stream, file, reason: "the file is gone" });
    await this.#finish(upload);
  }

  /** What was deleted here on its way is not wanted there. */
  async #withdraw({ path: name, file }: Upload, { template, place }: Target): Promise<void> {
    await this.#context.store.remove(place);
    await this.#context.index.stored({ template, name, file, remote: undefined });
  }

  /** Deletes a file that the store has, when nobody plays it. */
  async #leave(upload: Upload, { template }: Target): Promise<void> {
    const { recordings } = this.#context;
    const { file } = upload;
    try {
      await recordings.whenFree(file);
      if (this.#isClosed) return;
      await recordings.removeFile({ template, file });
      await this.#finish(upload);
      await removeEmptyFolders(dirname(file), new RecordPath(template).root);
    } catch (error) {
      this.#retry(upload, error);
    }
  }

  async #finish(upload: Upload): Promise<void> {
    upload.release();
    this.#known.delete(resolve(upload.file));
    await this.#note(upload.journal.end(upload.file));
  }

  #retry(upload: Upload, error: unknown): void {
    if (this.#isClosed) return;
    const { path: stream, file } = upload;
    upload.failures++;
    this.#failed++;
    const delay = Math.min(retryMs * 2 ** (upload.failures - 1), maxRetryMs);
    const about = { stream, file, error: messageOf(error), retry_in_ms: delay };
    this.#context.log.warn("recording could not be uploaded, it is tried again", about);
    const cancel = this.#context.clock.after(delay, () => {
      this.#retries.delete(cancel);
      this.#waiting.push(upload);
      this.#next();
    });
    this.#retries.add(cancel);
  }

  /** Where a file goes, as the configuration says now; undefined where it says nothing, or the file lies elsewhere. */
  #targetOf(path: string, file: string): Target | undefined {
    const conf = this.#context.find(path)?.conf;
    const place = placeOf(conf?.recordUpload ?? "");
    if (!conf || !place || file === "") return undefined;
    const { recordPath: template } = conf;
    const way = relative(resolve(new RecordPath(template).root), resolve(file));
    if (way.startsWith(`..${sep}`)) return undefined;
    return { template, place: { bucket: place.bucket, key: keyOf(place.key, way.split(sep).join("/")) } };
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

/** The key of a file, by its path below the root. */
const keyOf = (prefix: string, way: string): string =>
  [...prefix.split("/"), way].filter((part) => part !== "").join("/");

const isThere = async (file: string): Promise<boolean> => {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return false;
    throw error;
  }
};
