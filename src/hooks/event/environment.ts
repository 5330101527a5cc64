import type { EnvelopedEvent } from "./envelope.ts";
import type { HookValue } from "./hook-event.ts";

/** A longer value is cut: Linux refuses to start a program whose variables are too long, and nobody reads them. */
const maxValueBytes = 8 * 1024;

/** Variables of the execution, which {@link environmentOf} leaves alone so that no field of an event can pass for them. */
const executionNames = ["RTMP_HOOK_ID", "RTMP_ATTEMPT", "RTMP_TRUNCATED"];

/** What makes a shell run code, a loader load it, or this program's runtime behave differently in a child. */
const notInherited = /^(?:BASH_ENV|ENV|SHELLOPTS|BASH_FUNC_.*|LD_.*|BUN_.*)$/s;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/g;

const safeInShell = /^[\w@%+=:,./-]+$/;

/**
 * The variables that tell a program of `event`: its first keys, every field of its data, and the names that scripts written
 * for MediaMTX know. Values hold no control characters; names only A to Z, 0 to 9 and underscores.
 *
 *   clientIp → RTMP_CLIENT_IP    { video: { width: 640 } } → RTMP_VIDEO_WIDTH=640    [1, 2] → "[1,2]"
 *
 * A field never replaces a variable that was set before it: it goes to `RTMP_DATA_<KEY>` then, as `severity` does. Keys that
 * are not in the event's envelope are not set.
 */
export const environmentOf = (event: EnvelopedEvent): Record<string, string> => {
  const variables = new Variables();
  variables.set("RTMP_EVENT_TYPE", event.type);
  variables.set("RTMP_TIMESTAMP", String(event.timestamp));
  variables.set("RTMP_CONN_ID", event.conn_id);
  variables.set("RTMP_STREAM_KEY", event.stream_key);
  if (event.id !== undefined) variables.set("RTMP_EVENT_ID", event.id);
  if (event.seq !== undefined) variables.set("RTMP_SEQ", String(event.seq));
  if (event.severity !== undefined) variables.set("RTMP_SEVERITY", event.severity);
  if (event.session_id !== undefined) variables.set("RTMP_SESSION_ID", event.session_id);
  for (const [key, value] of Object.entries(event.data)) variables.setField(nameOf(key), value);
  setMediaMtx(variables, event);
  return variables.all;
};

/**
 * The variables of this process that a program it starts may see: all but those that change how shells, the loader or this
 * program's runtime work.
 */
export const inheritedEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !notInherited.test(name)) kept[name] = value;
  return kept;
};

/** One word of a POSIX shell that stands for exactly `value`. Harmless values stay as they are. */
export const quoteForShell = (value: string): string =>
  safeInShell.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;

const setMediaMtx = (variables: Variables, { type, conn_id, stream_key, data }: EnvelopedEvent): void => {
  if (stream_key === "") return;
  variables.set("MTX_PATH", stream_key);
  variables.set("MTX_QUERY", textOf(data.query ?? ""));
  variables.set("MTX_SOURCE_TYPE", "rtmpConn");
  variables.set("MTX_SOURCE_ID", conn_id);
  if (!type.startsWith("recording_segment_")) return;
  if (data.segment_path !== undefined) variables.set("MTX_SEGMENT_PATH", textOf(data.segment_path));
  if (data.segment_duration !== undefined)
    variables.set("MTX_SEGMENT_DURATION", textOf(data.segment_duration));
};

/** A key in upper snake case: `clientIp`, `client-ip` and `client_ip` are all `CLIENT_IP`. */
const nameOf = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "_");

const textOf = (value: HookValue): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

const isNested = (value: HookValue): value is { readonly [key: string]: HookValue } =>
  typeof value === "object" && !Array.isArray(value);

/** Variables as they are gathered. */
class Variables {
  readonly all: Record<string, string> = {};

  set(name: string, value: string): void {
    const clean = value.replace(controlCharacters, "").toWellFormed();
    const fitting = startOf(clean);
    this.all[name] = fitting;
    if (fitting.length < clean.length) this.all.RTMP_TRUNCATED = "1";
  }

  /** Sets `value`, or all that is in it, under `name` without its prefix. JSON turns a number that is none into null: it is absent. */
  setField(name: string, value: HookValue | null): void {
    if (value === null) return;
    if (isNested(value)) {
      for (const [key, inner] of Object.entries(value)) this.setField(`${name}_${nameOf(key)}`, inner);
      return;
    }
    const free = [`RTMP_${name}`, `RTMP_DATA_${name}`].find((candidate) => !this.#isTaken(candidate));
    if (free !== undefined) this.set(free, textOf(value));
  }

  #isTaken(name: string): boolean {
    return Object.hasOwn(this.all, name) || executionNames.includes(name);
  }
}

const scratch = new Uint8Array(maxValueBytes);
const encoder = new TextEncoder();

/** As much of `text` as fits, in whole characters. */
const startOf = (text: string): string =>
  // A UTF-16 unit is three bytes at most.
  text.length * 3 <= maxValueBytes ? text : text.substring(0, encoder.encodeInto(text, scratch).read);
