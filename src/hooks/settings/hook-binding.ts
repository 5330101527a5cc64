import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";

/** What a flag such as `--hook-script` ties together. */
export interface HookBinding {
  /** An event type as it was written, or `*`. */
  readonly event: string;
  /** A script or a URL. */
  readonly target: string;
}

/**
 * Reads `EVENT=TARGET`, split at the first `=`.
 * @throws ConfigError where one of the two is missing; it never repeats a URL, which may hold a password
 */
export const parseHookBinding = (text: string): HookBinding => {
  const at = text.indexOf("=");
  const event = text.substring(0, Math.max(0, at));
  const target = text.substring(at + 1);
  const expected = "expected EVENT=TARGET such as publish_start=TARGET, or *=TARGET for every event";
  if (at === -1 ? text.includes("://") : event.includes("://"))
    throw new ConfigError(`no event in front of the URL, ${expected}`);
  if (at === -1) throw new ConfigError(`${printable(text)} has no =, ${expected}`);
  if (event === "") throw new ConfigError(`no event in front of the =, ${expected}`);
  if (target === "") throw new ConfigError(`${printable(text)} has nothing behind the =, ${expected}`);
  return { event, target };
};
