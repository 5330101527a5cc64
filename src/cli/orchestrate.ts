import { defineCommand } from "citty";
import { ConfigError } from "../base/errors.ts";
import { createLogger, type LogFormat } from "../base/log.ts";
import { systemClock } from "../base/time.ts";
import { version } from "../base/version.ts";
import { readFlags } from "../config/flags.ts";
import { type Option, switchOption } from "../config/option.ts";
import { toYaml } from "../config/server/yaml.ts";
import { startOrchestratorService } from "../orchestrator/service/orchestrator-service.ts";
import { configOption, orchestratorOptions } from "../orchestrator/settings/flags.ts";
import { readOrchestratorConfig, shownConfig } from "../orchestrator/settings/load.ts";
import { type OrchestratorConfig, shownApi } from "../orchestrator/settings/settings.ts";
import { isHelp, orQuit, show } from "./exit.ts";
import { grouped, spelling } from "./help.ts";
import { stopOnSignals } from "./stop-on-signals.ts";

const usage =
  (): string => `rtmp-server orchestrate: keep a worker running for each stream, and forwarders of what it makes

Usage: rtmp-server orchestrate [FLAGS] [FILE.yaml]

Hooks of a media server (rtmp-server or MediaMTX) tell it which streams are there: rtmp-server hook, or
hooks/mtx-hook. It starts a program for each, starts it again when it ends, and ends it when the stream has gone
for good. What the hooks miss it learns from the server's control API. All of docs/orchestrator.md is a key of
the file, a flag, and a variable: worker.readyTimeout is --worker-ready-timeout and ORCHESTRATOR_WORKER_READYTIMEOUT.

${grouped(options)}

${spelling}
Commands are split into words as a shell does, and no shell runs them.

SIGTERM ends it with all of its processes (see --keep-workers). Killed with SIGKILL it leaves them running, and the next
one takes them over. Exit status: 0 it was told to end, 1 it cannot go on, 2 its configuration cannot be used.

Try it
  rtmp-server --rtsp --api &
  rtmp-server orchestrate --worker-command 'ffmpeg -i rtsp://127.0.0.1:8554/{path} -c copy -f flv rtmp://127.0.0.1/live/{streamId}/out' &
  ffmpeg -re -i FILE -c copy -f flv rtmp://127.0.0.1/live/test/in
  curl http://127.0.0.1:8080/v1/streams
`;

/** Prints what a configuration amounts to. */
const checkOption = switchOption(
  {
    flag: "check",
    group: "Configuration",
    help: "print what file, flags and variables amount to, secrets hidden, and start nothing",
  },
  false,
);

const options: readonly Option<unknown>[] = [checkOption, ...orchestratorOptions];

const logFormatOf = ({ logFormat }: OrchestratorConfig): LogFormat =>
  logFormat !== "" ? logFormat : process.stderr.isTTY ? "pretty" : "json";

/** `rtmp-server orchestrate` */
export const orchestrate = defineCommand({
  meta: { name: "orchestrate", description: "keep a worker running for each stream" },
  run: ({ rawArgs }) =>
    orQuit(() => {
      if (isHelp(rawArgs)) return show(usage());
      const typed = readFlags(rawArgs, options, { file: configOption.flag });
      const loaded = readOrchestratorConfig(typed, process.env);
      const { config, warnings } = loaded;
      if (checkOption.parse(typed.get(checkOption.flag) ?? [])) {
        process.stderr.write(warnings.map((line) => `${line}\n`).join(""));
        return show(toYaml(shownConfig(config)));
      }
      if (process.platform !== "linux")
        throw new ConfigError(
          `orchestrate runs on Linux only, as it finds processes in /proc; this is ${process.platform}`,
        );
      const log = createLogger({ level: config.logLevel, format: logFormatOf(config) });
      for (const warning of warnings) log.warn(warning);
      const service = startOrchestratorService(loaded, { clock: systemClock, log, env: process.env });
      stopOnSignals(service, { what: "orchestrator", log });
      // A terminal that goes away is no reason to end.
      process.on("SIGHUP", () => log.info("SIGHUP: nothing to reload"));
      const { address, api, dataDir } = config;
      log.info("orchestrator started", {
        addr: address.startsWith("unix:") ? address : address.replace(/\d+$/, String(service.port)),
        ...(api !== "" && { api: shownApi(config) }),
        ...{ data_dir: dataDir, ingest: config.ingest, processed: config.processed, version },
      });
    }),
});
