import { describe, expect } from "bun:test";
import { connect } from "node:net";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { clip } from "./harness/media.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg");

describe("a stop", () => {
  test("while a stream is published and played ends players with exit code 0, and the server with 0 in time", async () => {
    await using server = await Server.start({ flags: ["--shutdown-timeout", "5s"] });
    const url = server.url("live/test");
    await using player = new FfmpegPlayer(url);
    await using waiting = new FfmpegPlayer(server.url("live/nobody"));
    for (const nth of [1, 2]) await server.line({ msg: "Connection accepted" }, { nth });
    await using publisher = publish(await clip(), url, { loops: true });
    await server.line({ msg: "Video codec detected" });
    using watcher = new OwnPlayer(url);
    await watcher.arrival(({ kind }) => kind === "video", { nth: 40 });
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    const { code } = await server.exit(5_000);
    const tookMs = performance.now() - stoppedAt;
    expect(code).toBe(0);
    console.info(`stopped in ${tookMs.toFixed(0)} ms with a publisher and three players`);
    // FFmpeg had video for more than a second, and its own end is a good one.
    expect((await player.packets(5_000)).length).toBeGreaterThan(40);
    expect(String(await watcher.ended)).toContain("NetStream.Play.UnpublishNotify");
    expect((await publisher.exit(5_000)).code).not.toBe(0);
    await expect(waiting.packets(5_000)).rejects.toThrow(/exit code/);
    expect(server.matching({ msg: "publish stopped" })).toMatchObject([{ reason: "server_shutdown" }]);
    expect(server.matching({ msg: "server stopped cleanly" }).length).toBe(1);
  });

  test("by SIGINT ends with 0 too", async () => {
    await using server = await Server.start();
    server.kill("SIGINT");
    expect((await server.exit()).code).toBe(0);
  });

  test("is not held up by a client that never hangs up", async () => {
    await using server = await Server.start({ flags: ["--shutdown-timeout", "10s"] });
    using _silent = await silentClient(server.port);
    await server.line({ msg: "Connection opened" });
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    expect((await server.exit(8_000)).code).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  });

  test("is held up by a player that has stopped reading for no longer than --shutdown-timeout", async () => {
    await using server = await Server.start({ flags: ["--shutdown-timeout", "1500ms"] });
    await using stuck = await StuckPlayer.start(server);
    const stoppedAt = performance.now();
    server.kill("SIGTERM");
    // It had time to take its goodbye, and was cut off.
    expect((await server.exit(6_000)).code).toBe(0);
    const tookMs = performance.now() - stoppedAt;
    expect(tookMs).toBeGreaterThan(1_100);
    expect(tookMs).toBeLessThan(1_500 + 300);
    expect(server.matching({ msg: "server stopped cleanly" }).length).toBe(1);
    expect(stuck.isRunning).toBe(true);
  });

  test("asked for twice happens at once, with exit code 1", async () => {
    await using server = await Server.start({ flags: ["--shutdown-timeout", "60s"] });
    await using _stuck = await StuckPlayer.start(server);
    server.kill("SIGTERM");
    await server.line({ msg: "shutdown signal received" });
    // One that follows sooner is taken for the same.
    await Bun.sleep(600);
    const askedAt = performance.now();
    server.kill("SIGTERM");
    expect((await server.exit(5_000)).code).toBe(1);
    expect(performance.now() - askedAt).toBeLessThan(1_500);
  });
});

/** A client that connects, says nothing, and keeps its side open when the server closes its own. */
const silentClient = async (port: number): Promise<Disposable> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, resolve);
  socket.on("error", reject);
  await promise;
  return { [Symbol.dispose]: () => socket.destroy() };
};

/** A player that is stopped while more waits for it than any socket buffer holds. */
class StuckPlayer implements AsyncDisposable {
  readonly #player: FfmpegPlayer;
  readonly #publisher: OwnPublisher;

  private constructor(player: FfmpegPlayer, publisher: OwnPublisher) {
    this.#player = player;
    this.#publisher = publisher;
  }

  static async start(server: Server): Promise<StuckPlayer> {
    const url = server.url("live/stuck");
    const stuck = new StuckPlayer(new FfmpegPlayer(url), await OwnPublisher.connect(url));
    try {
      await stuck.#fill(server, url);
      return stuck;
    } catch (error) {
      await stuck[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #fill(server: Server, url: string): Promise<void> {
    await server.line({ msg: "play started" });
    this.#player.kill("SIGSTOP");
    using watcher = new OwnPlayer(url);
    await watcher.started;
    const frame = new Uint8Array(1024 * 1024);
    for (let index = 0; index < 40; index++) {
      frame.set([index === 0 ? 0x17 : 0x27, 1]);
      this.#publisher.send("video", index * 40, frame);
      await watcher.arrival(({ kind }) => kind === "video", { nth: index + 1 });
    }
  }

  get isRunning(): boolean {
    return this.#player.isRunning;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#publisher[Symbol.dispose]();
    await this.#player[Symbol.asyncDispose]();
  }
}
