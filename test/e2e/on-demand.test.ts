import { describe, expect } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { NumberedPublisher } from "./harness/numbered.ts";
import { OwnPlayer } from "./harness/own-client.ts";
import { type PacketLine, packetsOf } from "./harness/packets.ts";
import { ControlApi, eventually } from "./harness/pages.ts";
import { freePort } from "./harness/port.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg");

/** Whether a process is there; one that has ended and was not fetched yet is not. */
const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

/** A directory that commands write into, and a configuration that has them do so. */
class Workshop implements Disposable {
  readonly #directory = new TempDirectory();
  readonly #stay = this.script(
    "stay.sh",
    `echo "$1 $$" >> ${this.#directory.file("notes")}\nexec sleep 100\n`,
  );
  readonly port = freePort();

  /** A command that adds a line to the notes: what a shell makes of `text`. */
  note(text: string): string {
    return `sh -c 'echo "${text}" >> ${this.#directory.file("notes")}'`;
  }

  /** The same with its process id behind, and goes on until it is interrupted. */
  noteAndStay(text: string): string {
    return `sh ${this.#stay} "${text}"`;
  }

  /** A file for a script. */
  script(name: string, text: string): string {
    const file = this.#directory.file(name);
    writeFileSync(file, text);
    return file;
  }

  get notes(): string[] {
    const file = this.#directory.file("notes");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
  }

  /** Waits for a line in the notes, and gives what the groups of `pattern` took. */
  async noted(pattern: RegExp, nth = 1): Promise<string[]> {
    return await eventually(
      () => {
        const found = this.notes.map((line) => pattern.exec(line)).filter((match) => match !== null)[nth - 1];
        return found && [...found].filter((_, index) => index > 0);
      },
      { what: `${pattern} among the notes` },
    );
  }

  async server(configuration: string): Promise<Server> {
    const file = this.#directory.file("rtmp-server.yml");
    await Bun.write(file, `apiAddress: 127.0.0.1:0\n${configuration}`);
    return await Server.start({ flags: ["--config", file, "--api"], port: this.port });
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}

describe("runOnDemand", () => {
  test("publishes for the first reader, goes on for the next, ends behind the last, and does so again", async () => {
    const source = await shortClip();
    using shop = new Workshop();
    await using server = await shop.server(`
paths:
  ~^cam/(.+)$:
    runOnDemand: ffmpeg -nostdin -v error -re -stream_loop -1 -i ${source} -c copy -f flv rtmp://127.0.0.1:${shop.port}/$MTX_PATH
    runOnDemandCloseAfter: 1s
    runOnUnDemand: ${shop.note("over $MTX_PATH $G1")}
`);
    const askedAt = performance.now();
    await using first = new FfmpegPlayer(server.url("cam/door?a=b"), ["-t", "2"]);
    await server.line({ msg: "runOnDemand command started", stream_key: "cam/door" });
    await server.line({ msg: "play started", stream_key: "cam/door" });
    const startMs = performance.now() - askedAt;
    await using second = new FfmpegPlayer(server.url("cam/door"), ["-t", "3"]);
    const pictures = (packets: readonly PacketLine[]): string[] =>
      packets.filter(({ flow }) => flow === 0).map(({ body }) => body);
    const wanted = pictures(await packetsOf(source)).slice(0, 45);
    // Who came first misses nothing, though it waited.
    expect(pictures(await first.packets()).slice(0, 45)).toEqual(wanted);
    expect(pictures(await second.packets()).length).toBeGreaterThan(80);
    const leftAt = performance.now();
    await server.line({ msg: "runOnDemand command stopped: not needed by anyone" });
    const stopMs = performance.now() - leftAt;
    expect(stopMs).toBeGreaterThan(700);
    expect(stopMs).toBeLessThan(3_000);
    expect(await shop.noted(/^over (.*)$/)).toEqual(["cam/door door"]);
    await server.line({ msg: "publish stopped", stream_key: "cam/door" });
    expect(server.matching({ msg: "runOnDemand command started" }).length).toBe(1);

    await using third = new FfmpegPlayer(server.url("cam/door"), ["-t", "1"]);
    expect((await third.packets()).length).toBeGreaterThan(30);
    await server.line({ msg: "runOnDemand command started" }, { nth: 2 });
    await shop.noted(/^over/, 2);
    console.info(
      `the first picture came ${Math.round(startMs)} ms after it was asked for, the end ${Math.round(stopMs)} ms after the last reader`,
    );
  });

  test("that brings nothing in time is ended, and its reader is told that there is no such stream", async () => {
    using shop = new Workshop();
    await using server = await shop.server(`
paths:
  live/slow:
    runOnDemand: ${shop.noteAndStay("slow $MTX_PATH $MTX_QUERY $RTSP_PORT")}
    runOnDemandStartTimeout: 1s
    runOnUnDemand: ${shop.note("over")}
`);
    using player = new OwnPlayer(server.url("live/slow?a=1&b=2"));
    const [pid] = await shop.noted(/^slow live\/slow a%3D1%26b%3D2 8554 (\d+)$/);
    expect(String(await player.ended)).toContain("NetStream.Play.StreamNotFound");
    await server.line({ msg: "runOnDemand command stopped: timed out" });
    await shop.noted(/^over$/);
    await eventually(() => !isRunning(Number(pid)) || undefined, { what: "end of the command" });
    await using ffmpeg = new FfmpegPlayer(server.url("live/slow"));
    await expect(ffmpeg.packets(10_000)).rejects.toThrow(/not published in time/);
  });
});

