import type { DeadLetter } from "../../hooks/store/dead-letters.ts";
import type { KeptAttempt } from "../../hooks/store/history.ts";
import { plainText, type Row, renderTable } from "./table.ts";

const columns = [
  { title: "ID", align: "right" },
  { title: "AGE", align: "right" },
  { title: "HOOK", minWidth: 10 },
  { title: "TYPE", minWidth: 12 },
  { title: "STREAM", minWidth: 10 },
  { title: "REASON" },
  { title: "TRIES", align: "right" },
] as const;

/** So many of them, in words. */
export const lettersText = (count: number): string =>
  count === 1 ? "1 dead letter" : `${count} dead letters`;

const dayMs = 24 * 3_600_000;

/** How long ago something was, in one unit or two: `45s`, `12m`, `3h20m`, `2d4h`. */
export const ageText = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (ms >= dayMs) return `${Math.floor(hours / 24)}d${hours % 24 === 0 ? "" : `${hours % 24}h`}`;
  if (hours > 0) return `${hours}h${minutes % 60 === 0 ? "" : `${minutes % 60}m`}`;
  return minutes > 0 ? `${minutes}m` : `${seconds}s`;
};

const lastErrorOf = ({ history }: DeadLetter): string | undefined =>
  history.findLast(({ error }) => error !== undefined)?.error;

const rowOf = (letter: DeadLetter, now: number): Row => {
  const { id, diedAt, hookId, type, streamKey, reason, attempts } = letter;
  const error = lastErrorOf(letter);
  return {
    cells: [String(id), ageText(now - diedAt), hookId, type, streamKey || "-", reason, String(attempts)],
    ...(error === undefined ? {} : { notes: [["", error]] }),
  };
};

/** Dead letters as a table, the last error of each below it, and how many more there are. */
export const deadLetterTable = (
  letters: readonly DeadLetter[],
  { total, now, width }: { total: number; now: number; width: number },
): string => {
  if (letters.length === 0) return "no dead letters";
  const table = renderTable(
    columns,
    letters.map((letter) => rowOf(letter, now)),
    width,
  );
  const more = total - letters.length;
  return more > 0
    ? `${table}\n\nthe oldest ${letters.length} of ${total}; --limit ${total} shows all`
    : table;
};

const attemptText = ({ at, duration_ms, status, error }: KeptAttempt): string => {
  const parts = [new Date(at).toISOString(), `${duration_ms}ms`.padStart(7)];
  if (status !== undefined) parts.push(String(status));
  return `  ${[...parts, plainText(error ?? "worked")].join("  ")}`;
};

/** The body as JSON that is laid out; as it is where it is none. */
const bodyOf = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

const prettyBody = (body: string): string => {
  const value = bodyOf(body);
  // Of what JSON lets stand as it is, a terminal would obey some.
  return (typeof value === "string" ? value : JSON.stringify(value, undefined, 2))
    .split("\n")
    .map((line) => plainText(line))
    .join("\n");
};

/** Everything of one dead letter, over several lines. */
export const deadLetterPage = (letter: DeadLetter, now: number): string => {
  const { id, eventId, type, streamKey, hookId, reason, attempts, history, at, diedAt, body } = letter;
  const time = (ms: number): string => `${new Date(ms).toISOString()} (${ageText(now - ms)} ago)`;
  const facts: readonly (readonly [name: string, value: string])[] = [
    ["dead letter", String(id)],
    ["event", eventId],
    ["type", type],
    ["stream", streamKey || "-"],
    ["hook", hookId],
    ["reason", reason],
    ["happened", time(at)],
    ["given up", time(diedAt)],
    ["attempts", `${attempts}${attempts > history.length ? `, the last ${history.length} are known` : ""}`],
  ];
  return [
    ...facts.map(([name, value]) => `${name.padEnd(13)}${plainText(value)}`),
    ...history.map(attemptText),
    "body",
    prettyBody(body),
  ].join("\n");
};

/** A dead letter for programs: the keys of `hooks dlq list --json`. Of the body, what it says. */
export const deadLetterJson = (letter: DeadLetter): unknown => ({
  id: letter.id,
  event_id: letter.eventId,
  type: letter.type,
  stream_key: letter.streamKey,
  hook_id: letter.hookId,
  reason: letter.reason,
  attempts: letter.attempts,
  time: new Date(letter.at).toISOString(),
  given_up: new Date(letter.diedAt).toISOString(),
  history: letter.history.map(({ at, ...rest }) => ({ at: new Date(at).toISOString(), ...rest })),
  event: bodyOf(letter.body),
});
