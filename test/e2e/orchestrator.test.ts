import { describe, expect, test as plainTest } from "bun:test";
import { createHmac } from "node:crypto";
import { publish } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { OrchestratorProgram, OrchestratorState, type ShownStream } from "./harness/orchestrator.ts";
import { freePort } from "./harness/port.ts";
import { Program } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";
import { needsMount, SmallDisk } from "./harness/small-disk.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = process.platform === "linux" ? plainTest : plainTest.skip;
const mountingTest = process.platform === "linux" ? needsMount() : plainTest.skip;
const testFfmpeg = needsTools("ffmpeg");

const noApi = ["--api", ""];
const sleeper = ["--worker-command", "sleep 600"];

const sourceId = (number: number): string => `0f5a0b54-3c0c-4a39-9d8e-${String(number).padStart(12, "0")}`;

describe("the command line", () => {
  /** Runs the command to its end. */
  const run = (flags: readonly string[], env: Record<string, string> = {}) =>
    new Program([...serverCommand, "orchestrate", ...flags], { env }).exit();

  test("prints help, checks a configuration without its secrets, and says what is wrong with one", async () => {
    const [help, checked, wrong] = await Promise.all([
      run(["--help"]),
      run(["--check", "--worker-command", "work {path}", "--forward", "*=rtmp://h/app/KEY1"], {
        ORCHESTRATOR_SECRET: "geheim",
        ORCHESTRATOR_GRACE: "5s",
      }),
      run(["--grace", "soon", "--data-dir", "/nowhere"]),
    ]);
    expect(help).toMatchObject({ code: 0 });
    expect(help.out).toContain("--worker-ready-timeout DURATION");
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.out).toContain("grace: 5s\n");
    expect(checked.out).toContain('command:\n    - work\n    - "{path}"\n');
    expect(checked.out).not.toMatch(/geheim|KEY1/);
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.err).toStartWith("rtmp-server: --grace: ");
  });
});

