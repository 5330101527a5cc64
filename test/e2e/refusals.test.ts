import { describe, expect } from "bun:test";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { clip, shortClip } from "./harness/media.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { backwardSteps, compare, packetsOf } from "./harness/packets.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg");

describe("a name that is taken", () => {
  test("is refused with BadName, FFmpeg gives up at once, and the first publisher goes on undisturbed", async () => {
    const file = await shortClip();
    await using server = await Server.start();
    const url = server.url("live/taken");
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using first = publish(file, url);
    await server.line({ msg: "publish started" });

    await expect(OwnPublisher.connect(url)).rejects.toThrow(/NetStream\.Publish\.BadName/);
    await using second = publish(file, url);
    const { code } = await second.exit(2_500);
    expect(code).not.toBe(0);
    expect(first.isRunning).toBe(true);
    expect(await server.line({ msg: "publish refused" })).toMatchObject({ stream_key: "live/taken" });

    await first.success();
    expect(compare(await player.packets(), await packetsOf(file))).toEqual({
      ...{ firstVideo: 0, firstAudio: 0, faults: [] },
    });
  });

  test("is free again as soon as its publisher has left", async () => {
    await using server = await Server.start();
    const url = server.url("live/taken");
    for (const nth of [1, 2, 3]) {
      {
        using _publisher = await OwnPublisher.connect(url);
      }
      await server.line({ msg: "publish stopped" }, { nth });
    }
  });

  test("goes to the newcomer with --override-publisher, and players stay, with times that only grow", async () => {
    const file = await shortClip();
    const source = await packetsOf(file);
    await using server = await Server.start({ flags: ["--override-publisher"] });
    const url = server.url("live/taken");
    await using player = new FfmpegPlayer(url);
    using watcher = new OwnPlayer(url);
    for (const nth of [1, 2]) await server.line({ msg: "Connection accepted" }, { nth });
    await using first = publish(await clip(), url);
    await watcher.arrival(({ kind }) => kind === "video", { nth: 45 });
    await using second = publish(file, url);
    const { code } = await first.exit(5_000);
    expect(code).not.toBe(0);
    await second.success();
    const packets = await player.packets(5_000);
    expect(await server.line({ msg: "publish stopped" })).toMatchObject({ reason: "replaced" });
    expect(backwardSteps(packets)).toEqual([]);
    // The end of what was played is the whole of what the newcomer brought.
    const tail = [0, 1].flatMap((flow) => {
      const count = source.filter((packet) => packet.flow === flow).length;
      return packets
        .filter((packet) => packet.flow === flow)
        .filter((_, at, all) => at >= all.length - count);
    });
    expect(compare(tail, source)).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
    expect(packets.length).toBeGreaterThan(tail.length + 40);
    const times = watcher.arrivals.filter(({ kind }) => kind === "video").map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

describe("a stream that is not there", () => {
  test("is refused with StreamNotFound after --play-wait", async () => {
    await using server = await Server.start({ flags: ["--play-wait", "1s"] });
    using player = new OwnPlayer(server.url("live/nobody"));
    const asked = performance.now();
    const error = await player.ended;
    const waitedMs = performance.now() - asked;
    expect(String(error)).toContain("NetStream.Play.StreamNotFound");
    expect(waitedMs).toBeGreaterThan(900);
    expect(waitedMs).toBeLessThan(3_000);
    await using ffmpeg = new FfmpegPlayer(server.url("live/nobody"));
    await expect(ffmpeg.packets(6_000)).rejects.toThrow(/exit code/);
    expect(await server.line({ msg: "play refused" })).toMatchObject({ stream_key: "live/nobody" });
    await server.line({ msg: "play refused" }, { nth: 2 });
  });
});

describe("a publisher that is gone", () => {
  test("and comes back within --republish-grace continues for its players", async () => {
    const file = await shortClip();
    const source = await packetsOf(file);
    await using server = await Server.start({ flags: ["--republish-grace", "8s"] });
    const url = server.url("live/back");
    await using player = new FfmpegPlayer(url);
    using watcher = new OwnPlayer(url);
    for (const nth of [1, 2]) await server.line({ msg: "Connection accepted" }, { nth });
    await using first = publish(await clip(), url);
    await watcher.arrival(({ kind }) => kind === "video", { nth: 45 });
    first.kill("SIGKILL");
    await server.line({ msg: "publish stopped" });
    await using second = publish(file, url);
    await server.line({ msg: "publish started", continued: true });
    await second.success();
    const packets = await player.packets(3_000);
    expect(backwardSteps(packets)).toEqual([]);
    const videos = packets.filter(({ flow }) => flow === 0);
    const tail = videos.filter(
      (_, index) => index >= videos.length - source.filter(({ flow }) => flow === 0).length,
    );
    expect(tail[0]?.isKey).toBe(true);
    expect(tail.map(({ body }) => body)).toEqual(
      source.filter(({ flow }) => flow === 0).map(({ body }) => body),
    );
    for (const kind of ["audio", "video"]) {
      const times = watcher.arrivals.filter((each) => each.kind === kind).map(({ timestamp }) => timestamp);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  test("and does not come back ends its players when the grace is over", async () => {
    await using server = await Server.start({ flags: ["--republish-grace", "1s"] });
    const url = server.url("live/back");
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(await clip(), url);
    await server.line({ msg: "play started" });
    await server.line({ msg: "Video codec detected" });
    publisher.kill("SIGKILL");
    await server.line({ msg: "publish stopped" });
    const goneAt = performance.now();
    const packets = await player.packets(6_000);
    expect(performance.now() - goneAt).toBeGreaterThan(800);
    expect(packets.length).toBeGreaterThan(0);
    expect(await server.line({ msg: "play stopped" })).toMatchObject({ reason: "unpublished" });
  });

  test("of its own accord ends its players at once, long before the grace is over", async () => {
    await using server = await Server.start({ flags: ["--republish-grace", "60s"] });
    const url = server.url("live/clean");
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(await clip(), url);
    await server.line({ msg: "Video codec detected" });
    publisher.kill("SIGINT");
    await publisher.exit();
    const packets = await player.packets(3_000);
    expect(packets.length).toBeGreaterThan(0);
    expect(await server.line({ msg: "publish stopped" })).toMatchObject({ reason: "client_stop" });
  });
});
