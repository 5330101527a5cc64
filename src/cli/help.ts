import { hookOptions } from "../config/hook-options.ts";
import type { Option } from "../config/option.ts";
import { options } from "../config/server/config.ts";

/** Columns of the help text. */
const lineWidth = 100;
const flagWidth = 32;

/** What most people need, in groups; every other flag is in {@link fullHelpText}. Hooks come behind these. */
const usual: Readonly<Record<string, readonly string[]>> = {
  Configuration: ["config", "config-persist"],
  Listening: ["listen", "tls-listen", "tls-cert", "tls-key", "rtmp-encryption"],
  "Publishing and playing": [
    "gop-cache",
    "low-latency",
    "play-wait",
    "override-publisher",
    "republish-grace",
    "player-queue-ms",
    "player-queue-bytes",
    "stall-timeout",
    "idle-timeout",
    "chunk-size",
    "reconnect-url",
  ],
  "Pushing to other servers": ["relay-to"],
  Recording: ["record-all", "record-dir", "segment-duration", "segment-pattern"],
  Access: [
    "auth-mode",
    "auth-token",
    "auth-file",
    "auth-callback",
    "auth-callback-timeout",
    "auth-method",
    "auth-http-address",
    "auth-jwt-jwks",
  ],
  Limits: [
    "max-connections",
    "max-connections-per-address",
    "max-publishers",
    "max-handshakes-per-second",
    "max-readers",
    "max-bitrate-kbps",
  ],
  "API, metrics and health": ["api", "api-address", "metrics", "metrics-address"],
  Running: ["log-level", "log-format", "shutdown-timeout"],
};

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

/** The help text of options, in the groups that they name themselves. */
export const grouped = (some: Iterable<Option<unknown>>): string => {
  const groups = new Map<string, string[]>();
  for (const option of some)
    groups.set(option.group, [...(groups.get(option.group) ?? []), describe(option)]);
  return [...groups].map(([group, lines]) => `${group}\n${lines.join("\n")}`).join("\n\n");
};

/** The options that most people need, those of hooks aside. */
const usualOptions = (): readonly Option<unknown>[] => {
  const known = new Map(options.map((option) => [option.flag, option]));
  return Object.entries(usual).flatMap(([group, flags]) =>
    flags.map((flag): Option<unknown> => {
      const option = known.get(flag);
      if (!option) throw new TypeError(`no flag ${flag}`);
      return { ...option, group };
    }),
  );
};

/** How flags and their values are written. */
export const spelling = `Flags are taken as --flag value, --flag=value, -flag value and -flag=value.
Durations are written 500ms, 10s, 1m30s, 1h, 7d; sizes 65536, 512K, 16M. Lists take commas.`;

/** The help text of the server: what most people need, in groups, and a first thing to try. */
export const helpText = (): string => {
  const all = usualOptions();
  const beforeRunning = all.filter(({ group }) => group !== "Running");
  const running = all.filter(({ group }) => group === "Running");
  return `rtmp-server: publish over RTMP, relay to any number of players, push on, record

Usage: rtmp-server [FLAGS] [FILE.yml]
       rtmp-server check FILE
       rtmp-server hooks COMMAND
       rtmp-server hook ready|not-ready
       rtmp-server orchestrate [FLAGS] [FILE.yaml]
       rtmp-server forward
       rtmp-server dev [ps|logs|down]

${grouped([...beforeRunning, ...Object.values(hookOptions), ...running])}

Every key of docs/configuration.md is a flag: hlsAlwaysRemux is --hls-always-remux; a key of paths
is set for all of them. rtmp-server --help-all prints them all.

Also
  check                         check a configuration file
  hooks                         look at hooks, try them, check and write a hooks file, send dead
                                letters again
  dev                           all of them on this machine, to develop with
  forward                       bring one stream of a server to another
  hook                          tell a stream orchestrator of a stream, as runOnReady
  orchestrate                   keep a worker running for each stream, told by hooks
  --version                     print version, commit, Bun version and target
  --help                        print this text
  --help-all                    print every flag

${spelling}

Try it
  rtmp-server --record-all
  ffmpeg -re -i FILE -c copy -f flv rtmp://127.0.0.1:1935/live/test
  ffplay rtmp://127.0.0.1:1935/live/test
`;
};

/** Every flag of the server, in the groups of docs/configuration.md. */
export const fullHelpText = (): string => `rtmp-server: every flag

Usage: rtmp-server [FLAGS] [FILE.yml]

${grouped(options)}

${spelling}
`;