describe("an orchestrator that is told of streams", () => {
  test("answers duplicates, what is out of order and what is foreign, and starts one worker", async () => {
    await using state = new OrchestratorState();
    await using orchestrator = await OrchestratorProgram.start(state, {
      flags: [
        ...noApi,
        "--worker-command",
        `sh -c 'echo "$INPUT" "$@"; exec sleep 600' worker {streamId} {query}`,
        "--worker-env",
        "INPUT=rtsp://127.0.0.1:8554/{path}",
      ],
    });
    const body = {
      path: "live/abc/in",
      query: "lang=es&pass=geheim $(id)",
      sourceType: "rtmpConn",
      sourceId: sourceId(1),
    };
    const first = await orchestrator.tell("ready", body, { "X-Request-Id": "req-1" });
    expect(first).toEqual({
      status: 202,
      body: { requestId: "req-1", streamId: "abc", verdict: "accepted" },
    });
    await orchestrator.line({
      ...{ msg: "worker started", streamId: "abc", path: "live/abc/in" },
      ...{ sourceId: sourceId(1), requestId: "req-1" },
    });
    expect((await orchestrator.tell("ready", body)).body.verdict).toBe("duplicate");
    expect((await orchestrator.tell("ready", { ...body, sourceId: sourceId(2) })).body.verdict).toBe(
      "accepted",
    );
    expect((await orchestrator.tell("not-ready", body)).body.verdict).toBe("outdated");
    for (const path of ["live/abc/out", "cam", "live/-x/in"])
      expect((await orchestrator.tell("ready", { ...body, path })).body).toHaveProperty("ignored");
    for (const bad of ["{", "[]", "{}", '{"path":1e9,"query":[]}', '{"path":"live/a/in","query":"\\u0000"}'])
      expect(
        (await orchestrator.ask("/v1/mediamtx/events/ready", { method: "POST", body: bad })).status,
      ).toBe(400);
    const { worker } = await orchestrator.stream("abc", ({ state }) => state === "running");
    const said = await until(
      () => Bun.file(worker.log).text(),
      (text) => text.includes("\n"),
    );
    expect(said).toBe("rtsp://127.0.0.1:8554/live/abc/in abc lang=es&pass=geheim $(id)\n");
    expect(orchestrator.count("worker started")).toBe(1);
    const seen = await Promise.all(
      ["/v1/streams", "/v1/events", "/metrics"].map(async (path) => (await orchestrator.ask(path)).text()),
    );
    expect(orchestrator.logText + seen.join("")).not.toContain("geheim");
  });

  test("wants events that are signed, and a token, where it has secrets", async () => {
    await using state = new OrchestratorState();
    await using orchestrator = await OrchestratorProgram.start(state, {
      flags: [...noApi, ...sleeper],
      env: { ORCHESTRATOR_SECRET: "hook-secret", ORCHESTRATOR_TOKEN: "api-token" },
    });
    const body = { path: "live/abc/in", sourceId: "1" };
    const signed = (secret: string, secondsAgo = 0): Record<string, string> => {
      const timestamp = String(Math.floor(Date.now() / 1_000) - secondsAgo);
      const signature = createHmac("sha256", secret)
        .update(`m1.${timestamp}.${JSON.stringify(body)}`)
        .digest("base64");
      return { "webhook-id": "m1", "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
    };
    expect((await orchestrator.tell("ready", body)).status).toBe(401);
    expect((await orchestrator.tell("ready", body, signed("other"))).status).toBe(401);
    expect((await orchestrator.tell("ready", body, signed("hook-secret", 400))).status).toBe(401);
    const answer = await orchestrator.tell("ready", body, signed("hook-secret"));
    expect(answer.status).toBe(202);
    // A retry of the same message is answered as it was.
    expect(await orchestrator.tell("ready", body, signed("hook-secret"))).toEqual(answer);
    const hook = new Program([...serverCommand, "hook", "ready"], {
      env: {
        MTX_HOOK_URL: orchestrator.url,
        MTX_HOOK_SECRET: "hook-secret",
        MTX_PATH: "live/xyz/in",
        MTX_SOURCE_ID: "2",
      },
    });
    expect(await hook.exit()).toMatchObject({ code: 0 });
    expect((await orchestrator.ask("/v1/streams")).status).toBe(401);
    const headers = { Authorization: "Bearer api-token" };
    const list = (await (await orchestrator.ask("/v1/streams", { headers })).json()) as { itemCount: number };
    expect(list.itemCount).toBe(2);
    expect((await orchestrator.ask("/v1/streams/abc/restart", { method: "POST" })).status).toBe(401);
    expect((await orchestrator.ask("/v1/streams/abc/restart", { method: "POST", headers })).status).toBe(200);
    expect([(await orchestrator.ask("/healthz")).status, (await orchestrator.ask("/readyz")).status]).toEqual(
      [200, 200],
    );
    expect(orchestrator.logText).not.toMatch(/hook-secret|api-token/);
  });

  test("starts 200 workers within 10 s, and leaves none behind", async () => {
    await using state = new OrchestratorState();
    const orchestrator = await OrchestratorProgram.start(state, {
      flags: [...noApi, "--worker-command", "sh -c 'sleep 600 & wait'"],
    });
    await using _orchestrator = orchestrator;
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: 200 }, (_, number) =>
        orchestrator.tell("ready", { path: `live/s${number}/in`, sourceId: sourceId(number) }),
      ),
    );
    const toldMs = performance.now() - startedAt;
    await until(
      () => orchestrator.count("worker started"),
      (count) => count === 200,
    );
    const startedMs = performance.now() - startedAt;
    // Shells, and what they have started.
    await until(
      () => state.workers.length,
      (count) => count === 400,
    );
    expect(startedMs).toBeLessThan(10_000);
    const streams = await orchestrator.streams();
    expect([...streams.values()].filter(({ state }) => state === "running").length).toBe(200);
    orchestrator.kill("SIGTERM");
    const stoppedAt = performance.now();
    expect(await orchestrator.exit()).toMatchObject({ code: 0 });
    expect(state.workers).toEqual([]);
    const ms = (value: number): number => Math.round(value);
    console.info(
      `200 events in ${ms(toldMs)} ms, 200 workers in ${ms(startedMs)} ms, stopped in ${ms(performance.now() - stoppedAt)} ms`,
    );
  });
});

