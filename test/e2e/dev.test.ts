import { describe, expect } from "bun:test";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { processesOf } from "../../src/dev/leftovers.ts";
import { LinuxProcessTable } from "../../src/orchestrator/process/process-table.ts";
import { curlJson } from "./harness/curl.ts";
import { encoder } from "./harness/deployment.ts";
import { TempDirectory } from "./harness/directory.ts";
import { freePort } from "./harness/port.ts";
import { type Exit, Program, run } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("curl");
const testWorker = needsTools("npm", "ffmpeg", "ffprobe", "gst-launch-1.0", "curl", "setsid");

/** With `RTMP_SERVER_DEV_REAL=1` the times are those that people have, and the test takes a minute more. */
const isReal = process.env.RTMP_SERVER_DEV_REAL === "1";
const grace = isReal ? "30s" : "3s";
const absenceMs = isReal ? 10_000 : 1_000;

const top = resolve(import.meta.dir, "../..");

/** A set-up on ports of its own. */
class DevSetUp implements AsyncDisposable {
  readonly directory = new TempDirectory();
  readonly state: string;
  readonly rtmp = `127.0.0.1:${freePort()}`;
  readonly rtsp = `127.0.0.1:${freePort()}`;
  readonly api = `127.0.0.1:${freePort()}`;
  readonly orchestrator = `127.0.0.1:${freePort()}`;
  #program: Program | undefined;
  #said = "";

  constructor() {
    this.state = this.directory.file("state");
    cpSync(join(top, "docs/examples/dev"), this.directory.file("config"), { recursive: true });
  }

  get pid(): number {
    return this.#program?.pid ?? 0;
  }

  get said(): string {
    return this.#said;
  }

