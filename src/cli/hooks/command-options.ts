import { ConfigError, RefusedError } from "../../base/errors.ts";
import { type HostPort, parseHostPort } from "../../base/host-port.ts";
import { parseStreamPath } from "../../base/stream-path.ts";
import { readFlags } from "../../config/flags.ts";
import { type Option, optionalOption, switchOption, valueOption } from "../../config/option.ts";
import { catalogue } from "../../hooks/event/catalogue.ts";
import { everyEvent, resolveEventType } from "../../hooks/settings/event-name.ts";
import { wrapText } from "./table.ts";

/** The options of a command, by any name. */
export type CommandOptions = Readonly<Record<string, Option<unknown>>>;

/** What was typed for them. */
export type CommandValues<Options extends CommandOptions> = {
  readonly [Key in keyof Options]: ReturnType<Options[Key]["parse"]>;
};

/** The values of options, of what was typed by flag. @throws ConfigError */
export const valuesOf = <Options extends CommandOptions>(
  options: Options,
  typed: ReadonlyMap<string, readonly string[]>,
): CommandValues<Options> =>
  Object.fromEntries(
    Object.entries(options).map(([key, option]) => [key, option.parse(typed.get(option.flag) ?? [])]),
  ) as CommandValues<Options>;

/** Reads the command line of a command that has these options alone. @throws ConfigError */
export const readOptions = <Options extends CommandOptions>(
  args: readonly string[],
  options: Options,
): CommandValues<Options> => valuesOf(options, readFlags(args, Object.values(options)));

const flagWidth = 26;
const lineWidth = 80;

/** The part of a help text that describes options, 80 columns wide, without an end of line. */
export const describeOptions = (options: CommandOptions): string =>
  Object.values(options)
    .map(({ flag, placeholder, help, fallback, arity }) => {
      const standard = arity === "switch" || fallback === undefined ? "" : ` (default ${fallback})`;
      const [first = "", ...rest] = wrapText(help + standard, lineWidth - flagWidth);
      const head = `  --${flag} ${placeholder}`.trimEnd();
      return [head.padEnd(flagWidth) + first, ...rest.map((line) => " ".repeat(flagWidth) + line)].join("\n");
    })
    .join("\n");

/** The face of an option of a command; its group is nowhere shown. */
export const face = (flag: string, help: string) => ({ flag, help, group: "Hooks" }) as const;

/** `--json` */
export const jsonOption = switchOption(face("json", "print JSON, for programs"), false);

/** `--hook ID` */
export const hookIdOption = (help: string) =>
  optionalOption(face("hook", help), { placeholder: "ID", parse: (text) => text });

const knownTypes: readonly string[] = catalogue.map(({ type }) => type);

/** The type of event that a name means. @throws ConfigError with the nearest known one, and for `*` */
export const parseEventType = (name: string): string => {
  if (name === everyEvent) throw new ConfigError("* is no type of event, expected one such as publish_start");
  return resolveEventType(name, { known: knownTypes });
};

/** `--type X`, for one type. */
export const typeOption = (help: string) =>
  optionalOption(face("type", help), { placeholder: "TYPE", parse: parseEventType });

/** The key of a stream. @throws ConfigError */
export const parseStreamKey = (text: string): string => {
  try {
    return parseStreamPath(text);
  } catch (error) {
    throw error instanceof RefusedError ? new ConfigError(error.message, { cause: error }) : error;
  }
};

/** Where pages of a server are when nothing else is said. */
const usualServer = "127.0.0.1:9998";

const parseServer = (text: string): HostPort => {
  const { host, port } = parseHostPort(text);
  return { host: host || "127.0.0.1", port };
};

/** `--server HOST:PORT` */
export const serverOption = valueOption(face("server", "where a server has its --metrics-address"), {
  placeholder: "HOST:PORT",
  fallback: usualServer,
  parse: parseServer,
});
