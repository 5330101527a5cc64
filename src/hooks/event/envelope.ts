import type { HookEvent, HookValue } from "./hook-event.ts";

/** What of an event goes out: all of its keys, or the first five alone, for receivers that take no others. */
export const envelopes = ["full", "seed"] as const;
/** One of them. */
export type Envelope = (typeof envelopes)[number];

/** The keys that every receiver knows. The others are not there where the envelope is `seed`. */
export type SeedKey = "type" | "timestamp" | "conn_id" | "stream_key" | "data";

/** An event as a body gives it back, in whichever envelope. */
export type EnvelopedEvent = Pick<HookEvent, SeedKey> & Partial<HookEvent>;

type Data = HookEvent["data"];

/** No body is longer: receivers commonly take a megabyte at most, and what lies in queues has to have a bound. */
const maxBodyBytes = 256 * 1024;

/**
 * The body of `event`: the JSON that scripts, webhooks and standard output all get, byte for byte. It is one line to every
 * reader, without its end: the two Unicode line ends, which JSON lets stand bare, are escaped too.
 *
 * Beyond 256 KiB the data is cut: long texts, lists and objects lose their ends until it fits, and `truncated` in it is true. The
 * other keys are short by themselves and are never cut.
 */
export const bodyOf = (event: HookEvent, envelope: Envelope): string => {
  const chosen = envelope === "full" ? event : seedOf(event);
  const whole = lineOf(chosen);
  if (isFitting(whole)) return whole;
  for (let limit = maxBodyBytes >> 1; limit > 0; limit >>= 1) {
    const body = lineOf({ ...chosen, data: { ...startOfObject(chosen.data, limit), truncated: true } });
    if (isFitting(body)) return body;
  }
  return lineOf({ ...chosen, data: { truncated: true } });
};

const seedOf = ({ type, timestamp, conn_id, stream_key, data }: HookEvent): EnvelopedEvent => ({
  type,
  timestamp,
  conn_id,
  stream_key,
  data,
});

const lineOf = (event: EnvelopedEvent): string =>
  JSON.stringify(event).replace(/[\u2028\u2029]/g, (end) => (end === "\u2028" ? "\\u2028" : "\\u2029"));

const isFitting = (body: string): boolean =>
  // A UTF-16 unit is three bytes at most.
  body.length * 3 <= maxBodyBytes || Buffer.byteLength(body) <= maxBodyBytes;

/** `value` with at most `limit` characters in each text and `limit` entries in each list and object. */
const startOf = (value: HookValue, limit: number): HookValue => {
  if (typeof value === "string") return startOfText(value, limit);
  if (typeof value !== "object") return value;
  if (isList(value)) return value.slice(0, limit).map((one) => startOf(one, limit));
  return startOfObject(value, limit);
};

/** A name that is too long is left out with its value: cut, it would be another name. */
const startOfObject = (data: Data, limit: number): Data =>
  Object.fromEntries(
    Object.entries(data)
      .filter(([name]) => name.length <= limit)
      .slice(0, limit)
      .map(([name, value]) => [name, startOf(value, limit)]),
  );

/** Never ends with half a surrogate pair that was whole. */
const startOfText = (text: string, limit: number): string => {
  if (text.length <= limit) return text;
  const isPairCut = /[\ud800-\udbff]/.test(text.charAt(limit - 1));
  return text.substring(0, isPairCut ? limit - 1 : limit);
};

const isList = (value: object): value is readonly HookValue[] => Array.isArray(value);
