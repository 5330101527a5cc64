import { extname, relative, resolve, sep } from "node:path";
import { codeOf, messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { parseStreamPath } from "../base/stream-path.ts";
import type { DomainEvent, EventHub } from "../stream/event.ts";
import { isAlive, OpenJournal, type OpenRecording } from "./open-journal.ts";
import type { FindRecordConf, RecordsConf } from "./path-conf.ts";
import { RecordPath } from "./record-path.ts";
import { repairFile } from "./repair.ts";

/** What recovery needs of the house around it. */
export interface RecoveryContext {
  readonly events: EventHub;
  readonly log: Logger;
  /** Looks in the configuration that holds now. */
  readonly find: FindRecordConf;
  /** Name and version of this program, for the files' metadata. */
  readonly encoder: string;
  /** Whether a process of this id is there and is not this one; asked of the operating system unless given. */
  readonly isAlive?: (pid: number) => boolean;
  /** Calls `proceed` when what was told so far cannot be lost any more; at once unless given. */
  readonly whenSafe?: (proceed: () => void) => void;
}

const isOfSystem = (error: unknown): boolean => /^E[A-Z0-9]+$/.test(codeOf(error) ?? "");

/**
 * Finishes recordings that were left open: by a process that was killed, at the next start, which then raises the recordingCompleted that
 * nobody heard; and by a disk that failed, at once.
 *
 * An end is noted only when it was told, and those who have to hear of it have taken it: a crash between the two has it told again, as the same
 * event by its id.
 */
export class Recovery {
  readonly #context: RecoveryContext;
  readonly #journals = new Map<string, OpenJournal>();
  readonly #working = new Set<Promise<void>>();
  /** Files of this process: no other is touched, whatever a failure calls it. */
  readonly #begun = new Set<string>();
  #hasComplained = false;

  constructor(context: RecoveryContext) {
    this.#context = context;
    context.events.listen((event) => this.#hear(event));
  }

  /** Finishes what is left of earlier processes in the folders of this configuration. Resolves when that is done; never rejects. */
  async recover({ paths }: RecordsConf): Promise<void> {
    const roots = new Set(Object.values(paths).map(({ recordPath }) => new RecordPath(recordPath).root));
    for (const root of roots) {
      const journal = this.#journalOf(root);
      for (const open of (await this.#guard(journal.read())) ?? []) {
        const isOurs = this.#begun.has(open.file);
        if (isOurs || (this.#context.isAlive ?? isAlive)(open.pid)) continue;
        await this.#finish(open, journal);
      }
    }
  }

  /** Resolves when nothing is repaired any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#working);
  }

  async #finish({ path, file, endId }: OpenRecording, journal: OpenJournal): Promise<void> {
    const { events, log, encoder } = this.#context;
    try {
      const repaired = await repairFile(file, encoder);
      if (repaired) {
        log.info("recording that was left open is finished", { stream: path, file, ...repaired });
        const about = {
          path: parseStreamPath(path),
          file,
          ...(endId === undefined ? {} : { eventId: endId }),
        };
        events.emit({ kind: "recordingCompleted", ...about, ...repaired });
      }
      await this.#endWhenSafe(file, journal);
    } catch (error) {
      log.warn("recording that was left open could not be finished", {
        stream: path,
        file,
        error: messageOf(error),
      });
      // A disk that fails may work at the next start.
      if (!isOfSystem(error)) await this.#guard(journal.end(file));
    }
  }

  #hear(event: DomainEvent): void {
    if (
      event.kind !== "recordingStarted" &&
      event.kind !== "recordingCompleted" &&
      event.kind !== "recordingFailed"
    )
      return;
    const { path, file } = event;
    const root = this.#rootOf(path, file);
    if (root === undefined) return;
    const journal = this.#journalOf(root);
    if (event.kind === "recordingStarted") {
      this.#begun.add(file);
      void this.#guard(journal.begin(path, file, event.endId));
      return;
    }
    if (!this.#begun.delete(file)) return;
    if (event.kind === "recordingCompleted") this.#follow(this.#endWhenSafe(file, journal));
    else this.#repair(file, journal);
  }

  /** Notes an end that is being told. */
  async #endWhenSafe(file: string, journal: OpenJournal): Promise<void> {
    const { whenSafe = (proceed) => proceed() } = this.#context;
    // Others who listen get the event in this turn.
    await Promise.resolve();
    await new Promise<void>((resolve) => whenSafe(resolve));
    await this.#guard(journal.end(file));
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#working.delete(followed));
    this.#working.add(followed);
  }

  /** What a failure left is cut to what is whole. FLV needs none of that. */
  #repair(file: string, journal: OpenJournal): void {
    if (extname(file) === ".flv") {
      void this.#guard(journal.end(file));
      return;
    }
    const work: Promise<void> = repairFile(file, this.#context.encoder)
      .then(
        () => undefined,
        (error: unknown) => {
          const about = { file, error: messageOf(error) };
          this.#context.log.warn("recording that failed could not be finished", about);
        },
      )
      .then(async () => {
        await this.#guard(journal.end(file));
      });
    this.#follow(work);
  }

  /** The folder that a recording of a path lies in; undefined for one that belongs to another recorder. */
  #rootOf(path: string, file: string): string | undefined {
    const conf = this.#context.find(path)?.conf;
    if (!conf || file === "") return undefined;
    const { root } = new RecordPath(conf.recordPath);
    const way = relative(resolve(root), resolve(file));
    return way.startsWith(`..${sep}`) || way === ".." ? undefined : root;
  }

  #journalOf(root: string): OpenJournal {
    const known = this.#journals.get(root);
    if (known) return known;
    const journal = new OpenJournal(root);
    this.#journals.set(root, journal);
    return journal;
  }

  /** A journal that cannot be written costs the repair after a crash, nothing else. */
  async #guard<Value>(work: Promise<Value>): Promise<Value | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!this.#hasComplained)
        this.#context.log.warn("the journal of open recordings cannot be used", { error: messageOf(error) });
      this.#hasComplained = true;
      return undefined;
    }
  }
}
