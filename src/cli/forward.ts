import { defineCommand } from "citty";
import { ConfigError } from "../base/errors.ts";
import { createLogger, type Logger } from "../base/log.ts";
import { systemClock } from "../base/time.ts";
import type { Environment } from "../config/variables.ts";
import { readForwardOrder } from "../relay/forward-order.ts";
import { Forwarder, type ForwarderEnd, type ForwarderOrder } from "../relay/forwarder.ts";
import { isHelp, quit, show } from "./exit.ts";

/** How it ends, for whoever starts it again or not: the numbers of sysexits.h. */
const forwardExit = { ok: 0, usage: 64, failed: 75, denied: 77, config: 78 } as const;

const usage = `rtmp-server forward: one stream of a server on its way to another, packet by packet as it is

Usage: FORWARD_SOURCE=URL FORWARD_TARGET=URL rtmp-server forward

It reads the source and publishes it at the target as soon as there is something to publish: once, without trying again, as a supervisor
such as rtmp-server orchestrate does. URLs are taken from the environment alone, so that no list of processes shows a key.

Environment
  FORWARD_SOURCE              rtmp[s]://[USER:PASSWORD@]HOST[:PORT]/APP/NAME or rtsp[s]://[USER:PASSWORD@]HOST[:PORT]/PATH
  FORWARD_TARGET              rtmp[s]://[USER:PASSWORD@]HOST[:PORT]/APP/NAME, or .../APP/INSTANCE#NAME where the application has slashes;
                              rtmps is port 443 unless given. "-" reads the URL from the first line of standard input
  FORWARD_SOURCE_FINGERPRINT  SHA-256 of the one certificate that is trusted, for servers whose certificate cannot be verified
  FORWARD_TARGET_FINGERPRINT  the same for the target

Each change is one line of JSON on standard error, without keys and passwords.

Exit status
  0   the source has ended, or SIGTERM or SIGINT came; the target has been told goodbye
  64  the command line cannot be used
  75  a side cannot be reached, refuses, breaks off, or the source sends nothing for 10 s: try again later
  77  a side refuses user, password or key: not to be tried again with the same ones
  78  a variable is missing or cannot be used
A target that only hangs up where it should refuse, as nginx-rtmp does, ends with 75.

Try it
  FORWARD_SOURCE=rtmp://127.0.0.1/live/test FORWARD_TARGET=rtmp://127.0.0.1/live/copy rtmp-server forward
`;

/** Reaches a target that falls behind by no more than this, as players. */
const link = { chunkSize: 65_536, queue: { maxBytes: 8 * 1_048_576, maxMs: 5_000 } };

/** A URL is no longer than this, in bytes. */
const maxUrlBytes = 8_192;

/** The first line of standard input. */
const readTarget = async (): Promise<string> => {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of Bun.stdin.stream()) {
    text += decoder.decode(bytes, { stream: true });
    if (text.includes("\n") || text.length > maxUrlBytes) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
};

const orderOf = async (environment: Environment): Promise<ForwarderOrder> => {
  const isAsked = environment.FORWARD_TARGET === "-";
  return readForwardOrder(isAsked ? { ...environment, FORWARD_TARGET: await readTarget() } : environment);
};

const exitOf = (end: ForwarderEnd): number => {
  if (end.kind !== "failed") return forwardExit.ok;
  return end.isDenied ? forwardExit.denied : forwardExit.failed;
};

const ended = (end: ForwarderEnd, log: Logger): void => {
  const exit = exitOf(end);
  if (end.kind !== "failed") log.info("forward ended", { exit, reason: end.kind });
  else log.error("forward ended", { exit, reason: end.kind, side: end.side, error: end.error });
  process.exit(exit);
};

/** Reads the order and runs it, until it ends or a signal comes. */
const run = async (log: Logger): Promise<void> => {
  let stop = (): void => ended({ kind: "stopped" }, log);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop());
  try {
    const order = await orderOf(process.env);
    log.info("forward started", { source: order.label, target: order.target.label });
    const forwarder = new Forwarder(order, {
      clock: systemClock,
      log,
      options: link,
      ended: (end) => ended(end, log),
    });
    stop = () => forwarder.stop();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error("forward ended", { exit: forwardExit.config, reason: "config", error: error.message });
    process.exit(forwardExit.config);
  }
};

/** `rtmp-server forward` */
export const forward = defineCommand({
  meta: { name: "forward", description: "bring one stream of a server to another, as it is" },
  run: async ({ rawArgs }) => {
    if (isHelp(rawArgs)) return show(usage);
    if (rawArgs.length > 0)
      quit(
        "forward takes no arguments, expected FORWARD_SOURCE and FORWARD_TARGET in the environment; see rtmp-server forward --help",
        forwardExit.usage,
      );
    await run(createLogger({ level: "info", format: "json" }));
  },
});
