import { type ConsolaReporter, createConsola, type LogObject } from "consola";

/** The fields of a log line, beside its message. Undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Writes structured lines. Never called per packet above debug. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Log levels, the quietest last. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
/** One of them. */
export type LogLevel = (typeof logLevels)[number];

/** How a line is written: for eyes, as `key=value` text, or as JSON in the layout of Go's slog. */
export const logFormats = ["pretty", "text", "json"] as const;
/** One of them. */
export type LogFormat = (typeof logFormats)[number];

const consolaLevel: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 3, debug: 4 };

const levelOf = (log: LogObject): LogLevel =>
  log.level <= 0 ? "error" : log.level === 1 ? "warn" : log.level <= 3 ? "info" : "debug";

/** What a line is made of. */
interface Line {
  readonly time: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const lineOf = (log: LogObject): Line => {
  const [message, fields] = log.args as [string, LogFields | undefined];
  return { time: log.date, level: levelOf(log), message, fields: fields ?? {} };
};

const present = (fields: LogFields): [string, unknown][] =>
  Object.entries(fields).filter(([, value]) => value !== undefined);

// biome-ignore lint/suspicious/noControlCharactersInRegex: a value with control characters has to be quoted
const needsQuotes = /[\s"=\u0000-\u001f\u007f-\u009f]|^$/;

const textOf = (value: unknown): string => {
  const text = Array.isArray(value) ? value.join(",") : String(value);
  return needsQuotes.test(text) ? JSON.stringify(text) : text;
};

const pairs = (fields: LogFields): string =>
  present(fields)
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .join(" ");

const formatters: Readonly<Record<LogFormat, (line: Line) => string>> = {
  json: ({ time, level, message, fields }) =>
    JSON.stringify({
      time: time.toISOString(),
      level: level.toUpperCase(),
      msg: message,
      ...Object.fromEntries(present(fields)),
    }),
  text: ({ time, level, message, fields }) =>
    `time=${time.toISOString()} level=${level.toUpperCase()} msg=${textOf(message)} ${pairs(fields)}`.trimEnd(),
  pretty: ({ time, level, message, fields }) => {
    const clock = time.toTimeString().substring(0, 8);
    return `${dim(clock)} ${marks[level]} ${message}${present(fields).length > 0 ? `  ${dim(pairs(fields))}` : ""}`;
  },
};

const hasColour = process.stderr.isTTY && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (hasColour ? `\x1b[${code}m${text}\x1b[0m` : text);
const dim = paint(2);
const marks: Readonly<Record<LogLevel, string>> = {
  debug: paint(90)("debug"),
  info: paint(36)("info "),
  warn: paint(33)("warn "),
  error: paint(31)("error"),
};

/** A line of ours in JSON, as another process wrote it, for eyes; undefined where it is none. */
export const prettyLine = (json: string): string | undefined => {
  try {
    const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
    const known = logLevels.find((each) => each.toUpperCase() === level);
    if (typeof time !== "string" || typeof msg !== "string" || known === undefined) return undefined;
    return formatters.pretty({
      time: new Date(time),
      level: known,
      message: msg,
      fields: fields as LogFields,
    });
  } catch {
    return undefined;
  }
};

/** What a logger writes, and how. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** A logger that may be told to write something else. */
export interface ProcessLogger extends Logger {
  configure(settings: LogSettings): void;
}

/** A logger that writes one line per call to standard error. */
export const createLogger = (settings: LogSettings): ProcessLogger => {
  let format = formatters[settings.format];
  // Whoever read the log may go away; the server goes on without.
  process.stderr.on("error", () => undefined);
  const reporter: ConsolaReporter = {
    log: (log) => {
      process.stderr.write(`${format(lineOf(log))}\n`);
    },
  };
  // Identical lines in a row are information: nothing is folded.
  const consola = createConsola({ level: consolaLevel[settings.level], reporters: [reporter], throttle: 0 });
  return {
    debug: (message, fields) => consola.debug(message, fields),
    info: (message, fields) => consola.info(message, fields),
    warn: (message, fields) => consola.warn(message, fields),
    error: (message, fields) => consola.error(message, fields),
    configure: (next) => {
      consola.level = consolaLevel[next.level];
      format = formatters[next.format];
    },
  };
};

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
