import { describe, expect } from "bun:test";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { clip, shortClip } from "./harness/media.ts";
import { NumberedPlayer } from "./harness/numbered.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { ControlApi, metricsAt, metricsPortOf } from "./harness/pages.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg");

const pages = ["--api-address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0"];

/** The values of some metrics. */
const valuesOf = async (server: Server, names: readonly string[]): Promise<(number | undefined)[]> => {
  const values = await metricsAt(await metricsPortOf(server));
  return names.map((name) => values.get(name));
};

const refusals = (limit: string): string => `rtmp_limit_refusals_total{limit="${limit}"}`;

/** What FFmpeg says when it is refused. */
const saidBy = async (program: ReturnType<typeof publish>): Promise<string> => {
  const { code, err } = await program.exit(5_000);
  expect(code).not.toBe(0);
  return err;
};

describe("a limit of connections", () => {
  test("in all is told to whoever is one too many; the others go on, and a place that is left is free again", async () => {
    const file = await shortClip();
    await using server = await Server.start({ flags: [...pages, "--max-connections", "2"] });
    const url = server.url("live/full");
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, url);
    await server.line({ msg: "publish started" });
    await using third = publish(file, server.url("live/third"));
    expect(await saidBy(third)).toContain("2 connections already, expected fewer");
    expect(await server.line({ code: "TOO_MANY_CONNECTIONS" })).toMatchObject({
      msg: "connection failed",
      error: "2 connections already, expected fewer",
    });
    expect(await valuesOf(server, [refusals("connections"), 'rtmp_limit{limit="connections"}'])).toEqual([
      1, 2,
    ]);
    await publisher.success();
    expect(compare(await player.packets(), await packetsOf(file)).faults).toEqual([]);
    using _next = await OwnPublisher.connect(url);
  });

  test("from one address, too", async () => {
    const file = await shortClip();
    await using server = await Server.start({ flags: [...pages, "--max-connections-per-address", "1"] });
    const holder = await OwnPublisher.connect(server.url("live/one"));
    await using second = publish(file, server.url("live/two"));
    const text = "1 connections from 127.0.0.1 already, expected fewer";
    expect(await saidBy(second)).toContain(text);
    expect(await server.line({ code: "TOO_MANY_CONNECTIONS" })).toMatchObject({ error: text });
    expect(await valuesOf(server, [refusals("connections_per_address")])).toEqual([1]);
    holder[Symbol.dispose]();
    await server.line({ msg: "connection disconnected", stream_key: "live/one" });
    using _next = await OwnPublisher.connect(server.url("live/two"));
  });

  test("in a second lets a crowd in bit by bit, and is raised through the API while it runs", async () => {
    await using server = await Server.start({ flags: [...pages, "--max-handshakes-per-second", "5"] });
    const come = async (): Promise<string[]> => {
      const players = Array.from({ length: 30 }, () => new OwnPlayer(server.url("live/none")));
      // Another second begins, and everybody has got an answer or waits.
      await Bun.sleep(1_200);
      const ends = await Promise.all(
        players.map(({ ended }) => Promise.race([ended.then((error) => String(error)), Bun.sleep(1)])),
      );
      for (const player of players) player[Symbol.dispose]();
      return ends.filter((end) => typeof end === "string");
    };
    const refused = await come();
    // A second may end while they come.
    expect(refused.length).toBeGreaterThanOrEqual(20);
    expect(refused.length).toBeLessThanOrEqual(25);
    for (const text of refused) expect(text).toContain("more than 5 connections in a second");
    expect(await valuesOf(server, [refusals("handshakes_per_second")])).toEqual([refused.length]);
    const api = await ControlApi.of(server);
    await api.must("PATCH", "config/global/patch", { maxHandshakesPerSecond: 0 });
    expect(await come()).toEqual([]);
  });
});

