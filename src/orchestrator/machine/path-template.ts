import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";

declare const checked: unique symbol;

/**
 * What tells a stream from others: one segment of its paths. It names files and stands in command lines, so it is made of letters,
 * digits and `. _ ~ @ + -`, and begins with none that could make it an option or a hidden file. Minted by {@link parseStreamId}.
 */
export type StreamId = string & { readonly [checked]: true };

const streamId = /^[A-Za-z0-9_][A-Za-z0-9._~@+-]{0,127}$/;

/** A stream's id; undefined for a text that is none. */
export const parseStreamId = (text: string): StreamId | undefined =>
  streamId.test(text) ? (text as StreamId) : undefined;

const placeholder = "{streamId}";

/** What a path means to a template. */
export type PathMatch =
  | { readonly kind: "stream"; readonly id: StreamId }
  /** It has the form of the template, but what names the stream cannot be used. */
  | { readonly kind: "bad-id" }
  | { readonly kind: "foreign" };

/** Paths that differ in the id of their stream alone: `live/{streamId}/in`. */
export class PathTemplate {
  readonly text: string;
  readonly #prefix: string;
  readonly #suffix: string;

  /** @throws ConfigError for a text that does not hold `{streamId}` once, as a whole segment or a part of one */
  constructor(text: string) {
    const [prefix = "", suffix, ...more] = text.split(placeholder);
    if (suffix === undefined || more.length > 0)
      throw new ConfigError(`${printable(text)}, expected a path with ${placeholder} once in it`);
    if (/[{}\s\\]|^\/|\/$|\/\//.test(`${prefix}x${suffix}`))
      throw new ConfigError(`${printable(text)}, expected a path such as live/${placeholder}/in`);
    this.text = text;
    this.#prefix = prefix;
    this.#suffix = suffix;
  }

  /** The path of a stream. */
  pathOf(id: StreamId): string {
    return this.#prefix + id + this.#suffix;
  }

  /** Which stream a path belongs to. */
  match(path: string): PathMatch {
    const isOfForm =
      path.length > this.#prefix.length + this.#suffix.length &&
      path.startsWith(this.#prefix) &&
      path.endsWith(this.#suffix);
    if (!isOfForm) return { kind: "foreign" };
    const middle = path.substring(this.#prefix.length, path.length - this.#suffix.length);
    if (middle.includes("/")) return { kind: "foreign" };
    const id = parseStreamId(middle);
    return id === undefined ? { kind: "bad-id" } : { kind: "stream", id };
  }
}

/** `text` with what is known put in: `{path}` and so on. What was put in is not looked at again; other braces stay. */
export const fillIn = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (found, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? "") : found,
  );
