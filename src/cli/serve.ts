import { defineCommand } from "citty";
import { formatHostPort, type HostPort, parseHostPort } from "../base/host-port.ts";
import { createLogger, type LogFormat, type Logger, type LogSettings } from "../base/log.ts";
import { version, versionLine } from "../base/version.ts";
import { readConfig, readServerFlags } from "../config/server/config.ts";
import { hooksSection } from "../hooks/settings/hook-file.ts";
import type { RunConfig } from "../server/run-config.ts";
import { type RunningServer, startServer } from "../server.ts";
import { banner, firstSteps, firstStepsPage, reachableAt } from "./banner.ts";
import { orQuit, show } from "./exit.ts";
import { fullHelpText, helpText } from "./help.ts";
import { stopOnSignals } from "./stop-on-signals.ts";

const isAsked = (args: readonly string[], names: readonly string[]): boolean =>
  args.some((arg) => names.includes(arg.replace(/^--?/, "")) && arg.startsWith("-"));

const logFormatOf = ({ server: { logFormat, logStructured } }: RunConfig): LogFormat => {
  if (logFormat !== "") return logFormat;
  return process.stderr.isTTY && !logStructured ? "pretty" : "json";
};

const logSettingsOf = (config: RunConfig): LogSettings => ({
  level: config.server.logLevel,
  format: logFormatOf(config),
});

/** An address with the port that was had. */
const addressOf = (text: string, port: number): HostPort => ({ ...parseHostPort(text), port });

/** The same for pages, which may be served at a socket of the file system. */
const pageAddressOf = (text: string, port: number): string =>
  text.startsWith("unix:") ? text : formatHostPort(addressOf(text, port));

const pagesOf = (running: RunningServer, server: RunConfig["server"]) => [
  { what: "control API", address: server.apiAddress, port: running.apiPort },
  { what: "metrics and health pages", address: server.metricsAddress, port: running.metricsPort },
  { what: "playback of recordings", address: server.playbackAddress, port: running.playbackPort },
  { what: "HLS and FLV over HTTP", address: server.hlsAddress, port: running.hlsPort },
  { what: "profiles", address: server.pprofAddress, port: running.pprofPort },
];

/** Where encoders and players connect to: over plain RTMP where it is served. Undefined where neither is. */
const entranceOf = (
  running: RunningServer,
  server: RunConfig["server"],
): { address: HostPort; scheme: "rtmp" | "rtmps" } | undefined => {
  if (running.rtmpPort !== 0)
    return { address: addressOf(server.rtmpAddress, running.rtmpPort), scheme: "rtmp" };
  if (running.rtmpsPort === undefined) return undefined;
  return { address: addressOf(server.rtmpsAddress, running.rtmpsPort), scheme: "rtmps" };
};

/** Where browsers find the first steps, and the pages of streams; undefined where they are off, or at a socket of the file system. */
const watchPageOf = ({ hlsPort }: RunningServer, server: RunConfig["server"]): string | undefined => {
  const { hlsAddress, hlsEncryption } = server;
  if (hlsPort === undefined || hlsAddress.startsWith("unix:")) return undefined;
  return firstStepsPage(addressOf(hlsAddress, hlsPort), hlsEncryption ? "https" : "http");
};

const reportPorts = (running: RunningServer, { config, log }: { config: RunConfig; log: Logger }): void => {
  const { server } = config;
  if (running.rtmpPort !== 0) {
    const address = addressOf(server.rtmpAddress, running.rtmpPort);
    log.info("RTMP server listening", { addr: formatHostPort(address), accessible_at: reachableAt(address) });
  }
  if (running.rtmpsPort) {
    const tls = addressOf(server.rtmpsAddress, running.rtmpsPort);
    log.info("RTMPS enabled", { tls_addr: formatHostPort(tls) });
  }
  if (running.rtspPort !== undefined)
    log.info("RTSP", { addr: formatHostPort(addressOf(server.rtspAddress, running.rtspPort)) });
  if (running.rtspsPort !== undefined)
    log.info("RTSPS", { addr: formatHostPort(addressOf(server.rtspsAddress, running.rtspsPort)) });
  for (const { what, address: text, port } of pagesOf(running, server))
    if (port !== undefined) log.info(what, { addr: pageAddressOf(text, port) });
};

const reportStart = (running: RunningServer, { config, log }: { config: RunConfig; log: Logger }): void => {
  const { logLevel } = config.server;
  reportPorts(running, { config, log });
  const entrance = entranceOf(running, config.server);
  const steps = entrance && firstSteps(entrance.address, entrance.scheme);
  const page = watchPageOf(running, config.server);
  const isForPeople = logFormatOf(config) === "pretty";
  log.info("server started", {
    ...(entrance && { addr: formatHostPort(entrance.address) }),
    ...{ version, log_level: logLevel },
    // Where a program reads the log, what to paste is part of the line.
    ...(!isForPeople &&
      steps && { obs_server: steps.server, obs_stream_key: steps.streamKey, play_url: steps.url }),
    ...(!isForPeople && page !== undefined && { watch_url: page }),
  });
  if (isForPeople && steps && ["info", "debug"].includes(logLevel))
    process.stderr.write(`${banner(steps, page)}\n`);
};

const obeySignals = (server: RunningServer, log: Logger): void => {
  process.on("SIGUSR1", () => {
    const url = server.live.current.reconnectUrl || undefined;
    const count = server.requestReconnect(url);
    log.info("SIGUSR1: reconnect request sent", { count, redirect: url !== undefined });
  });
  // A terminal that goes away, or an old reload habit, is no reason to stop.
  process.on("SIGHUP", () => {
    void server.reload().then((hasFiles) => {
      if (!hasFiles) log.info("SIGHUP: nothing to reload");
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
      const log = createLogger(logSettingsOf(config));
      for (const warning of config.warnings) log.warn(warning);
      const configureLog = (now: RunConfig): void => log.configure(logSettingsOf(now));
      const server = startServer(config, { log, configureLog });
      // Who reads that the server listens may send a signal at once.
      stopOnSignals(server, { what: "server", log });
      obeySignals(server, log);
      reportStart(server, { config, log });
    }),
});