describe("a limit of publishers", () => {
  test("refuses another stream, not the next publisher of one that is there", async () => {
    const file = await shortClip();
    await using server = await Server.start({
      flags: [...pages, "--max-publishers", "1", "--override-publisher"],
    });
    using _first = await OwnPublisher.connect(server.url("live/one"));
    await using second = publish(file, server.url("live/two"));
    expect(await saidBy(second)).toContain("1 streams are published already, expected fewer");
    expect(await server.line({ msg: "publish refused" })).toMatchObject({
      stream_key: "live/two",
      code: "TOO_MANY_STREAMS",
    });
    const names = [
      refusals("publishers"),
      'rtmp_requests_refused_total{action="publish",code="TOO_MANY_STREAMS"}',
      'rtmp_limit_used{limit="publishers"}',
    ];
    expect(await valuesOf(server, names)).toEqual([1, 1, 1]);
    await using third = publish(file, server.url("live/one"));
    await third.success();
  });
});

describe("a limit of readers", () => {
  test("refuses one more than a path may have, until it is raised through the API; those who read go on", async () => {
    const file = await clip();
    await using server = await Server.start({ flags: [...pages, "--max-readers", "2"] });
    const url = server.url("live/read");
    const players = [new FfmpegPlayer(url), new FfmpegPlayer(url)];
    for (const nth of [1, 2]) await server.line({ msg: "Connection accepted" }, { nth });
    await using publisher = publish(file, url);
    await server.line({ msg: "play started" }, { nth: 2 });
    await using third = new FfmpegPlayer(url);
    await expect(third.packets(5_000)).rejects.toThrow(/stream live\/read has 2 readers already/);
    expect(await server.line({ msg: "play refused" })).toMatchObject({
      stream_key: "live/read",
      code: "TOO_MANY_READERS",
    });
    expect(
      await valuesOf(server, ['rtmp_requests_refused_total{action="play",code="TOO_MANY_READERS"}']),
    ).toEqual([1]);
    const api = await ControlApi.of(server);
    await api.must("PATCH", "config/pathdefaults/patch", { maxReaders: 3 });
    await using fourth = new FfmpegPlayer(url);
    await server.line({ msg: "play started" }, { nth: 3 });
    await publisher.success();
    const source = await packetsOf(file);
    for (const player of players) {
      expect(compare(await player.packets(), source)).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
      await player[Symbol.asyncDispose]();
    }
    expect(compare(await fourth.packets(), source).faults).toEqual([]);
  });
});

describe("a limit of a publisher's bit rate", () => {
  test("ends a publisher that keeps above it, tells why, and leaves one below it alone", async () => {
    await using server = await Server.start({ flags: [...pages, "--max-bitrate-kbps", "800"] });
    await using modest = publish(await shortClip(), server.url("live/modest"), { loops: true });
    await server.line({ msg: "publish started" });
    await using greedy = publish(await clip(), server.url("live/greedy"), { loops: true });
    using reader = new NumberedPlayer(server.url("live/greedy"));
    await reader.started;
    const startedAt = performance.now();
    const { code, err } = await greedy.exit(12_000);
    const afterMs = performance.now() - startedAt;
    expect(code).not.toBe(0);
    const { error } = await server.line({ code: "BITRATE" });
    expect(err).toContain(`Server error: ${error}`);
    expect(error).toMatch(/^\d{4} kbit\/s, expected at most 800$/);
    expect(await server.line({ msg: "publish stopped" })).toMatchObject({
      stream_key: "live/greedy",
      reason: "limit",
    });
    await reader.ended;
    const names = [
      'rtmp_connection_failures_total{code="BITRATE",phase="media"}',
      'rtmp_publishes_ended_total{reason="limit"}',
    ];
    expect(await valuesOf(server, names)).toEqual([1, 1]);
    expect(modest.isRunning).toBe(true);
    console.info(`${error}: ended after ${Math.round(afterMs)} ms`);
  });
});
