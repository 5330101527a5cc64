import type { Logger } from "../base/log.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { DeadLetterAnswer, DeadLetterQuestion } from "./dead-letter-desk.ts";
import type { OutgoingEvent } from "./delivery/delivery.ts";
import type {
  DeliveryReport,
  DeliverySettings,
  FromDelivery,
  StoreSettings,
  ToDelivery,
} from "./messages.ts";
import type { SessionProgress } from "./store/session-journal.ts";

/** The other end: a thread that takes messages in order and answers. */
export interface DeliveryPort {
  send(message: ToDelivery): void;
  /** Ends the thread, whatever it does. */
  terminate(): void;
}

/** Who hears of a {@link DeliveryPort}. */
export interface PortListener {
  message(message: FromDelivery): void;
  /** The thread is gone though nobody ended it. */
  died(reason: string): void;
}

/** What a {@link DeliveryLink} is made of. */
export interface DeliveryLinkOptions {
  readonly start: (listener: PortListener) => DeliveryPort;
  readonly store: StoreSettings | undefined;
  readonly settings: DeliverySettings;
  /** Tell of every execution. */
  readonly isDebug: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Hears what the thread has to tell, except what only concerns the link. */
  readonly hear: (message: Extract<FromDelivery, { kind: "opened" | "notice" | "store" | "pulse" }>) => void;
}

/** What comes back for a question of the same id. */
type Answer = Extract<FromDelivery, { kind: "report" | "deadLetters" }>;

/** Events that may be on their way to the thread: some megabytes. Beyond it telemetry is dropped. */
const maxUntaken = 10_000;

/** Beyond this everything is dropped: the thread has done nothing for minutes, and memory has an end. */
const maxUntakenAtAll = 200_000;

/** After this long a publisher hears that all is well, even if the disk has not answered. */
const maxBarrierMs = 1_000;

/** A thread that died is started again after this long. */
const restartMs = 1_000;

/** Events of one message. To copy an event for the other thread takes some microseconds, and the media waits meanwhile. */
const maxBatch = 500;

/** Somebody who waits until everything posted so far is taken. */
interface Waiter {
  readonly upTo: number;
  readonly proceed: () => void;
}

/**
 * The way from the thread of the media to the one that delivers. Posting an event costs a push onto an array; what one turn of the
 * event loop brings goes over in one message. Events are kept here until the other side has taken them, so that a thread that
 * dies loses none.
 */
export class DeliveryLink {
  readonly #options: DeliveryLinkOptions;
  #port: DeliveryPort;
  /** Counts threads, and their ends: what one has to say after its end is not listened to. */
  #life = 0;
  #settings: DeliverySettings;
  #store: StoreSettings | undefined;
  /** Not taken yet, oldest first; the first `#sent` of them are on their way. */
  #untaken: OutgoingEvent[] = [];
  #sent = 0;
  #posted = 0;
  #taken = 0;
  #dropped = { telemetry: 0, other: 0 };
  #isFlushDue = false;
  #isClosed = false;
  #waiters: Waiter[] = [];
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #askedIds = 0;
  readonly #closed = Promise.withResolvers<boolean>();
  #cancelRestart: Cancel | undefined;

  constructor(options: DeliveryLinkOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#store = options.store;
    this.#port = this.#start();
  }

  /** Events that never went over, because the other side did not keep up. */
  get dropped(): { readonly telemetry: number; readonly other: number } {
    return this.#dropped;
  }

  /** Hands an event over, soon. */
  post(event: OutgoingEvent): void {
    const limit = event.class === "telemetry" ? maxUntaken : maxUntakenAtAll;
    if (this.#isClosed || this.#untaken.length >= limit) {
      this.#dropped[event.class === "telemetry" ? "telemetry" : "other"]++;
      return;
    }
    this.#untaken.push(event);
    this.#posted++;
    this.#flushSoon();
  }

