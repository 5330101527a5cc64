import { element, KeyedRows, type Row, setText } from "./keyed-rows.ts";
import { restart, type ShownForwarder, type ShownProcess, type ShownStream } from "./service.ts";

const since = (moment: string | null): string => {
  if (moment === null) return "";
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(moment)) / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
};

const processText = ({ pid, startedAt, nextStartAt, adopted }: ShownProcess): string => {
  if (pid !== null) return `pid ${pid}, ${since(startedAt)}${adopted ? ", taken over" : ""}`;
  if (nextStartAt === null) return "";
  return `again in ${Math.max(0, Math.round((Date.parse(nextStartAt) - Date.now()) / 1_000))} s`;
};

/** `said` is told what went wrong; an empty text for nothing. */
const restartButton = (
  name: string,
  { said, run }: { said: (text: string) => void; run: () => Promise<void> },
): HTMLButtonElement => {
  const button = element("button", { text: "Restart", className: "small" });
  button.setAttribute("aria-label", name);
  button.addEventListener("click", () => {
    said("");
    run().catch((error: unknown) =>
      said(`${name}: ${error instanceof Error ? error.message : String(error)}`),
    );
  });
  return button;
};

const setState = (place: HTMLElement, state: string): void => {
  setText(place, state);
  place.className = `state ${state}`;
};

const forwarderRow = (
  stream: string,
  { target }: ShownForwarder,
  said: (text: string) => void,
): Row<ShownForwarder> => {
  const item = element("li");
  const state = element("span");
  const about = element("span");
  const error = element("div", { className: "faint" });
  const button = restartButton(`Restart forwarder ${target} of ${stream}`, {
    said,
    run: () => restart(stream, target),
  });
  item.append(state, " ", about, button, error);
  return {
    element: item,
    update: (forwarder) => {
      setState(state, forwarder.state);
      setText(about, [forwarder.url, processText(forwarder)].filter((each) => each !== "").join(", "));
      setText(error, forwarder.lastError ?? "");
    },
  };
};

/** The row of a stream. */
export const streamRow = ({ id }: ShownStream, said: (text: string) => void): Row<ShownStream> => {
  const row = element("tr");
  const cells = ["", "", "long", "", "", "long", "long", ""].map((className) => element("td", { className }));
  const [name, state, source, worker, restarts, error, forwarders, actions] = cells;
  row.append(...cells);
  const badge = element("span");
  const list = element("ul");
  state?.append(badge);
  forwarders?.append(list);
  actions?.append(restartButton(`Restart worker of ${id}`, { said, run: () => restart(id) }));
  const rows = new KeyedRows<ShownForwarder>(list, {
    keyOf: ({ target }) => target,
    make: (forwarder) => forwarderRow(id, forwarder, said),
  });
  return {
    element: row,
    update: (stream) => {
      const { source: from } = stream.ingest;
      if (name) setText(name, stream.id);
      setState(badge, stream.state);
      if (source)
        setText(source, from ? [from.type, from.id, from.query].filter((each) => each !== "").join(" ") : "");
      if (worker) setText(worker, processText(stream.worker));
      if (restarts) setText(restarts, String(stream.worker.restarts));
      if (error) setText(error, stream.worker.lastError ?? "");
      rows.show(stream.forwarders);
    },
  };
};
