import { messageOf, TransportError } from "../base/errors.ts";
import { type DeadLetter, type DeadLetterFilter, DeadLetters } from "./store/dead-letters.ts";

/** What may be asked about dead letters. */
export type DeadLetterQuestion =
  /** For those that fit, the newest first. */
  | {
      readonly kind: "list";
      readonly filter: DeadLetterFilter;
      readonly limit: number;
      readonly offset: number;
    }
  /** To put those that fit back into the queues of their hooks. */
  | { readonly kind: "replay"; readonly filter: DeadLetterFilter };

/** The answer to a {@link DeadLetterQuestion}. */
export type DeadLetterAnswer =
  | { readonly kind: "list"; readonly total: number; readonly letters: readonly DeadLetter[] }
  | { readonly kind: "replay"; readonly count: number }
  | { readonly kind: "failed"; readonly reason: string };

/** Answers from the store of a directory, on the thread that has it; undefined where nothing is stored, and so nothing kept. */
export const answerAboutDeadLetters = (
  directory: string | undefined,
  question: DeadLetterQuestion,
): DeadLetterAnswer => {
  const { kind, filter } = question;
  if (directory === undefined) return kind === "list" ? { kind, total: 0, letters: [] } : { kind, count: 0 };
  try {
    using letters = DeadLetters.open(directory);
    if (kind === "replay") return { kind, count: letters.replay(filter) };
    const { limit, offset } = question;
    const page = { limit, offset, isNewestFirst: true };
    return { kind, total: letters.count(filter), letters: letters.list(filter, page) };
  } catch (error) {
    if (error instanceof TransportError) return { kind: "failed", reason: messageOf(error) };
    throw error;
  }
};
