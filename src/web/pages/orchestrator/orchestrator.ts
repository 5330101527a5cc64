import { eventRow } from "./event-row.ts";
import { KeyedRows, setText } from "./keyed-rows.ts";
import {
  type Everything,
  readEverything,
  type ShownEvent,
  type ShownServer,
  type ShownStream,
} from "./service.ts";
import { streamRow } from "./stream-row.ts";

/** How often everything is asked for, in milliseconds. */
const periodMs = 2_000;

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
};

const said = (text: string): void => setText(byId("said"), text);

const filter = byId("filter") as HTMLInputElement;

const streams = new KeyedRows<ShownStream>(byId("streams"), {
  keyOf: ({ id }) => id,
  make: (stream) => streamRow(stream, said),
});

const events = new KeyedRows<ShownEvent>(byId("events"), {
  keyOf: ({ number }) => String(number),
  make: eventRow,
});

const serverText = ({ asked, reachable, error }: ShownServer): string => {
  if (!asked) return "The media server is not asked which streams there are";
  if (reachable === null) return "Asking the media server";
  return reachable ? "The media server answers" : `The media server does not answer: ${error ?? "no reason"}`;
};

const countsText = ({ streams: shown, streamCount }: Everything): string => {
  const count = (state: string): number => shown.filter((stream) => stream.state === state).length;
  const words = ["running", "starting", "draining", "stopping", "backoff", "failed", "idle"]
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  return [`${streamCount} streams`, ...words].join(" · ");
};

let last: Everything | undefined;

const show = (): void => {
  if (!last) return;
  const wanted = filter.value.trim().toLowerCase();
  streams.show(last.streams.filter(({ id, state }) => `${id} ${state}`.toLowerCase().includes(wanted)));
  byId("none").hidden = last.streamCount > 0;
  setText(byId("server"), serverText(last.server));
  setText(byId("counts"), countsText(last));
  events.show(last.events);
};

const refresh = async (): Promise<void> => {
  try {
    last = await readEverything();
    show();
  } catch (error) {
    setText(
      byId("server"),
      `The orchestrator does not answer: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  setTimeout(() => void refresh(), periodMs);
};

filter.addEventListener("input", show);
void refresh();
