import { createHash } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { ConfigError, RefusedError } from "../base/errors.ts";
import { printable, type StreamPath } from "../base/stream-path.ts";

/** What the name of a recording may tell. */
export interface NameFacts {
  readonly path: StreamPath;
  /** When the file is opened; its local time is written. */
  readonly date: Date;
  /** Number of the segment within one publish, from 1. */
  readonly segment: number;
}

/**
 * Gives the name of a recording: relative to the record directory, `/` between folders, without an extension. Every
 * part of it is safe on every file system, whatever the stream is called.
 */
export type NamePattern = (facts: NameFacts) => string;

/**
 * Gives where a recording goes: the whole path of the file. `number` is 1, and counts on while names are taken; each number is another
 * name. @throws RefusedError BAD_STREAM_NAME where it would lie anywhere but in its folder
 */
export type FileNaming = (facts: NameFacts, number: number) => string;

/** What every recording's name ends with. */
export const recordingExtension = ".flv";

/** A name that is taken is numbered: `_2` to `_9999` in front of the extension. */
export const maxNameNumber = 9_999;

/** What common file systems take as one name, in bytes of UTF-8. */
const maxNameBytes = 255;

/** Room for the extension and the number behind what a pattern gives. */
const reservedBytes = recordingExtension.length + `_${maxNameNumber}`.length;

const placeholders = "%s, %d, %03d, %T, %Y, %m, %D, %H, %M, %S and %%";

type Part = (facts: NameFacts) => string;

const digits = (value: number, width: number): string => String(value).padStart(width, "0");

const timeParts = {
  Y: (date: Date) => digits(date.getFullYear(), 4),
  m: (date: Date) => digits(date.getMonth() + 1, 2),
  D: (date: Date) => digits(date.getDate(), 2),
  H: (date: Date) => digits(date.getHours(), 2),
  M: (date: Date) => digits(date.getMinutes(), 2),
  S: (date: Date) => digits(date.getSeconds(), 2),
} as const;

/** `YYYYMMDD_HHMMSS` */
const timestampOf = (date: Date): string => {
  const { Y, m, D, H, M, S } = timeParts;
  return `${Y(date)}${m(date)}${D(date)}_${H(date)}${M(date)}${S(date)}`;
};

const partOf = (letter: string): Part | undefined => {
  switch (letter) {
    case "s":
      return ({ path }) => path.replaceAll("/", "_");
    case "T":
      return ({ date }) => timestampOf(date);
    case "Y":
    case "m":
    case "D":
    case "H":
    case "M":
    case "S":
      return ({ date }) => timeParts[letter](date);
    case "%":
      return () => "%";
    default:
      return undefined;
  }
};

/** Literal text, or a percent sign with what may stand between it and its letter, and that letter. */
const tokens = /[^%]+|%(\d?)(\d?)(\D?)/gu;

const refuse = (text: string, fault: string): ConfigError =>
  new ConfigError(`segment pattern ${printable(text)} ${fault}`);

const parseParts = (text: string): Part[] =>
  [...text.matchAll(tokens)].map(([token, tens = "", ones = "", letter]) => {
    if (!token.startsWith("%")) return () => token;
    const width = `${tens}${ones}`;
    if (letter === "d") return ({ segment }: NameFacts) => digits(segment, Number(width));
    const part = width === "" ? partOf(letter ?? "") : undefined;
    if (part) return part;
    throw refuse(text, `holds ${JSON.stringify(token)}, expected ${placeholders}`);
  });

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const controlOrBackslash = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/;

/** Why the folders of a pattern cannot be used, or undefined where they can. */
const faultOfFolders = (text: string): string | undefined => {
  if (text === "") return `is empty, expected text with ${placeholders}`;
  if (controlOrBackslash.test(text))
    return "holds a control character or a backslash, expected / between folders";
  const segments = text.split("/");
  if (segments[0] === "") return "is an absolute path, expected one below the record directory";
  if (segments.includes("")) return "has a folder or file without a name";
  if (segments.some((segment) => segment === "." || segment === "..")) return "holds . or .. as a folder";
  return undefined;
};

