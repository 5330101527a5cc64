import { options } from "../config/config.ts";
import type { Option, OptionGroup } from "../config/option.ts";

/** Columns of the help text. */
const lineWidth = 100;
const flagWidth = 32;

const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
};

const fallbackText = (option: Option<unknown>): string => {
  if (option.fallback === undefined || option.fallback === "0") return "";
  if (option.arity === "switch")
    return option.fallback === "true" ? ` (on; --${option.flag}=false turns it off)` : "";
  return ` (default ${option.fallback})`;
};

const describe = (option: Option<unknown>): string => {
  const head = `  --${option.flag}${option.placeholder === "" ? "" : ` ${option.placeholder}`}`;
  const [first = "", ...rest] = wrap(option.help + fallbackText(option), lineWidth - flagWidth);
  const start =
    head.length < flagWidth - 1
      ? head.padEnd(flagWidth) + first
      : `${head}\n${" ".repeat(flagWidth)}${first}`;
  return [start, ...rest.map((text) => " ".repeat(flagWidth) + text)].join("\n");
};

/** The help text of the server: every option, in groups, and a first thing to try. */
export const helpText = (): string => {
  const groups = new Map<OptionGroup, string[]>();
  for (const option of Object.values(options))
    groups.set(option.group, [...(groups.get(option.group) ?? []), describe(option)]);
  const sections = [...groups].map(([group, lines]) => `${group}\n${lines.join("\n")}`);
  return `rtmp-server: publish over RTMP, relay to any number of players, push on, record

Usage: rtmp-server [FLAGS]
       rtmp-server check FILE
       rtmp-server hooks COMMAND

${sections.join("\n\n")}

Also
  check                         check a configuration file in MediaMTX's keys
  hooks                         look at hooks, try them, check and write a hooks file, send dead
                                letters again
  --version                     print version, commit, Bun version and target
  --help                        print this text

Flags are taken as --flag value, --flag=value, -flag value and -flag=value.
Durations are written 500ms, 10s, 1m30s, 1h; sizes 65536, 512K, 16M.

Try it
  rtmp-server --record-all
  ffmpeg -re -i FILE -c copy -f flv rtmp://127.0.0.1:1935/live/test
  ffplay rtmp://127.0.0.1:1935/live/test
`;
};
