import { TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { FromIndex, ToIndex } from "./index-messages.ts";
import type { IndexPort, OwnFile } from "./index-port.ts";

/** The other end: a thread that takes messages in order and answers. */
export interface IndexThread {
  send(message: ToIndex): void;
  /** Ends the thread, whatever it does. */
  terminate(): void;
}

/** Who hears of an {@link IndexThread}. */
export interface IndexThreadListener {
  message(message: FromIndex): void;
  /** The thread is gone though nobody ended it. */
  died(reason: string): void;
}

/** What an {@link IndexLink} is made of. */
export interface IndexLinkOptions {
  readonly start: (listener: IndexThreadListener) => IndexThread;
  readonly log: Logger;
}

/** Somebody who waits for an answer. */
interface Asker {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Question = Extract<ToIndex, { kind: "ask" }>["question"];
type Given<Name extends Question> = Parameters<IndexPort[Name]>[0];
type Answer<Name extends Question> = Awaited<ReturnType<IndexPort[Name]>>;

/**
 * The way from the thread of the media to the one that has the index: the disk, the database and the sorting of thousands of rows are its
 * business. There is no such thread before anything is asked or told; one that dies is started again by the next question.
 */
export class IndexLink implements IndexPort {
  readonly #options: IndexLinkOptions;
  readonly #askers = new Map<number, Asker>();
  readonly #open = new Map<string, OwnFile>();
  #watched: readonly string[] = [];
  #thread: IndexThread | undefined;
  #asked = 0;
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(options: IndexLinkOptions) {
    this.#options = options;
  }

  watch(templates: readonly string[]): void {
    if (templates.join("\n") === this.#watched.join("\n")) return;
    this.#watched = templates;
    this.#keep({ kind: "watch", templates });
  }

  began(own: OwnFile): void {
    this.#open.set(own.file, own);
    this.#keep({ kind: "began", own });
  }

  ended(own: OwnFile): void {
    this.#open.delete(own.file);
    if (!this.#isClosed) this.#running().send({ kind: "ended", own });
  }

  readonly names = (given: Given<"names">) => this.#ask("names", given);
  readonly starts = (given: Given<"starts">) => this.#ask("starts", given);
  readonly at = (given: Given<"at">) => this.#ask("at", given);
  readonly timespans = (given: Given<"timespans">) => this.#ask("timespans", given);
  readonly playable = (given: Given<"playable">) => this.#ask("playable", given);
  readonly plan = (given: Given<"plan">) => this.#ask("plan", given);
  readonly deleted = (given: Given<"deleted">) => this.#ask("deleted", given);
  readonly stored = (given: Given<"stored">) => this.#ask("stored", given);
  readonly listed = (given: Given<"listed">) => this.#ask("listed", given);

  /** Ends the thread. Resolves when it has let go of its files. Whoever waits for an answer gets none. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#fail("the server stops");
    if (!this.#thread) return;
    this.#thread.send({ kind: "close" });
    await this.#closed.promise;
    this.#thread.terminate();
  }

  /** Tells what every thread has to know: one that is started now is told all of it. */
  #keep(message: ToIndex): void {
    if (this.#isClosed) return;
    if (this.#thread) this.#thread.send(message);
    else this.#running();
  }

  #ask<Name extends Question>(question: Name, given: Given<Name>): Promise<Answer<Name>> {
    if (this.#isClosed) return Promise.reject(new TransportError("DISK", "the server stops"));
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      // The other side answers each question in the form that the port says.
      this.#askers.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#running().send({ kind: "ask", id, question, given });
    });
  }

  #running(): IndexThread {
    if (this.#thread) return this.#thread;
    const thread = this.#options.start({
      message: (message) => this.#hear(message),
      died: (reason) => {
        if (this.#isClosed) this.#closed.resolve();
        if (this.#thread !== thread || this.#isClosed) return;
        this.#thread = undefined;
        this.#options.log.error("the thread of the index of recordings ended, the next one begins anew", {
          error: reason,
        });
        this.#fail(reason);
      },
    });
    this.#thread = thread;
    if (this.#watched.length > 0) thread.send({ kind: "watch", templates: this.#watched });
    for (const own of this.#open.values()) thread.send({ kind: "began", own });
    return thread;
  }

  #hear(message: FromIndex): void {
    if (message.kind === "log") {
      this.#options.log[message.level](message.message, message.fields);
      return;
    }
    if (message.kind === "closed") {
      this.#closed.resolve();
      return;
    }
    const asker = this.#askers.get(message.id);
    this.#askers.delete(message.id);
    if (message.kind === "answer") asker?.resolve(message.answer);
    else asker?.reject(new TransportError("DISK", message.reason));
  }

  #fail(reason: string): void {
    const askers = [...this.#askers.values()];
    this.#askers.clear();
    for (const { reject } of askers) reject(new TransportError("DISK", reason));
  }
}