  /** Starts it by `command`, to which flags are added, and waits until everything runs, or it has ended. */
  async start(
    command: readonly string[],
    { ownConfig = false, env = {} }: { ownConfig?: boolean; env?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    const flags = ["--dir", this.state, ...(ownConfig ? ["--config", this.directory.file("config")] : [])];
    const program = new Program([...command, ...flags], {
      cwd: top,
      env: { ...this.#env, ...env },
      line: (line) => {
        this.#said += `${line}\n`;
      },
    });
    this.#program = program;
    await until(
      () => this.#said.includes("Everything runs") || !program.isRunning,
      (isOver) => isOver,
      30_000,
    );
  }

  /** Waits until it has said something so many times. */
  async says(pattern: RegExp, times = 1): Promise<void> {
    await until(
      () => this.#said,
      (said) => [...said.matchAll(new RegExp(pattern, "g"))].length >= times,
      30_000,
    );
  }

  /** Another command of `dev` about it. */
  async dev(name: string): Promise<string> {
    await using program = new Program([...serverCommand, "dev", name, "--dir", this.state], { cwd: top });
    return await program.success();
  }

  edit(file: "mediamtx.yml" | "orchestrator.yml", change: (text: string) => string): void {
    const path = this.directory.file(join("config", file));
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  kill(signal: NodeJS.Signals): void {
    this.#program?.kill(signal);
  }

  /** Whoever runs of it. */
  get members(): readonly { role: string; pid: number }[] {
    return processesOf(this.state, new LinuxProcessTable()).map(({ id, environment }) => ({
      role: environment.ORCHESTRATOR_ROLE ?? environment.RTMP_SERVER_DEV_MEMBER ?? "",
      pid: id.pid,
    }));
  }

  async exit(): Promise<Exit> {
    return await (this.#program as Program).exit(45_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // First: what is left when npm is killed holds its pipes open.
    await this.dev("down");
    await this.#program?.[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }

  get #env(): Record<string, string> {
    return {
      MTX_RTMPADDRESS: this.rtmp,
      MTX_RTSPADDRESS: this.rtsp,
      MTX_APIADDRESS: this.api,
      MTX_METRICS: "no",
      MTX_PLAYBACK: "no",
      MTX_HLS: "no",
      MTX_HOOK_URL: `http://${this.orchestrator}`,
      ORCHESTRATOR_ADDRESS: this.orchestrator,
      ORCHESTRATOR_DATADIR: this.state,
      ORCHESTRATOR_API: `http://${this.api}`,
      ORCHESTRATOR_WORKER_ENV_INPUT: `rtsp://${this.rtsp}/{path}`,
      ORCHESTRATOR_WORKER_ENV_OUTPUT: `rtmp://${this.rtmp}/live/{streamId}/out`,
    };
  }
}

interface Workers {
  readonly items: readonly { readonly streamId: string; readonly pid: number | null }[];
}

const isReady = async (setUp: DevSetUp, path: string): Promise<void> => {
  await until(
    () => curlJson(`http://${setUp.api}/v3/paths/get/${path}`).catch(() => ({})),
    (shown) => (shown as { ready?: boolean }).ready === true,
    30_000,
  );
};

/** The workers that run. */
const workersOf = async (setUp: DevSetUp): Promise<readonly (number | null)[]> =>
  ((await curlJson(`http://${setUp.orchestrator}/v1/workers`)) as Workers).items.map(({ pid }) => pid);

describe("npm run dev", () => {
  testWorker(
    "starts a worker for a stream, keeps it while the publisher is away for a moment, and ends it with the stream",
    async () => {
      await using setUp = new DevSetUp();
      await setUp.start(["setsid", "npm", "run", "--silent", "dev", "--"], {
        env: { ORCHESTRATOR_GRACE: grace },
      });
      const published = `rtmp://${setUp.rtmp}/live/test-stream/in`;
      const started = performance.now();
      let backMs = Number.NaN;
      let workers: readonly (number | null)[] = [];
      {
        await using publisher = encoder(published);
        await isReady(setUp, "live/test-stream/out");
        console.info(`the worker published after ${(performance.now() - started).toFixed(0)} ms`);
        workers = await workersOf(setUp);
        expect(workers).toEqual([expect.any(Number)]);
        for (const [url, ...options] of [
          [`rtmp://${setUp.rtmp}/live/test-stream/out`],
          [`rtsp://${setUp.rtsp}/live/test-stream/out`, "-rtsp_transport", "tcp"],
        ] as const) {
          const shown = await run([
            ...["ffprobe", "-v", "error", ...options, "-show_entries", "stream=codec_name,width"],
            ...["-of", "csv=p=0", url],
          ]);
          // FFmpeg also counts metadata that flvmux repeats, as a stream of text.
          expect(shown).toMatch(/^h264,1280$/m);
          expect(shown).toMatch(/^aac$/m);
          await run([
            "ffmpeg",
            "-nostdin",
            "-v",
            "error",
            ...options,
            "-i",
            url,
            "-t",
            "1",
            "-f",
            "null",
            "-",
          ]);
        }
        publisher.kill("SIGINT");
        await publisher.exit();
      }
      await Bun.sleep(absenceMs);
      expect(await workersOf(setUp)).toEqual(workers);
      {
        const again = performance.now();
        await using publisher = encoder(published);
        await isReady(setUp, "live/test-stream/out");
        backMs = performance.now() - again;
        expect(await workersOf(setUp)).toEqual(workers);
        publisher.kill("SIGINT");
        await publisher.exit();
      }
      const left = performance.now();
      await until(
        () => workersOf(setUp),
        ({ length }) => length === 0,
        60_000,
      );
      const goneMs = performance.now() - left;
      console.info(
        `the same worker again after ${backMs.toFixed(0)} ms, gone ${goneMs.toFixed(0)} ms after the end`,
      );
      expect(goneMs).toBeGreaterThan(Number.parseInt(grace, 10) * 1_000 - 1_500);
      // Ctrl-C in a terminal reaches npm and the set-up alike.
      process.kill(-setUp.pid, "SIGINT");
      await setUp.exit();
      await until(
        () => setUp.members,
        ({ length }) => length === 0,
        30_000,
      );
      expect(setUp.said).toContain("everything has ended");
      expect(readFileSync(join(setUp.state, "logs/workers/test-stream.log"), "utf8")).toContain("copies to");
      for (const name of ["server", "orchestrator"])
        expect(readFileSync(join(setUp.state, `logs/${name}.log`), "utf8")).toContain("stopped cleanly");
    },
  );
});

describe("hooks/gst-worker", () => {
  needsTools("ffmpeg")("copies with rtmp-server forward where there is no GStreamer", async () => {
    using directory = new TempDirectory();
    for (const name of ["sh", "env", "sleep", "grep"])
      symlinkSync(Bun.which(name) ?? "", directory.file(name));
    writeFileSync(directory.file("rtmp-server"), `#!/bin/sh\nexec ${serverCommand.join(" ")} "$@"\n`, {
      mode: 0o755,
    });
    await using server = await Server.start({
      flags: ["--rtsp-address", "127.0.0.1:0", "--rtsp-transports", "tcp"],
    });
    await using _publisher = encoder(server.url("live/a/in"));
    await server.line({ msg: "publish started" });
    await using worker = new Program([join(top, "hooks/gst-worker"), "a", "live/a/in"], {
      env: {
        PATH: directory.path,
        INPUT: await server.rtspUrl("live/a/in"),
        OUTPUT: server.url("live/a/out"),
      },
    });
    await server.line({ msg: "stream available", stream_key: "live/a/out" });
    worker.kill("SIGTERM");
    const { code, err } = await worker.exit();
    expect(code).toBe(0);
    expect(err).toContain("GStreamer or one of its elements is missing, rtmp-server forward copies instead");
    await server.line({ msg: "publish stopped", stream_key: "live/a/out" });
  });

  test("says what is missing", async () => {
    using directory = new TempDirectory();
    symlinkSync(Bun.which("sh") ?? "", directory.file("sh"));
    await using worker = new Program([join(top, "hooks/gst-worker"), "a"], { env: { PATH: directory.path } });
    expect(await worker.exit()).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^gst-worker: neither GStreamer .* is on the PATH\n$/),
    });
  });
});

describe("rtmp-server dev", () => {
  test("has an edit in force at once, and goes on after a bad one", async () => {
    await using setUp = new DevSetUp();
    await setUp.start([...serverCommand, "dev"], { ownConfig: true });
    const pidOf = (role: string): number | undefined => setUp.members.find((each) => each.role === role)?.pid;
    const [server, orchestrator] = [pidOf("server"), pidOf("orchestrator")];
    setUp.edit("mediamtx.yml", (text) => text.replace("logLevel: info", "logLevel: debug"));
    await setUp.says(/configuration reloaded/);
    setUp.edit("orchestrator.yml", (text) => text.replace("grace: 30s", "grace: 5s"));
    await setUp.says(/orchestrator started/, 2);
    expect(pidOf("server")).toBe(server);
    expect(pidOf("orchestrator")).not.toBe(orchestrator);
    setUp.edit("orchestrator.yml", (text) => text.replace("grace: 5s", "grace: soon"));
    await setUp.says(/exit code 2, waits for an edit of its file/);
    setUp.edit("orchestrator.yml", (text) => text.replace("grace: soon", "grace: 6s"));
    await setUp.says(/orchestrator started/, 3);
    expect(await setUp.dev("ps")).toMatch(/^ *\d+ {2}orchestrator$/m);
    setUp.kill("SIGTERM");
    expect(await setUp.exit()).toMatchObject({ code: 0 });
    expect(setUp.members).toEqual([]);
  });

  test("says which port is taken, and leaves nobody", async () => {
    await using setUp = new DevSetUp();
    const [hostname, port] = setUp.rtsp.split(":") as [string, string];
    using _taken = Bun.listen({ hostname, port: Number(port), socket: { data: () => undefined } });
    await setUp.start([...serverCommand, "dev"]);
    const { code, err } = await setUp.exit();
    expect({ code, members: setUp.members }).toEqual({ code: 1, members: [] });
    expect(err).toContain(`cannot listen on ${setUp.rtsp}: the port is in use by another program`);
    expect(err).toMatch(/server +\| did not start, .*server\.log says why\n.*nothing runs\n/s);
  });

  test("that was killed leaves what the next one, or dev down, ends", async () => {
    await using setUp = new DevSetUp();
    await setUp.start([...serverCommand, "dev"]);
    setUp.kill("SIGKILL");
    await setUp.exit();
    expect(setUp.members.map(({ role }) => role).sort()).toEqual(["orchestrator", "server"]);
    expect(await setUp.dev("down")).toBe("ended 2 processes that a run has left\n");
    expect(setUp.members).toEqual([]);
    expect(existsSync(join(setUp.state, "dev.json"))).toBe(false);
    expect(await setUp.dev("down")).toBe("nothing runs\n");
  });
});