describe("runOnInit", () => {
  test("runs from the start, again after it has ended where asked to, and ends with its path", async () => {
    using shop = new Workshop();
    await using server = await shop.server(`
paths:
  once:
    runOnInit: ${shop.note("once $MTX_PATH")}
  often:
    runOnInit: ${shop.note("often $MTX_PATH")}
    runOnInitRestart: yes
  long:
    runOnInit: ${shop.noteAndStay("long")}
`);
    const api = await ControlApi.of(server);
    const [pid] = await shop.noted(/^long (\d+)$/);
    await shop.noted(/^often often$/, 2);
    const [first, second] = await Promise.all([
      server.line({ msg: "runOnInit command started", stream_key: "often" }),
      server.line({ msg: "runOnInit command restarted", stream_key: "often" }),
    ]);
    const pauseMs = Date.parse(String(second.time)) - Date.parse(String(first.time));
    expect(pauseMs).toBeGreaterThan(4_800);
    expect(pauseMs).toBeLessThan(7_000);
    expect(shop.notes.filter((line) => line === "once once")).toHaveLength(1);
    // Another key of the path: it goes on.
    await api.must("PATCH", "config/paths/patch/long", { maxReaders: 3 });
    expect(isRunning(Number(pid))).toBe(true);
    await api.must("DELETE", "config/paths/delete/long");
    await eventually(() => !isRunning(Number(pid)) || undefined, { what: "end of the command" });
  });
});

