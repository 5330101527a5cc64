import type { HookEvent } from "./hook-event.ts";

/**
 * `event` as JSON that is one line to every reader, without its end: the two Unicode line ends, which JSON lets stand
 * bare, are escaped too.
 */
export const jsonLineOf = (event: HookEvent): string =>
  JSON.stringify(event).replace(/[\u2028\u2029]/g, (end) => (end === "\u2028" ? "\\u2028" : "\\u2029"));
