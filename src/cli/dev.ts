import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defineCommand } from "citty";
import { ConfigError } from "../base/errors.ts";
import { systemClock } from "../base/time.ts";
import { nonEmpty, valueOption } from "../config/option.ts";
import { endLeftovers, processesOf, setUpVariable } from "../dev/leftovers.ts";
import { followLogs } from "../dev/log-follower.ts";
import { SetUp } from "../dev/set-up.ts";
import { SetUpFiles } from "../dev/set-up-files.ts";
import { LinuxProcessTable } from "../orchestrator/process/process-table.ts";
import { ownCommand } from "../process/own-command.ts";
import { exitCode, isHelp, orQuit, show } from "./exit.ts";
import { describeOptions, face, readOptions } from "./hooks/command-options.ts";
import { renderTable } from "./hooks/table.ts";

const options = {
  config: valueOption(face("config", "directory with mediamtx.yml and orchestrator.yml"), {
    placeholder: "DIR",
    fallback: "docs/examples/dev",
    parse: nonEmpty("a directory"),
  }),
  dir: valueOption(face("dir", "directory for state and logs"), {
    placeholder: "DIR",
    fallback: ".dev",
    parse: nonEmpty("a directory"),
  }),
};

const usage = `rtmp-server dev: media server, orchestrator and worker on this machine, to develop with

Usage: rtmp-server dev [FLAGS]        start them, until Ctrl-C ends them all
       rtmp-server dev ps [FLAGS]     what runs, and where
       rtmp-server dev logs [FLAGS]   follow all logs, those of workers too
       rtmp-server dev down [FLAGS]   end what runs, and what a run that was killed has left

${describeOptions(options)}

An edit of a file is in force at once: the server reads mediamtx.yml again and keeps its connections, the orchestrator is started anew.
Variables count more than the files: MTX_RTMPADDRESS=:1936, ORCHESTRATOR_GRACE=5s and so on.

Try it, in a checkout of rtmp-server
  rtmp-server dev
  ffmpeg -re -f lavfi -i testsrc=size=1280x720:rate=30 -f lavfi -i sine=frequency=440:sample_rate=44100 \\
    -c:v libx264 -preset veryfast -tune zerolatency -c:a aac -f flv rtmp://localhost:1935/live/test-stream/in
  ffplay rtmp://localhost:1935/live/test-stream/out
`;

/** Whoever runs a set-up has this long to end it, in milliseconds. */
const downMs = 45_000;

const pollMs = 100;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A second Ctrl-C this soon is the same one, sent by npm too, in milliseconds. */
const echoMs = 500;

const up = async (configDirectory: string, directory: string): Promise<void> => {
  const table = new LinuxProcessTable();
  let stoppingSince: number | undefined;
  let setUp: SetUp | undefined;
  const stop = async (code: number): Promise<void> => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < echoMs || code !== exitCode.ok) return;
      await endLeftovers(directory, table, { isHasty: true });
      process.exit(exitCode.failed);
    }
    stoppingSince = performance.now();
    if (code === exitCode.ok) say("ends everything; Ctrl-C again kills it");
    await setUp?.stop();
    say(code === exitCode.ok ? "everything has ended" : "nothing runs");
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => void stop(exitCode.ok));
  // Whoever read this may go away, as a terminal does.
  process.stderr.on("error", () => undefined);
  setUp = await SetUp.start(
    { configDirectory, directory, self: ownCommand(), env: process.env },
    { clock: systemClock, table, show: say, failed: () => void stop(exitCode.failed) },
  );
};

/** What a process is, by what it was given. */
const roleOf = (environment: Readonly<Record<string, string>>): string => {
  const { ORCHESTRATOR_ROLE: role, MTX_PATH } = environment;
  return role ?? (MTX_PATH === undefined ? environment[`${setUpVariable}_MEMBER`] : "hook") ?? "";
};

const ps = (files: SetUpFiles): void => {
  const leaders = processesOf(files.directory, new LinuxProcessTable()).filter(
    ({ id, group }) => id.pid === group,
  );
  if (leaders.length === 0) {
    show("nothing runs; rtmp-server dev starts it");
    return;
  }
  const rows = leaders.map(({ id, environment }) => ({
    cells: [
      String(id.pid),
      roleOf(environment),
      environment.ORCHESTRATOR_STREAM ?? environment.MTX_PATH ?? "",
    ],
  }));
  const columns = [{ title: "PID", align: "right" }, { title: "WHAT" }, { title: "STREAM" }] as const;
  show(
    [
      renderTable(columns, rows, 80),
      "",
      ...(files.read()?.places ?? []),
      `  logs          ${files.logs}`,
    ].join("\n"),
  );
};

const down = async (files: SetUpFiles): Promise<void> => {
  const table = new LinuxProcessTable();
  const runner = files.read()?.process;
  const isRunning = (): boolean => runner !== undefined && table.isAlive(runner);
  const wasRunning = isRunning();
  if (wasRunning && runner) process.kill(runner.pid, "SIGTERM");
  for (let waited = 0; waited < downMs && isRunning(); waited += pollMs) await sleep(pollMs);
  const left = await endLeftovers(files.directory, table);
  if (!isRunning()) files.remove();
  if (left > 0) show(`ended ${left} processes that a run has left`);
  else show(wasRunning ? "everything has ended" : "nothing runs");
};

const logs = async (files: SetUpFiles): Promise<void> => {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  await followLogs(files.logs, { show, signal: stop.signal });
};

/** `rtmp-server dev [ps|logs|down]` */
export const dev = defineCommand({
  meta: {
    name: "dev",
    description: "media server, orchestrator and worker on this machine, to develop with",
  },
  run: ({ rawArgs }) =>
    orQuit(async () => {
      if (isHelp(rawArgs)) return show(usage);
      if (process.platform !== "linux")
        throw new ConfigError(
          `dev runs on Linux only, as the orchestrator does; this is ${process.platform}`,
        );
      const [first = ""] = rawArgs;
      const isNamed = !first.startsWith("-") && first !== "";
      const { config, dir } = readOptions(isNamed ? rawArgs.slice(1) : rawArgs, options);
      const files = new SetUpFiles(resolve(dir));
      switch (isNamed ? first : "up") {
        case "up":
          return await up(config, files.directory);
        case "ps":
          return ps(files);
        case "logs":
          return await logs(files);
        case "down":
          return await down(files);
        default:
          throw new ConfigError(
            `unknown command dev ${JSON.stringify(first)}, expected ps, logs or down; see rtmp-server dev --help`,
          );
      }
    }),
});
