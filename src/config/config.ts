import { ConfigError } from "../base/errors.ts";
import { parseHostPort } from "../base/host-port.ts";
import { logFormats, logLevels } from "../base/log.ts";
import { parseDuration, parseSize } from "../base/units.ts";
import { checkHookDelivery } from "./hook-delivery-options.ts";
import { hookOptions } from "./hook-options.ts";
import {
  integerFrom,
  listOption,
  nonEmpty,
  type Option,
  oneOf,
  optionalOption,
  positive,
  switchOption,
  valueOption,
} from "./option.ts";

/** Milliseconds: a bare number, or a duration with its unit. */
const parseMilliseconds = (text: string): number => (/^\d+$/.test(text) ? Number(text) : parseDuration(text));

/** A duration that may be negative in old command lines, where it means "off". */
const parseSegmentDuration = (text: string): number =>
  text.startsWith("-") ? -parseDuration(text.substring(1)) : parseDuration(text);

const listening = "Listening";
const streaming = "Publishing and playing";
const pushing = "Pushing to other servers";
const recording = "Recording";
const monitoring = "Monitoring";
const running = "Running";

/** Every option of the server, in the order of the help text. */
export const options = {
  listen: valueOption(
    { flag: "listen", group: listening, help: "address for RTMP" },
    {
      placeholder: "ADDRESS",
      fallback: ":1935",
      parse: (text) => parseHostPort(text === "" ? ":1935" : text),
    },
  ),
  tlsListen: optionalOption(
    { flag: "tls-listen", group: listening, help: "address for RTMPS, with --tls-cert and --tls-key" },
    { placeholder: "ADDRESS", parse: parseHostPort },
  ),
  tlsCert: optionalOption(
    { flag: "tls-cert", group: listening, help: "certificate chain for RTMPS, PEM" },
    { placeholder: "FILE", parse: nonEmpty("a file name") },
  ),
  tlsKey: optionalOption(
    { flag: "tls-key", group: listening, help: "private key for RTMPS, PEM" },
    { placeholder: "FILE", parse: nonEmpty("a file name") },
  ),
  gopCache: switchOption(
    {
      flag: "gop-cache",
      group: streaming,
      help: "start players with the last key frame, so that they show a picture at once",
    },
    true,
  ),
  lowLatency: switchOption(
    {
      flag: "low-latency",
      group: streaming,
      help: "send every packet at once instead of audio with the next picture; costs more CPU per player",
    },
    false,
  ),
  playWaitMs: valueOption(
    {
      flag: "play-wait",
      group: streaming,
      help: "how long a player waits for a stream that is not published yet",
    },
    { placeholder: "DURATION", fallback: "10s", parse: parseDuration },
  ),
  overridePublisher: switchOption(
    {
      flag: "override-publisher",
      group: streaming,
      help: "let a second publisher take a stream over instead of refusing it",
    },
    false,
  ),
  republishGraceMs: valueOption(
    {
      flag: "republish-grace",
      group: streaming,
      help: "how long players stay when a publisher's connection is cut",
    },
    { placeholder: "DURATION", fallback: "5s", parse: parseDuration },
  ),
  playerQueueMs: valueOption(
    {
      flag: "player-queue-ms",
      group: streaming,
      help: "how far a slow player may fall behind before frames are dropped, in milliseconds",
    },
    { placeholder: "MS", fallback: "5000", parse: positive(parseMilliseconds, "a time") },
  ),
  playerQueueBytes: valueOption(
    { flag: "player-queue-bytes", group: streaming, help: "the same bound in bytes" },
    { placeholder: "SIZE", fallback: "8M", parse: positive(parseSize, "a size") },
  ),
  stallTimeoutMs: valueOption(
    { flag: "stall-timeout", group: streaming, help: "disconnect a player that takes nothing for this long" },
    { placeholder: "DURATION", fallback: "15s", parse: positive(parseDuration, "a duration") },
  ),
  idleTimeoutMs: valueOption(
    {
      flag: "idle-timeout",
      group: streaming,
      help: "disconnect a publisher that sends nothing for this long; 0 for never",
    },
    { placeholder: "DURATION", fallback: "30s", parse: parseDuration },
  ),
  chunkSize: valueOption(
    {
      flag: "chunk-size",
      group: streaming,
      help: "RTMP chunk size of what the server sends, 1 to 65536 bytes",
    },
    { placeholder: "BYTES", fallback: "4096", parse: integerFrom(1, 65536) },
  ),
  reconnectUrl: optionalOption(
    {
      flag: "reconnect-url",
      group: streaming,
      help: "where clients are sent when the server gets SIGUSR1 (Enhanced RTMP)",
    },
    { placeholder: "URL", parse: nonEmpty("a URL") },
  ),
  relayTo: listOption(
    {
      flag: "relay-to",
      group: pushing,
      help: "push every stream to rtmp[s]://HOST/APP[/NAME]; {app}, {name} and {stream_key} stand for its own; repeatable",
    },
    { placeholder: "URL", parse: nonEmpty("rtmp[s]://HOST/APP[/NAME]") },
  ),
  recordAll: switchOption(
    { flag: "record-all", group: recording, help: "record every stream as FLV" },
    false,
  ),
  recordDir: valueOption(
    { flag: "record-dir", group: recording, help: "where recordings go" },
    { placeholder: "DIR", fallback: "recordings", parse: nonEmpty("a directory") },
  ),
  segmentMs: valueOption(
    {
      flag: "segment-duration",
      group: recording,
      help: "begin a new file at the first key frame after this long; 0 for one file per publish",
    },
    {
      placeholder: "DURATION",
      fallback: "0",
      parse: (text) => Math.max(0, parseSegmentDuration(text === "" ? "0" : text)),
    },
  ),
  segmentPattern: valueOption(
    {
      flag: "segment-pattern",
      group: recording,
      help: "names of segments: %s stream, %T date_time, %03d number, %Y %m %D %H %M %S",
    },
    { placeholder: "PATTERN", fallback: "%s_%T_seg%03d", parse: nonEmpty("a file name pattern") },
  ),
  ...hookOptions,
  metricsAddress: optionalOption(
    {
      flag: "metrics-address",
      group: monitoring,
      help: "answer HTTP here: /metrics for Prometheus, /healthz, /readyz and /health/hooks for health checks, /hooks/events for rtmp-server hooks tail; whoever reaches it sees stream keys and addresses",
    },
    { placeholder: "HOST:PORT", parse: parseHostPort },
  ),
  logLevel: valueOption(
    { flag: "log-level", group: running, help: "least important lines to log: debug, info, warn or error" },
    { placeholder: "LEVEL", fallback: "info", parse: oneOf(logLevels) },
  ),
  logFormat: optionalOption(
    {
      flag: "log-format",
      group: running,
      help: "pretty, text or json; pretty on a terminal and json elsewhere by default",
    },
    { placeholder: "FORMAT", parse: oneOf(logFormats) },
  ),
  shutdownTimeoutMs: valueOption(
    {
      flag: "shutdown-timeout",
      group: running,
      help: "how long a stop may take to tell players and finish recordings",
    },
    { placeholder: "DURATION", fallback: "5s", parse: positive(parseDuration, "a duration") },
  ),
} as const satisfies Record<string, Option<unknown>>;

