import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, messageOf } from "../base/errors.ts";
import { prettyLine } from "../base/log.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { FileWatch } from "../config/file-watch.ts";
import type { ProcessTable } from "../orchestrator/process/process-table.ts";
import { DirectoryLock } from "../sqlite/directory-lock.ts";
import { endLeftovers, setUpVariable } from "./leftovers.ts";
import { Member } from "./member.ts";
import { MemberLog } from "./member-log.ts";
import { Places } from "./places.ts";
import { SetUpFiles } from "./set-up-files.ts";

/** What a set-up is made of. */
export interface SetUpOrder {
  /** Where `mediamtx.yml` and `orchestrator.yml` are. */
  readonly configDirectory: string;
  /** Where state and logs go; absolute. */
  readonly directory: string;
  /** The command line of this program. */
  readonly self: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a set-up needs of the house around it. */
export interface SetUpContext {
  readonly clock: Clock;
  readonly table: ProcessTable;
  /** Shows a line to whoever started it. */
  readonly show: (line: string) => void;
  /** A program did not come up: the set-up is to be stopped. */
  readonly failed: () => void;
}

/** The programs, by their names: the file each runs from, and what it says when it is there. */
const programs = {
  server: { file: "mediamtx.yml", args: [], ready: "server started" },
  orchestrator: { file: "orchestrator.yml", args: ["orchestrate"], ready: "orchestrator started" },
} as const;

type Name = keyof typeof programs;

const names: readonly Name[] = ["server", "orchestrator"];

/** A log that is longer becomes its older part, in bytes. */
const maxLogBytes = 10 * 1_048_576;

const turnMs = 10_000;

/** An edit is in force a moment later, in milliseconds. */
const pollMs = 500;

const nameWidth = 12;

/**
 * A media server and an orchestrator on this machine, from two files. An edit of a file is in force at once: the server reads its own
 * again, the orchestrator is started anew. What they write goes to a log each and, fit for eyes, to whoever started it.
 */
export class SetUp {
  readonly #order: SetUpOrder;
  readonly #context: SetUpContext;
  readonly #files: SetUpFiles;
  readonly #lock: DirectoryLock;
  readonly #places = new Places();
  readonly #members = new Map<Name, Member>();
  readonly #logs = new Map<Name, MemberLog>();
  readonly #watches: readonly FileWatch[];
  readonly #cancelTurn: Cancel;
  #isComplete = false;
  #isStopping = false;

  private constructor(order: SetUpOrder, context: SetUpContext, lock: DirectoryLock) {
    this.#order = order;
    this.#context = context;
    this.#lock = lock;
    this.#files = new SetUpFiles(order.directory);
    const texts = names.map((name) => readConfig(this.#configOf(name)));
    for (const name of names) {
      const failed = (error: string): void => this.#tell(name, `its log cannot be kept: ${error}`);
      this.#logs.set(name, new MemberLog(this.#files.logOf(name), { maxBytes: maxLogBytes, failed }));
    }
    for (const name of names) this.#members.set(name, this.#begin(name));
    this.#watches = names.map((name, index) => this.#watch(name, texts[index] ?? ""));
    this.#cancelTurn = context.clock.every(turnMs, () => {
      for (const log of this.#logs.values()) log.turn();
    });
    this.#note();
  }

  /**
   * Starts it, and ends first what one before it has left behind.
   * @throws ConfigError where a file is missing or the directory is another's
   */
  static async start(order: SetUpOrder, context: SetUpContext): Promise<SetUp> {
    const lock = DirectoryLock.take(order.directory, {
      file: "dev.lock",
      owner: "dev set-up",
      contents: "its state and logs",
    });
    try {
      const left = await endLeftovers(order.directory, context.table);
      if (left > 0) context.show(`ended ${left} processes that an earlier run has left`);
      return new SetUp(order, context, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Ends everything: first the server, whose last events the orchestrator still hears, and then that one with its workers. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelTurn();
    for (const watch of this.#watches) watch.close();
    for (const name of names) await this.#members.get(name)?.stop();
    const { directory } = this.#order;
    await endLeftovers(directory, this.#context.table);
    for (const log of this.#logs.values()) log.close();
    this.#files.remove();
    this.#lock.release();
  }

  #configOf(name: Name): string {
    return join(this.#order.configDirectory, programs[name].file);
  }

  #begin(name: Name): Member {
    const { args, ready } = programs[name];
    const { self, env, directory } = this.#order;
    return new Member(
      {
        name,
        command: [...self, ...args, this.#configOf(name)],
        env: { ...env, [setUpVariable]: directory, [`${setUpVariable}_MEMBER`]: name },
        isReady: (line) => this.#places.learn(line) === ready,
      },
      {
        clock: this.#context.clock,
        wrote: (line) => this.#wrote(name, line),
        news: (text) => this.#tell(name, text),
        failed: () => {
          this.#tell(name, `did not start, ${this.#files.logOf(name)} says why`);
          this.#context.failed();
        },
      },
    );
  }

  #wrote(name: Name, line: string): void {
    this.#logs.get(name)?.write(line);
    this.#tell(name, prettyLine(line) ?? line);
    this.#completed();
  }

  #tell(name: string, text: string): void {
    this.#context.show(`${name.padEnd(nameWidth)} | ${text}`);
  }

  /** Says once what runs where. */
  #completed(): void {
    const isComplete = [...this.#members.values()].every(({ isReady }) => isReady);
    if (this.#isComplete || this.#isStopping || !isComplete || this.#members.size < names.length) return;
    this.#isComplete = true;
    this.#note();
    const logs = `  ${"logs".padEnd(14)}${this.#files.logs}`;
    const edits = `  ${"edit".padEnd(14)}${names.map((name) => this.#configOf(name)).join("  ")}`;
    for (const line of ["", "Everything runs. Ctrl-C ends it.", "", ...this.#places.lines, edits, logs, ""])
      this.#context.show(line);
  }

  #note(): void {
    const own = this.#context.table.identify(process.pid);
    if (own) this.#files.write({ process: own, places: this.#places.lines });
  }

  #watch(name: Name, text: string): FileWatch {
    const member = this.#members.get(name);
    return new FileWatch({
      path: this.#configOf(name),
      text,
      pollMs,
      clock: this.#context.clock,
      onError: (error) => this.#tell(name, error.message),
      onChange: () => {
        if (name === "server") {
          member?.signal("SIGHUP");
          return;
        }
        this.#tell(name, "its file was edited, starts again");
        void member?.restart();
      },
    });
  }
}

const readConfig = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(
      `${messageOf(error)}, expected a directory with ${names.map((name) => programs[name].file).join(" and ")}`,
      { cause: error },
    );
  }
};