/**
 * Reads a pattern for names: `%s` stream key with `/` as `_`; `%d`, `%3d`, `%03d` segment number, zero-padded to the
 * width (at most 99); `%T` `YYYYMMDD_HHMMSS`; `%Y %m %D %H %M %S` parts of the local time (the day is a capital D);
 * `%%` a percent sign. `/` makes folders. Characters that some file system does not take become `_`.
 * @throws ConfigError naming what was given and what is accepted
 */
export const parseSegmentPattern = (text: string): NamePattern => {
  const fault = faultOfFolders(text);
  if (fault) throw refuse(text, fault);
  const parts = parseParts(text);
  return (facts) => {
    const segments = parts
      .map((part) => part(facts))
      .join("")
      .split("/");
    const last = segments.length - 1;
    return segments
      .map((segment, i) => safeName(segment, i === last ? maxNameBytes - reservedBytes : maxNameBytes))
      .join("/");
  };
};

/** The name of a recording that is not cut into segments: `{stream key with / as _}_{YYYYMMDD}_{HHMMSS}`. */
export const defaultNamePattern: NamePattern = parseSegmentPattern("%s_%T");

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const unsafeCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029<>:"|?*\\/]/g;

/** Names that Windows keeps for devices, with any extension behind them. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])[ ]*(\.|$)/i;

/**
 * One file or folder name of at most `maxBytes` bytes of UTF-8 that means itself everywhere: no separators, no control
 * characters, nothing hidden, no device, no dots or blanks at its end.
 */
export const safeName = (text: string, maxBytes: number): string => {
  const plain = text
    .toWellFormed()
    .replace(unsafeCharacter, "_")
    .replace(/^\.+|[. ]+$/g, (run) => "_".repeat(run.length));
  const name = plain === "" || deviceName.test(plain) ? `_${plain}` : plain;
  return shorten(name, maxBytes);
};

/** Bytes kept of the end of a name that is too long: there stand its time and its number. */
const keptTailBytes = 40;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** The first characters of `text` that take at most `maxBytes` bytes; characters stay whole. */
const headOf = (characters: readonly string[], maxBytes: number): string[] => {
  let left = maxBytes;
  const end = characters.findIndex((character) => {
    left -= bytesOf(character);
    return left < 0;
  });
  return end < 0 ? [...characters] : characters.filter((_, i) => i < end);
};

/** `text` within `maxBytes`, with a hash of all of it in place of its middle, so that two long names stay apart. */
const shorten = (text: string, maxBytes: number): string => {
  if (bytesOf(text) <= maxBytes) return text;
  const hash = createHash("sha256").update(text).digest("hex").substring(0, 8);
  const characters = [...text];
  const tail = headOf(characters.toReversed(), keptTailBytes).toReversed().join("");
  const head = headOf(characters, maxBytes - bytesOf(tail) - hash.length - 2).join("");
  return `${head}_${hash}_${tail}`;
};

/**
 * The absolute path of `name` in `directory`.
 * @throws RefusedError BAD_STREAM_NAME when it would lie anywhere else
 */
export const pathBelow = (directory: string, name: string): string => {
  const root = resolve(directory);
  const path = resolve(root, name);
  const way = relative(root, path);
  const isOutside = way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  if (isOutside || name.includes("\0")) {
    throw new RefusedError(
      "BAD_STREAM_NAME",
      `recording ${printable(name)} would leave the record directory`,
    );
  }
  return path;
};

/** Names by a pattern, in a directory; those that are taken are numbered. */
export const namesIn = (directory: string, pattern: NamePattern): FileNaming => {
  return (facts, number) =>
    numberedPath(pathBelow(directory, `${pattern(facts)}${recordingExtension}`), number);
};

/** `path` with `number` in front of its extension; the first has none. */
export const numberedPath = (path: string, number: number): string => {
  if (number < 2) return path;
  const stem = path.endsWith(recordingExtension)
    ? path.substring(0, path.length - recordingExtension.length)
    : path;
  return `${stem}_${number}${recordingExtension}`;
};
