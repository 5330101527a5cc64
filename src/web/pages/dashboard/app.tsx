import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Credentials } from "../credentials.ts";
import { SignIn } from "../sign-in.tsx";
import type { Ports } from "./model/objects.ts";
import { parseHash, type Route } from "./model/route.ts";
import { ConfirmDialog } from "./parts/confirm-dialog.tsx";
import { type Question, SessionContext } from "./parts/session.tsx";
import { Api } from "./server/api.ts";
import { LiveFeed } from "./server/live-feed.ts";
import { TopBar } from "./top-bar.tsx";
import { Section } from "./views/section.tsx";

/** What was done stays to be read for so long, in milliseconds. */
const noteMs = 5_000;

const hint = "For users of the server that have the permission “api”.";

interface Note {
  readonly text: string;
  readonly isError: boolean;
}

/** The whole page. */
export const App = () => {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [api] = useState(() => new Api());
  const [ports, setPorts] = useState<Ports>();
  const [feed] = useState(() => {
    // Ports may be others whenever the server begins anew. Without an answer those that are known have to do.
    const begun = (): void => void api.get<Ports>("/v3/ports").then(setPorts, () => undefined);
    return new LiveFeed(api, { changed: () => redraw(undefined), begun });
  });
  const [isForbiddenNow, setForbidden] = useState(false);
  const [note, say] = useNote();
  const [question, ask] = useState<Question>();
  const route = useRoute();
  const start = (): void => {
    setForbidden(false);
    feed.start();
  };
  useEffect(() => {
    api.onForbidden = () => {
      feed.stop();
      setForbidden(true);
    };
    start();
    const stops = [listenForSlash(), restWhileHidden(feed)];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  if (isForbiddenNow) {
    const signIn = (who: Credentials): void => {
      api.signIn(who);
      start();
    };
    return <SignIn title="rtmp-server" hint={hint} isWrong={api.isSignedIn} onSignIn={signIn} />;
  }
  if (!ports || !feed.streams.load)
    return (
      <main class="waiting">{feed.state === "lost" ? "The server does not answer." : "Connecting …"}</main>
    );
  const close = (isConfirmed: boolean): void => {
    ask(undefined);
    if (isConfirmed && question)
      question.run().then(
        () => say(question.done),
        (error: unknown) => say(error instanceof Error ? error.message : String(error), true),
      );
  };
  const signOut = (): void => {
    api.signOut();
    start();
  };
  return (
    <SessionContext.Provider value={{ api, feed, ports, say, confirm: ask }}>
      <TopBar route={route} onSignOut={api.isSignedIn ? signOut : undefined} />
      <main id="content" tabIndex={-1}>
        <Section route={route} />
      </main>
      {question && <ConfirmDialog question={question} onClose={close} />}
      <output class={note ? (note.isError ? "note error" : "note") : undefined}>{note?.text}</output>
    </SessionContext.Provider>
  );
};

/** What stands behind the hash of the address. */
const useRoute = (): Route => {
  const [route, follow] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const change = (): void => follow(parseHash(location.hash));
    addEventListener("hashchange", change);
    return () => removeEventListener("hashchange", change);
  }, []);
  return route;
};

/** A line that goes by itself. */
const useNote = (): [Note | undefined, (text: string, isError?: boolean) => void] => {
  const [note, setNote] = useState<Note>();
  const timer = useRef<number | undefined>(undefined);
  const say = (text: string, isError = false): void => {
    clearTimeout(timer.current);
    setNote({ text, isError });
    timer.current = setTimeout(() => setNote(undefined), noteMs);
  };
  return [note, say];
};

/** A tab that nobody sees follows nothing after this long, in milliseconds: browsers have few connections to a server for all its tabs. */
const hiddenMs = 60_000;

const restWhileHidden = (feed: LiveFeed): (() => void) => {
  let timer: number | undefined;
  const change = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => feed.stop(), hiddenMs);
    else if (!feed.isStarted && feed.state !== "forbidden") feed.start();
  };
  document.addEventListener("visibilitychange", change);
  return () => document.removeEventListener("visibilitychange", change);
};

/** The slash key leads to where rows are filtered, unless something is being typed. */
const listenForSlash = (): (() => void) => {
  const press = (event: KeyboardEvent): void => {
    const isTyping = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = document.querySelector<HTMLInputElement>("input[data-filter]");
    if (!field) return;
    event.preventDefault();
    field.focus();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
};