  /** Calls `proceed` once everything posted so far is taken, or soon in any case: no hook holds the media up. */
  whenTaken(proceed: () => void): void {
    if (this.#taken >= this.#posted) {
      proceed();
      return;
    }
    let isDone = false;
    const once = (): void => {
      if (isDone) return;
      isDone = true;
      cancel();
      proceed();
    };
    const waiter: Waiter = { upTo: this.#posted, proceed: once };
    const cancel = this.#options.clock.after(maxBarrierMs, () => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      once();
    });
    this.#waiters.push(waiter);
  }

  /** Replaces the hooks. What was posted before is delivered by the old ones where it is under way, else by the new ones. */
  configure(settings: DeliverySettings, store: StoreSettings | undefined): void {
    this.#settings = settings;
    // What is in a store stays there, and is opened again with it, though no hook asks for one any more.
    this.#store = store ?? this.#store;
    this.#flushAll();
    this.#port.send({ kind: "configure", settings, store });
  }

  /** Tells how far the open publishes are. */
  progress(sessions: readonly SessionProgress[]): void {
    if (sessions.length > 0) this.#port.send({ kind: "progress", sessions });
  }

  /** Asks how delivery does; undefined where there is no answer in time. */
  async report(timeoutMs: number): Promise<DeliveryReport | undefined> {
    const answer = await this.#ask((id) => ({ kind: "report", id }), timeoutMs);
    return answer?.kind === "report" ? answer.report : undefined;
  }

  /** Asks about dead letters; undefined where there is no answer in time. */
  async deadLetters(question: DeadLetterQuestion, timeoutMs: number): Promise<DeadLetterAnswer | undefined> {
    const answer = await this.#ask((id) => ({ kind: "deadLetters", id, question }), timeoutMs);
    return answer?.kind === "deadLetters" ? answer.answer : undefined;
  }

  #ask(question: (id: number) => ToDelivery, timeoutMs: number): Promise<Answer | undefined> {
    const id = ++this.#askedIds;
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const cancel = this.#options.clock.after(timeoutMs, () => {
      this.#asked.delete(id);
      resolve(undefined);
    });
    this.#asked.set(id, (answer) => {
      cancel();
      resolve(answer);
    });
    this.#port.send(question(id));
    return promise;
  }

  /** Lets a hook go on whose receiver was gone, or asked for a pause. Gives false where there is no such hook, or no answer in time. */
  async resume(hookId: string, timeoutMs: number): Promise<boolean> {
    this.#port.send({ kind: "resume", hookId });
    const report = await this.report(timeoutMs);
    return report?.engine.hooks.some(({ id }) => id === hookId) ?? false;
  }

  /** Hands over what is left, waits until it is delivered or stored, at most `timeoutMs`. Gives false where something was given up. */
  async close(timeoutMs: number): Promise<boolean> {
    // A thread that is to be started again is needed now: what is left has to be stored.
    if (this.#cancelRestart) this.#restart();
    this.#flushAll();
    this.#isClosed = true;
    this.#port.send({ kind: "close", timeoutMs });
    // It ends by itself; the margin is for its goodbye.
    const cancel = this.#options.clock.after(timeoutMs + 1_000, () => this.#closed.resolve(false));
    const isDrained = await this.#closed.promise;
    cancel();
    this.#port.terminate();
    return isDrained;
  }

  #start(): DeliveryPort {
    const life = ++this.#life;
    const port = this.#options.start({
      message: (message) => {
        if (life === this.#life) this.#hear(message);
      },
      died: (reason) => {
        if (life === this.#life) this.#died(reason);
      },
    });
    port.send({ kind: "open", store: this.#store, settings: this.#settings });
    return port;
  }

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      // What a thread that died would not get is sent to the next one.
      if (!this.#cancelRestart && this.#flush()) this.#flushSoon();
    });
  }

  #flushAll(): void {
    if (!this.#cancelRestart) while (this.#flush());
  }

  /** Sends what was not sent yet, as much as goes into one message. Gives true where there is more. */
  #flush(): boolean {
    const end = Math.min(this.#sent + maxBatch, this.#untaken.length);
    if (this.#sent < end) this.#port.send({ kind: "events", events: this.#untaken.slice(this.#sent, end) });
    this.#sent = end;
    return end < this.#untaken.length;
  }

  #hear(message: FromDelivery): void {
    switch (message.kind) {
      case "taken":
        this.#wereTaken(message.count);
        return;
      case "log": {
        // Whoever asks what hooks do wants to see it without all the rest.
        const level = this.#options.isDebug && message.level === "debug" ? "info" : message.level;
        this.#options.log[level](message.message, message.fields);
        return;
      }
      case "report":
      case "deadLetters": {
        const heard = this.#asked.get(message.id);
        this.#asked.delete(message.id);
        heard?.(message);
        return;
      }
      case "closed":
        this.#closed.resolve(message.isDrained);
        return;
      default:
        this.#options.hear(message);
    }
  }

  #wereTaken(count: number): void {
    this.#untaken.splice(0, count);
    this.#sent -= count;
    this.#taken += count;
    const ready = this.#waiters.filter(({ upTo }) => upTo <= this.#taken);
    if (ready.length === 0) return;
    this.#waiters = this.#waiters.filter(({ upTo }) => upTo > this.#taken);
    for (const { proceed } of ready) proceed();
  }

  /** What it had taken is on disk or lost with it; what it had not is sent once more. */
  #died(reason: string): void {
    this.#life++;
    this.#port.terminate();
    if (this.#isClosed) {
      this.#closed.resolve(false);
      return;
    }
    this.#options.log.error("hook delivery stopped, this is a defect of the server; it is started again", {
      reason,
    });
    this.#cancelRestart = this.#options.clock.after(restartMs, () => this.#restart());
  }

  #restart(): void {
    this.#cancelRestart?.();
    this.#cancelRestart = undefined;
    this.#sent = 0;
    this.#port = this.#start();
    this.#flushSoon();
  }
}