describe("an orchestrator whose disk is full", () => {
  mountingTest(
    "takes no event that it cannot keep, says so to probes, and goes on when there is room",
    async () => {
      await using state = new OrchestratorState();
      using disk = new SmallDisk(4);
      await using orchestrator = await OrchestratorProgram.start(state, {
        flags: [...noApi, ...sleeper, "--data-dir", `${disk.path}/data`],
      });
      const tell = (number: number) =>
        orchestrator.tell("ready", { path: `live/s${number}/in`, sourceId: sourceId(number) });
      const readiness = async (): Promise<number> => (await orchestrator.ask("/readyz")).status;
      expect([(await tell(0)).status, await readiness()]).toEqual([202, 200]);
      {
        using _full = disk.fill();
        expect([(await tell(1)).status, await readiness()]).toEqual([502, 503]);
        expect(state.workers.length).toBe(1);
      }
      expect(await readiness()).toBe(200);
      expect((await tell(1)).status).toBe(202);
      await until(
        () => state.workers.length,
        (count) => count === 2,
      );
      // It has to end in good order all the same.
      disk.fill();
    },
  );
});

describe("an orchestrator that is killed", () => {
  test("leaves 20 workers, which the next one takes over; another one beside it is refused", async () => {
    await using state = new OrchestratorState();
    const options = { flags: [...noApi, ...sleeper, "--grace", "1s"] };
    const first = await OrchestratorProgram.start(state, options);
    await using _first = first;
    for (let number = 0; number < 20; number++)
      await first.tell("ready", { path: `live/s${number}/in`, sourceId: sourceId(number) });
    await until(
      () => state.workers.length,
      (count) => count === 20,
    );
    const before = [...state.workers].sort();
    const second = new Program([
      ...serverCommand,
      "orchestrate",
      "--data-dir",
      state.directory.file("data"),
      ...options.flags,
    ]);
    const refused = await second.exit();
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("is in use by another orchestrator");
    first.kill("SIGKILL");
    await first.exit();
    // One ends while nobody looks.
    const [victim] = before;
    process.kill(victim!, "SIGKILL");
    await using next = await OrchestratorProgram.start(state, options);
    await until(
      () => state.workers.length,
      (count) => count === 20,
    );
    const streams = [...(await next.streams()).values()];
    expect(streams.filter(({ worker }) => worker.adopted).length).toBe(19);
    expect(state.workers.filter((pid) => before.includes(pid)).length).toBe(19);
    expect(next.count("worker started")).toBe(1);
    // Those that were taken over are watched and ended as all others.
    const [{ id, worker } = streams[0]!] = streams.filter((each) => each.worker.adopted);
    process.kill(worker.pid!, "SIGKILL");
    await next.stream(id, (stream) => stream.worker.pid !== null && stream.worker.pid !== worker.pid);
    for (let number = 0; number < 20; number++)
      await next.tell("not-ready", { path: `live/s${number}/in`, sourceId: sourceId(number) });
    await until(
      () => state.workers.length,
      (count) => count === 0,
    );
  });
});