describe("commands of connections and readers", () => {
  test("run for as long as those are there, and are told who it is", async () => {
    using shop = new Workshop();
    await using server = await shop.server(`
runOnConnect: ${shop.noteAndStay("connect $MTX_CONN_TYPE $MTX_CONN_ID $RTSP_PORT")}
runOnDisconnect: ${shop.note("disconnect $MTX_CONN_TYPE $MTX_CONN_ID")}
paths:
  ~^(.+)/(.+)$:
    runOnReady: ${shop.noteAndStay("ready $MTX_PATH $MTX_QUERY $MTX_SOURCE_TYPE $MTX_SOURCE_ID $G1 $G2")}
    runOnNotReady: ${shop.note("notReady $MTX_PATH $MTX_SOURCE_TYPE $MTX_SOURCE_ID")}
    runOnRead: ${shop.noteAndStay("read $RTSP_PATH $MTX_QUERY $MTX_READER_TYPE $MTX_READER_ID")}
    runOnUnread: ${shop.note("unread $MTX_PATH $MTX_READER_TYPE $MTX_READER_ID")}
`);
    const api = await ControlApi.of(server);
    const publisher = await NumberedPublisher.connect(server.url("live/cam?x=a b"));
    for (let count = 0; count < 90; count++) publisher.send();
    const player = new OwnPlayer(server.url("live/cam?me='1'"));
    await player.started;
    const { items } = await api.must<{ items: { id: string; state: string }[] }>("GET", "rtmpconns/list");
    const id = (state: string): string => items.find((each) => each.state === state)?.id ?? "";
    const [publisherId, readerId] = [id("publish"), id("read")];

    const [connected] = await shop.noted(new RegExp(`^connect rtmpConn ${publisherId} 8554 (\\d+)$`));
    await shop.noted(new RegExp(`^connect rtmpConn ${readerId} 8554 \\d+$`));
    const [ready] = await shop.noted(
      new RegExp(`^ready live/cam x%3Da\\+b rtmpConn ${publisherId} live cam (\\d+)$`),
    );
    const [read] = await shop.noted(new RegExp(`^read live/cam me%3D%271%27 rtmpConn ${readerId} (\\d+)$`));
    const pids = [connected, ready, read].map(Number);
    expect(pids.map(isRunning)).toEqual([true, true, true]);

    player[Symbol.dispose]();
    await shop.noted(new RegExp(`^unread live/cam rtmpConn ${readerId}$`));
    await shop.noted(new RegExp(`^disconnect rtmpConn ${readerId}$`));
    await eventually(() => !isRunning(pids[2] ?? 0) || undefined, { what: "end of runOnRead" });
    expect(pids.map(isRunning)).toEqual([true, true, false]);
    publisher[Symbol.dispose]();
    await shop.noted(new RegExp(`^notReady live/cam rtmpConn ${publisherId}$`));
    await shop.noted(new RegExp(`^disconnect rtmpConn ${publisherId}$`));
    await eventually(() => !pids.some(isRunning) || undefined, { what: "end of all commands" });
  });
});

describe("the end of commands", () => {
  test("comes with that of the server, which runs the commands of all ends first", async () => {
    using shop = new Workshop();
    const server = await shop.server(`
runOnConnect: ${shop.noteAndStay("pid")}
runOnDisconnect: ${shop.note("disconnected")}
paths:
  init:
    runOnInit: ${shop.noteAndStay("pid")}
  all_others:
    runOnRead: ${shop.noteAndStay("pid")}
    runOnUnread: ${shop.note("unread")}
`);
    await using _server = server;
    using publisher = await NumberedPublisher.connect(server.url("live/cam"));
    publisher.send();
    using player = new OwnPlayer(server.url("live/cam"));
    await player.started;
    // One of each connection, one of the path, one of the reader.
    await shop.noted(/^pid/, 4);
    const pids = shop.notes.flatMap((line) => /^pid (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    expect(pids.filter(isRunning).length).toBe(4);
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    expect((await server.exit()).code).toBe(0);
    const stopMs = performance.now() - stoppedAt;
    expect(pids.filter(isRunning)).toEqual([]);
    expect(shop.notes.filter((line) => !line.startsWith("pid")).toSorted()).toEqual([
      "disconnected",
      "disconnected",
      "unread",
    ]);
    expect(stopMs).toBeLessThan(5_000);
  });

  test("of one that ignores SIGINT is its death 10 s later, with all that it has started", async () => {
    using shop = new Workshop();
    const script = shop.script(
      "stubborn.sh",
      `trap "" INT\necho "$$" > "$1"\nsleep 100 &\necho "$!" >> "$1"\nwhile :; do sleep 1; done\n`,
    );
    const pidFile = `${script}.pids`;
    await using server = await shop.server(`
paths:
  stubborn:
    runOnInit: sh ${script} ${pidFile}
`);
    const api = await ControlApi.of(server);
    const pids = await eventually(
      () => {
        const lines = existsSync(pidFile) ? readFileSync(pidFile, "utf8").split("\n") : [];
        return lines.length === 3 ? lines.map(Number).filter((pid) => pid > 0) : undefined;
      },
      { what: "the command" },
    );
    await api.must("DELETE", "config/paths/delete/stubborn");
    const askedAt = performance.now();
    await eventually(() => !pids.some(isRunning) || undefined, {
      what: "death of the command",
      withinMs: 14_000,
    });
    const afterMs = performance.now() - askedAt;
    expect(afterMs).toBeGreaterThan(9_000);
    console.info(`killed ${Math.round(afterMs)} ms after it was asked to end`);
  });
});
