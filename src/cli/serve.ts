import { defineCommand } from "citty";
import { messageOf } from "../base/errors.ts";
import { formatHostPort, type HostPort, parseHostPort } from "../base/host-port.ts";
import { createLogger, type LogFormat, type Logger } from "../base/log.ts";
import { version, versionLine } from "../base/version.ts";
import { changesBetween, countOf } from "../config/server/changes-between.ts";
import { readConfig, readServerFlags } from "../config/server/config.ts";
import { LiveConfig } from "../config/server/live-config.ts";
import { hooksSection } from "../hooks/settings/hook-file.ts";
import type { LiveRunConfig, RunConfig } from "../server/run-config.ts";
import { type RunningServer, startServer } from "../server.ts";
import { banner, firstSteps, reachableAt } from "./banner.ts";
import { exitCode, orQuit, show } from "./exit.ts";
import { fullHelpText, helpText } from "./help.ts";

const isAsked = (args: readonly string[], names: readonly string[]): boolean =>
  args.some((arg) => names.includes(arg.replace(/^--?/, "")) && arg.startsWith("-"));

const logFormatOf = ({ server: { logFormat, logStructured } }: RunConfig): LogFormat => {
  if (logFormat !== "") return logFormat;
  return process.stderr.isTTY && !logStructured ? "pretty" : "json";
};

/** An address with the port that was had. */
const addressOf = (text: string, port: number): HostPort => ({ ...parseHostPort(text), port });

const reportStart = (running: RunningServer, { config, log }: { config: RunConfig; log: Logger }): void => {
  const { server } = config;
  const address = addressOf(server.rtmpAddress, running.rtmpPort);
  if (running.rtmpPort !== 0)
    log.info("RTMP server listening", { addr: formatHostPort(address), accessible_at: reachableAt(address) });
  if (running.rtmpsPort) {
    const tls = addressOf(server.rtmpsAddress, running.rtmpsPort);
    log.info("RTMPS enabled", { tls_addr: formatHostPort(tls) });
  }
  if (running.metricsPort) {
    const metrics = addressOf(server.metricsAddress, running.metricsPort);
    log.info("metrics and health pages", { addr: formatHostPort(metrics) });
  }
  const steps = firstSteps(address);
  const started = { addr: formatHostPort(address), version, log_level: server.logLevel };
  const isForPeople = logFormatOf(config) === "pretty";
  // Where a program reads the log, what to paste is part of the line.
  log.info(
    "server started",
    isForPeople
      ? started
      : { ...started, obs_server: steps.server, obs_stream_key: steps.streamKey, play_url: steps.url },
  );
  if (isForPeople && running.rtmpPort !== 0 && ["info", "debug"].includes(server.logLevel))
    process.stderr.write(`${banner(steps)}\n`);
};

/** A second signal this soon is the same one, sent to the process and to its group, in milliseconds. */
const echoMs = 500;

/** Stops on the first SIGINT or SIGTERM and gives up on the second. */
const stopOnSignals = (server: RunningServer, log: Logger): void => {
  let stoppingSince: number | undefined;
  const stop = (signal: string): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < echoMs) return;
      process.exit(exitCode.failed);
    }
    stoppingSince = performance.now();
    log.info("shutdown signal received", { signal });
    server.stop().then(
      (isClean) => {
        if (isClean) log.info("server stopped cleanly");
        else log.error("forced exit after timeout");
        process.exit(isClean ? exitCode.ok : exitCode.failed);
      },
      (error: unknown) => {
        log.error("server stop error", { error: messageOf(error) });
        process.exit(exitCode.failed);
      },
    );
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
};

const reconnectOnSignal = (
  server: RunningServer,
  { live, log }: { live: LiveRunConfig; log: Logger },
): void => {
  process.on("SIGUSR1", () => {
    const url = live.current.reconnectUrl || undefined;
    const count = server.requestReconnect(url);
    log.info("SIGUSR1: reconnect request sent", { count, redirect: url !== undefined });
  });
};

/** Follows the configuration: has the server do what it says now, and says what it does not do before it is started again. */
const followConfig = (running: RunningServer, { live, log }: { live: LiveRunConfig; log: Logger }): void => {
  const file = live.config.source.name ?? "";
  live.onApply((now, before) => {
    const { global, hooks, paths } = changesBetween(before.server, now.server);
    if (hooks) running.configureHooks(now);
    const names = [...paths.added, ...paths.removed, ...paths.changed.keys()].map((name) => `paths.${name}`);
    const keys = [...global, ...names];
    if (keys.length > 0) log.warn("changes that count from the next start on", { keys });
  });
  live.onReloaded((changes) =>
    running.events.emit({ kind: "configReloaded", file, changes: countOf(changes) }),
  );
  live.onRejected((reason) => running.events.emit({ kind: "configRejected", file, reason }));
  // A terminal that goes away, or an old reload habit, is no reason to stop.
  process.on("SIGHUP", () => {
    const hasHooksFile = running.reload();
    void live.reload().then((hasFile) => {
      if (!hasFile && !hasHooksFile) log.info("SIGHUP: nothing to reload");
    });
  });
};

/** Runs the server until a signal ends it. */
export const serve = defineCommand({
  meta: { name: "serve", description: "run the server (the default)" },
  run: ({ rawArgs }) =>
    orQuit(() => {
      if (isAsked(rawArgs, ["help", "h"])) return show(helpText());
      if (isAsked(rawArgs, ["help-all"])) return show(fullHelpText());
      if (isAsked(rawArgs, ["version"])) return show(versionLine());
      const config = readConfig(readServerFlags(rawArgs), {
        environment: process.env,
        hooks: hooksSection,
      });
      const log = createLogger({ level: config.server.logLevel, format: logFormatOf(config) });
      for (const warning of config.warnings) log.warn(warning);
      const server = startServer(config, { log });
      const live = new LiveConfig(config);
      // Who reads that the server listens may send a signal at once.
      stopOnSignals(server, log);
      reconnectOnSignal(server, { live, log });
      followConfig(server, { live, log });
      reportStart(server, { config, log });
    }),
});
