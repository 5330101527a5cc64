import { withDeadline } from "../base/deadline.ts";
import { messageOf, TransportError } from "../base/errors.ts";
import { Gate } from "../base/gate.ts";
import type { Clock } from "../base/time.ts";
import type { Admission } from "../stream/admission.ts";
import { refuse } from "./answer.ts";

/** Questions of one client at once: a few, so that it does not fill the places of everybody. */
const maxAtOnce = 16;

/** Questions of one client that wait: many may come back together from behind one address. */
const maxWaiting = 1_000;

/** Who waited longer than this for its turn would not be answered in time, in milliseconds. */
const longestWaitMs = 2_000;

/** When the answer has to be there, in milliseconds: a little later than whoever is asked at once has given up. */
const answeringMs = 2_900;

/** A question that takes time, ready to be asked. */
export interface Question {
  /** Stands for the question: the same one is not asked again while it is asked. */
  readonly name: string;
  /** Who asks: each client has a line of its own. */
  readonly client: string;
  /** Asks it, once it is its turn. */
  readonly ask: () => Admission | Promise<Admission>;
}

/** Has questions that take time asked in one line for each client, and the same one once. */
export class QuestionLines {
  readonly #clock: Clock;
  readonly #lines = new Map<string, Gate>();
  readonly #asking = new Map<string, Promise<Admission>>();
  readonly #shared: () => void;

  /** `shared` hears of each question that is answered by one that is being asked. */
  constructor({ clock, shared }: { clock: Clock; shared: () => void }) {
    this.#clock = clock;
    this.#shared = shared;
  }

  /** Clients that have questions. */
  get clients(): number {
    return this.#lines.size;
  }

  /** The answer to a question, which is there in time. Rejects with what `ask` throws. */
  answer(question: Question): Promise<Admission> {
    const asking = this.#asking.get(question.name);
    if (asking) {
      this.#shared();
      return asking;
    }
    const answer = this.#inTime(question).finally(() => {
      if (this.#asking.get(question.name) === answer) this.#asking.delete(question.name);
    });
    this.#asking.set(question.name, answer);
    return answer;
  }

  /** From now on nobody gets the answer to a question that was asked before. */
  startAnew(): void {
    this.#asking.clear();
  }

  async #inTime(question: Question): Promise<Admission> {
    try {
      const answer = this.#inTurn(question);
      return await withDeadline(answer, {
        clock: this.#clock,
        ms: answeringMs,
        what: "the turn of a question",
      });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return refuse("unavailable", `too many questions of this address: ${messageOf(error)}`);
    }
  }

  async #inTurn({ client, ask }: Question): Promise<Admission> {
    const line = this.#lines.get(client) ?? new Gate({ maxInside: maxAtOnce, maxWaiting });
    this.#lines.set(client, line);
    const patience = new AbortController();
    const cancel = this.#clock.after(longestWaitMs, () => patience.abort());
    try {
      return await line.run(async () => await ask(), patience.signal);
    } finally {
      cancel();
      if (line.inside + line.waiting === 0) this.#lines.delete(client);
    }
  }
}
