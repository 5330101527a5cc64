import { createContext } from "preact";
import { useContext, useEffect, useReducer } from "preact/hooks";
import type { Ports } from "../model/objects.ts";
import { type Api, ApiError } from "../server/api.ts";
import type { LiveFeed } from "../server/live-feed.ts";

/** What all parts of the page share. */
export interface Session {
  readonly api: Api;
  readonly feed: LiveFeed;
  readonly ports: Ports;
  /** Shows a line for a while: what was done, or why not. */
  readonly say: (text: string, isError?: boolean) => void;
  /** Asks whether to go on, and does it if so; tells what came of it. */
  readonly confirm: (question: Question) => void;
}

/** Something that is asked before it is done. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button says that does it. */
  readonly verb: string;
  readonly run: () => Promise<void>;
  /** What is said when it is done. */
  readonly done: string;
}

/** See {@link Session}. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** The session of this page. */
export const useSession = (): Session => {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session here");
  return session;
};

/** What was fetched last: undefined before the first answer. */
export interface Polled<Answer> {
  readonly answer: Answer | undefined;
  /** Why there is none, or no newer one. */
  readonly error: string | undefined;
  /** Fetches once more, now. */
  readonly again: () => void;
}

/** Fetches something every `periodMs` while it is shown and the tab is seen. What `key` names is what is fetched: with another one it begins anew. */
export const usePoll = <Answer,>(
  key: string,
  fetch: (signal: AbortSignal) => Promise<Answer>,
  periodMs = 2_000,
): Polled<Answer> => {
  const [state, update] = useReducer(
    (before: State<Answer>, next: Partial<State<Answer>>): State<Answer> => ({ ...before, ...next }),
    { key, answer: undefined, error: undefined, round: 0 },
  );
  useEffect(() => {
    const end = new AbortController();
    const run = async (): Promise<void> => {
      try {
        const answer = await fetch(end.signal);
        if (!end.signal.aborted) update({ key, answer, error: undefined });
      } catch (error) {
        if (!end.signal.aborted) update({ error: error instanceof Error ? error.message : String(error) });
        // Whoever may not is told once: asking again would look like guessing.
        if (error instanceof ApiError && error.status === 403) return;
      }
      if (!end.signal.aborted) timer = setTimeout(tick, periodMs);
    };
    const tick = (): void => {
      if (document.hidden) timer = setTimeout(tick, periodMs);
      else void run();
    };
    let timer = setTimeout(tick, 0);
    return () => {
      end.abort();
      clearTimeout(timer);
    };
  }, [key, periodMs, state.round]);
  return {
    answer: state.key === key ? state.answer : undefined,
    error: state.error,
    again: () => update({ round: state.round + 1 }),
  };
};

interface State<Answer> {
  readonly key: string;
  readonly answer: Answer | undefined;
  readonly error: string | undefined;
  readonly round: number;
}
