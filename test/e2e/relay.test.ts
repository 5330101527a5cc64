import { describe, expect } from "bun:test";
import { createServer, type Socket } from "node:net";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { clip, shortClip } from "./harness/media.ts";
import { Nginx } from "./harness/nginx.ts";
import { OwnPlayer } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { freePort } from "./harness/port.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const withFfmpeg = needsTools("ffmpeg");
const withNginx = needsTools("ffmpeg", "nginx");

const promisedResumeMs = 10_000;

const whole = { firstVideo: 0, firstAudio: 0, faults: [] };

/** A destination that accepts and never reads a byte. */
const deafPeer = async (): Promise<{ port: number } & Disposable> => {
  const sockets = new Set<Socket>();
  const listener = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => sockets.delete(socket));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  listener.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = listener.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
};

describe("relay destinations", () => {
  withNginx(
    "nginx-rtmp that is killed and comes back is served again within 10 s, and the other destination misses nothing",
    async () => {
      const file = await clip();
      const port = freePort();
      await using other = await Server.start();
      await using origin = await Server.start({
        flags: [
          "--relay-to",
          `rtmp://127.0.0.1:${port}/live`,
          "--relay-to",
          `rtmp://127.0.0.1:${other.port}/live`,
        ],
      });
      await using player = new FfmpegPlayer(other.url("live/test"));
      await other.line({ msg: "Connection accepted" });
      let resumedMs = Number.NaN;
      {
        await using nginx = await Nginx.start(port);
        await using publisher = publish(file, origin.url("live/test"));
        for (const nth of [1, 2]) await origin.line({ msg: "Connected to destination" }, { nth });
        {
          using watcher = new OwnPlayer(nginx.url("live/test"));
          await watcher.arrival(({ role }) => role === "key");
        }
        nginx.kill("SIGKILL");
        await nginx.exit();
        await origin.line({ msg: "Failed to connect to destination" });
        await using again = await Nginx.start(port);
        const restartedAt = performance.now();
        await origin.line({ msg: "Connected to destination" }, { nth: 3, withinMs: promisedResumeMs });
        resumedMs = performance.now() - restartedAt;
        using watcher = new OwnPlayer(again.url("live/test"));
        await watcher.arrival(({ role }) => role === "key", { withinMs: 5_000 });
        await publisher.success();
      }
      console.info(`nginx-rtmp served again ${resumedMs.toFixed(0)} ms after its restart`);
      expect(compare(await player.packets(), await packetsOf(file))).toEqual(whole);
    },
  );

  withNginx(
    "another server of this kind that is killed and comes back is served again within 10 s, and nginx-rtmp misses nothing",
    async () => {
      const file = await clip();
      await using nginx = await Nginx.start(freePort());
      await using other = await Server.start();
      await using origin = await Server.start({
        flags: ["--relay-to", nginx.url("live"), "--relay-to", `rtmp://127.0.0.1:${other.port}/live/{name}`],
      });
      await using player = new FfmpegPlayer(nginx.url("live/test"));
      await nginx.client();
      await using publisher = publish(file, origin.url("live/test"));
      await other.line({ msg: "publish started", stream_key: "live/test" });
      other.kill("SIGKILL");
      await other.exit();
      await origin.line({ msg: "Failed to connect to destination" });
      const restartedAt = performance.now();
      await using again = await Server.start({ port: other.port });
      await again.line({ msg: "publish started", stream_key: "live/test" }, { withinMs: promisedResumeMs });
      const resumedMs = performance.now() - restartedAt;
      console.info(`a second server served again ${resumedMs.toFixed(0)} ms after its restart`);
      await using late = new FfmpegPlayer(again.url("live/test"));
      await publisher.success();
      const source = await packetsOf(file);
      expect(compare(await late.packets(), source).faults).toEqual([]);
      expect(compare(await player.packets(), source)).toEqual(whole);
    },
  );

  withFfmpeg(
    "one that is not there, one that never reads and one that stops reading do not disturb players or other destinations",
    async () => {
      const file = await clip();
      using deaf = await deafPeer();
      await using good = await Server.start();
      await using stopped = await Server.start();
      const ports = [freePort(), deaf.port, stopped.port, good.port];
      await using origin = await Server.start({
        flags: ports.flatMap((port) => ["--relay-to", `rtmp://127.0.0.1:${port}/live`]),
      });
      await using player = new FfmpegPlayer(origin.url("live/test"));
      await using relayed = new FfmpegPlayer(good.url("live/test"));
      await origin.line({ msg: "Connection accepted" });
      await good.line({ msg: "Connection accepted" });
      await using publisher = publish(file, origin.url("live/test"));
      await stopped.line({ msg: "publish started" });
      stopped.signal("SIGSTOP");
      try {
        await publisher.success();
        const source = await packetsOf(file);
        expect(compare(await player.packets(), source)).toEqual(whole);
        expect(compare(await relayed.packets(), source)).toEqual(whole);
      } finally {
        stopped.signal("SIGCONT");
      }
    },
  );

  withFfmpeg("stream keys and credentials of their URLs stand in no line of the log", async () => {
    await using good = await Server.start();
    const dead = freePort();
    const secrets = ["sk_live_4711", "hunter2", "tok_0815"];
    await using origin = await Server.start({
      flags: [
        ...["--relay-to", `rtmp://127.0.0.1:${good.port}/live/${secrets[0]}?token=${secrets[1]}`],
        ...["--relay-to", `rtmp://127.0.0.1:${dead}/live/${secrets[0]}?token=${secrets[2]}`],
      ],
    });
    await using publisher = publish(await shortClip(), origin.url("live/test"));
    expect(await good.line({ msg: "publish started" })).toMatchObject({ stream_key: `live/${secrets[0]}` });
    await origin.line({ msg: "Connected to destination" });
    await origin.line({ msg: "Failed to connect to destination" });
    await publisher.success();
    await origin.line({ msg: "Disconnected from destination" });
    expect(secrets.filter((secret) => origin.logText.includes(secret))).toEqual([]);
    // The receiving server names the stream, but not what stood behind the question mark.
    expect(good.logText).not.toContain(secrets[1]!);
  });
});