describe("an orchestrator beside a media server", () => {
  /** A server that tells the orchestrator, whose hooks are this program's own. Its ports stay the same over restarts. */
  const serve = (hookUrl: string, { rtmp, api }: { rtmp: number; api: number }): Promise<Server> =>
    Server.start({
      port: rtmp,
      flags: [
        ...["--api", "--api-address", `127.0.0.1:${api}`],
        ...["--run-on-available", [...serverCommand, "hook", "ready"].join(" ")],
        ...["--run-on-unavailable", [...serverCommand, "hook", "not-ready"].join(" ")],
      ],
      env: { MTX_HOOK_URL: hookUrl },
    });

  /** A worker that publishes what it reads. */
  const copier = (rtmp: number): string[] => [
    ...["--worker-command", [...serverCommand, "forward"].join(" ")],
    ...["--worker-env", `FORWARD_SOURCE=rtmp://127.0.0.1:${rtmp}/{path}`],
    ...["--worker-env", `FORWARD_TARGET=rtmp://127.0.0.1:${rtmp}/live/{streamId}/out`],
  ];

  testFfmpeg("makes up for hooks that reached nobody, and for a server that was killed", async () => {
    await using state = new OrchestratorState();
    const ports = { rtmp: freePort(), api: freePort() };
    // Nobody listens where hooks are sent at first.
    const port = freePort();
    const server = await serve(`http://127.0.0.1:${port}`, ports);
    await using _server = server;
    const clip = await shortClip();
    await using _publisher = publish(clip, server.url("live/abc/in"), { loops: true });
    await server.line({ msg: "runOnAvailable command exited: code 1" });
    await using orchestrator = await OrchestratorProgram.start(state, {
      flags: [
        ...["--address", `127.0.0.1:${port}`, "--api", `http://127.0.0.1:${ports.api}`, "--grace", "3s"],
        ...copier(ports.rtmp),
      ],
    });
    const first = await orchestrator.stream("abc", ({ state }) => state === "running");
    expect(first.worker.restarts).toBe(0);
    server.kill("SIGKILL");
    await server.exit();
    await using again = await serve(`http://127.0.0.1:${port}`, ports);
    await using other = publish(clip, again.url("live/abc/in"), { loops: true });
    const isAnother = ({ state, worker }: ShownStream): boolean =>
      state === "running" && worker.pid !== first.worker.pid;
    await orchestrator.stream("abc", isAnother, 40_000);
    other.kill("SIGKILL");
    // The hook reaches it, and the grace is over soon.
    await orchestrator.stream("abc", ({ state }) => state === "draining");
    await orchestrator.stream("abc", ({ state }) => state === "idle");
    expect(state.workers).toEqual([]);
  });

  testFfmpeg("starts a worker anew that publishes nothing, and says why", async () => {
    await using state = new OrchestratorState();
    const ports = { rtmp: freePort(), api: freePort() };
    await using server = await serve("http://127.0.0.1:1", ports);
    await using _publisher = publish(await shortClip(), server.url("live/abc/in"), { loops: true });
    await server.line({ msg: "stream available" });
    await using orchestrator = await OrchestratorProgram.start(state, {
      flags: [...["--api", `http://127.0.0.1:${ports.api}`, ...sleeper, "--worker-ready-timeout", "2s"]],
    });
    const { worker } = await orchestrator.stream("abc", (stream) => stream.worker.restarts > 0);
    expect(worker.lastError).toBe("did not do its work within 2 s");
    await until(
      () => state.workers.length,
      (count) => count <= 1,
    );
  });

  testFfmpeg(
    "pushes what a worker publishes, and gives up a target that refuses, which concerns nobody else",
    async () => {
      await using state = new OrchestratorState();
      const ports = { rtmp: freePort(), api: freePort() };
      await using server = await serve("http://127.0.0.1:1", ports);
      await using open = await Server.start();
      await using closed = await Server.start({
        flags: ["--auth-mode", "token", "--auth-token", "live/abc=right"],
      });
      await using _publisher = publish(await shortClip(), server.url("live/abc/in"), { loops: true });
      await server.line({ msg: "stream available" });
      await using orchestrator = await OrchestratorProgram.start(state, {
        flags: [
          ...["--api", `http://127.0.0.1:${ports.api}`, ...copier(ports.rtmp)],
          ...["--forwarder-source", `rtmp://127.0.0.1:${ports.rtmp}/{path}`],
          ...["--forward", `a*=${closed.url("{streamId}?token=wrong-token")}`],
        ],
      });
      const target = { method: "PUT", body: JSON.stringify({ url: open.url("live/{streamId}-SECRETKEY") }) };
      expect((await orchestrator.ask("/v1/streams/abc/targets/mirror", target)).status).toBe(200);
      await open.line({ msg: "stream available", stream_key: "live/abc-SECRETKEY" });
      const isRefused = ({ forwarders }: ShownStream): boolean =>
        forwarders.some(({ target, state }) => target === "f0.0" && state === "failed");
      const { worker, forwarders } = await orchestrator.stream("abc", isRefused);
      expect(worker).toMatchObject({ state: "running", restarts: 0 });
      expect(forwarders).toMatchObject([
        { target: "f0.0", lastError: expect.stringContaining("a side refuses these credentials (code 77: ") },
        { target: "mirror", state: "running" },
      ]);
      const metrics = await (await orchestrator.ask("/metrics")).text();
      expect(metrics).toContain('orchestrator_alerts_total{reason="hopeless",role="forwarder"} 1');
      const shown = await (await orchestrator.ask("/v1/forwarders")).text();
      expect(orchestrator.logText + shown + metrics).not.toMatch(/SECRETKEY|wrong-token/);
      const removed = await orchestrator.ask("/v1/streams/abc/targets/mirror", { method: "DELETE" });
      expect(removed.status).toBe(200);
      await open.line({ msg: "publish stopped", stream_key: "live/abc-SECRETKEY" });
    },
  );
});
