import { describe, expect } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HookEvent } from "../../src/hooks/event/hook-event.ts";
import { TempDirectory } from "./harness/directory.ts";
import { publish } from "./harness/ffmpeg.ts";
import { catalogueFaults, HookReceiver } from "./harness/hook-receiver.ts";
import { Journal } from "./harness/journal.ts";
import { shortClip } from "./harness/media.ts";
import { OwnPlayer } from "./harness/own-client.ts";
import { freePort } from "./harness/port.ts";
import { type Exit, Program } from "./harness/program.ts";
import { onlyRtmp, serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const withBash = needsTools("bash", "ffmpeg");
const withJq = needsTools("bash", "ffmpeg", "jq");

/** A pipeline of a shell with a server in it. */
interface Pipeline {
  readonly url: string;
  /** Lines of standard error. */
  readonly lines: Journal<string>;
  /** Tells the server to stop, and waits for the pipeline: it ends as its server ended. */
  stop(): Promise<Exit>;
}

/** Runs `$SERVER flags | rest` in bash. `$DIR` in it is `directory`. */
const inPipeline = async (
  { directory, flags, rest }: { directory: string; flags: readonly string[]; rest: string },
  use: (pipeline: Pipeline) => Promise<void>,
): Promise<void> => {
  const port = freePort();
  const lines = new Journal<string>();
  const pidFile = join(directory, "server.pid");
  const line = `set -o pipefail; (echo $BASHPID >"$DIR/server.pid"; exec "$@") ${rest}`;
  const server = [
    ...serverCommand,
    "--listen",
    `127.0.0.1:${port}`,
    "--log-format",
    "json",
    ...onlyRtmp,
    ...flags,
  ];
  await using program = new Program(["bash", "-c", line, "bash", ...server], {
    env: { DIR: directory },
    line: (text) => lines.push(text),
  });
  await lines.find((text) => text.includes("RTMP server listening"), { what: "a listening server" });
  const pid = Number(readFileSync(pidFile, "utf8"));
  try {
    await use({
      url: `rtmp://127.0.0.1:${port}/live/test`,
      lines,
      stop: () => {
        process.kill(pid, "SIGTERM");
        return program.exit(15_000);
      },
    });
  } finally {
    // The end of the shell would not be that of the server.
    if (program.isRunning) process.kill(pid, "SIGKILL");
  }
};

const publishOnce = async (url: string): Promise<void> => {
  await using publisher = publish(await shortClip(), url);
  await publisher.success();
};

const life = ["stream_create", "publish_start", "publish_stop", "stream_delete"];

/** The first of each kind of {@link life}, in the order they came. */
const livesOf = (events: readonly HookEvent[]): string[] => [
  ...new Set(events.map(({ type }) => type).filter((type) => life.includes(type))),
];

describe("events on standard output", () => {
  withJq("go through a loop of the shell and jq, one by one, into a program", async () => {
    using directory = new TempDirectory();
    const processor = directory.file("processor.sh");
    // It gets what jq has laid out over many lines.
    writeFileSync(processor, '#!/bin/sh\ntr -d "\\n" >>"$DIR/seen"\necho >>"$DIR/seen"\n');
    chmodSync(processor, 0o755);
    const rest = '| while read -r event; do printf "%s\\n" "$event" | jq "." | "$DIR/processor.sh"; done';
    await inPipeline(
      { directory: directory.path, flags: ["--hook-stdio-format", "json"], rest },
      async ({ url, stop }) => {
        await publishOnce(url);
        expect((await stop()).code).toBe(0);
      },
    );
    const events = readFileSync(directory.file("seen"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as HookEvent);
    expect(events.flatMap(catalogueFaults)).toEqual([]);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect([events[0]?.type, events.at(-1)?.type]).toEqual(["server_start", "server_stop"]);
    expect(livesOf(events)).toEqual(life);
  });

  withBash(
    "come beside a script and a webhook for the same event, and all three get the same one",
    async () => {
      using directory = new TempDirectory();
      await using receiver = new HookReceiver();
      const script = directory.file("start-recording.sh");
      writeFileSync(script, '#!/bin/sh\ncat >"$DIR/by-script"\n');
      chmodSync(script, 0o755);
      const flags = [
        ...["--hook-script", `publish_start=${script}`, "--hook-webhook", `publish_start=${receiver.url}`],
        ...["--hook-stdio-format", "json"],
      ];
      await inPipeline(
        { directory: directory.path, flags, rest: '| cat >"$DIR/seen"' },
        async ({ url, stop }) => {
          await publishOnce(url);
          expect((await stop()).code).toBe(0);
        },
      );
      const events = readFileSync(directory.file("seen"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as HookEvent);
      expect(livesOf(events)).toEqual(life);
      const start = events.filter(({ type }) => type === "publish_start");
      expect(start.length).toBe(1);
      expect(receiver.events).toEqual(start);
      expect([JSON.parse(readFileSync(directory.file("by-script"), "utf8"))]).toEqual(start);
    },
  );

  withBash(
    "whose reader leaves after the first line are no harm: the server relays on and ends well",
    async () => {
      using directory = new TempDirectory();
      await inPipeline(
        {
          directory: directory.path,
          flags: ["--hook-stdio-format", "json"],
          rest: '| head -n 1 >"$DIR/seen"',
        },
        async ({ url, lines, stop }) => {
          for (let round = 1; round <= 2; round++) {
            await using publisher = publish(await shortClip(), url);
            using player = new OwnPlayer(url);
            await player.arrival(({ kind }) => kind === "video", { nth: 60 });
            await publisher.success();
          }
          const { code } = await stop();
          expect(code).toBe(0);
          const faults = lines.items.filter((line) => /"(WARN|ERROR)"/i.test(line));
          expect(faults.length).toBe(1);
          expect(faults[0]).toContain("stdout");
        },
      );
      const seen = readFileSync(directory.file("seen"), "utf8").trimEnd().split("\n");
      expect(seen.map((line) => (JSON.parse(line) as HookEvent).type)).toEqual(["server_start"]);
    },
  );
});