type Options = typeof options;

/** What the server runs with: every option, read and checked. */
export type Config = { readonly [Key in keyof Options]: ReturnType<Options[Key]["parse"]> } & {
  /** The flags that were typed; all others have their default, which another source of settings may replace. */
  readonly given: ReadonlySet<string>;
};

/**
 * Makes a configuration of what was typed, by flag name. What was not typed has its default.
 * @throws ConfigError for the first value, or combination of values, that cannot be used
 */
export const readConfig = (typed: ReadonlyMap<string, readonly string[]>): Config => {
  const entries = Object.entries(options).map(([key, option]) => [
    key,
    option.parse(typed.get(option.flag) ?? []),
  ]);
  const config = { ...Object.fromEntries(entries), given: new Set(typed.keys()) } as Config;
  checkTls(config);
  checkHookDelivery(config);
  return config;
};

const checkTls = ({ tlsListen, tlsCert, tlsKey }: Config): void => {
  if (tlsListen && !(tlsCert && tlsKey)) {
    throw new ConfigError(
      `--tls-listen needs a certificate and a key, expected --${tlsCert ? "tls-key" : "tls-cert"} FILE too`,
    );
  }
  if (!tlsListen && (tlsCert || tlsKey)) {
    throw new ConfigError(`--${tlsCert ? "tls-cert" : "tls-key"} has no use without --tls-listen ADDRESS`);
  }
};
