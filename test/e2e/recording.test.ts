import { describe, expect } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { TempDirectory } from "./harness/directory.ts";
import { complaints, FfmpegPlayer, probe, publish } from "./harness/ffmpeg.ts";
import { mediaTags, sendTags } from "./harness/flv-tags.ts";
import { clip, clipSeconds, shortClip } from "./harness/media.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "ffprobe");

const whole = { firstVideo: 0, firstAudio: 0, faults: [] };

/** Names of the recordings, in order. */
const recordings = (directory: TempDirectory): string[] => readdirSync(directory.path).sort();

const startRecording = (directory: TempDirectory, ...flags: string[]): Promise<Server> =>
  Server.start({ flags: ["--record-all", "--record-dir", directory.path, ...flags] });

describe("a recording", () => {
  test("has the name, the length and every packet of its stream, plays without a complaint, and seeks", async () => {
    const file = await clip();
    using directory = new TempDirectory();
    await using server = await startRecording(directory);
    await using publisher = publish(file, server.url("live/test"));
    await publisher.success();
    const closed = await server.line({ msg: "recorder closed" });
    const [name = "", ...others] = recordings(directory);
    expect(others).toEqual([]);
    expect(name).toMatch(/^live_test_\d{8}_\d{6}\.flv$/);
    const path = directory.file(name);
    expect(closed).toMatchObject({ stream_key: "live/test", file: path, bytes: Bun.file(path).size });

    const [source, recorded] = [await probe(file), await probe(path)];
    expect(recorded.codecs).toEqual(["aac", "h264"]);
    expect(Math.abs(recorded.durationMs - source.durationMs)).toBeLessThanOrEqual(100);
    expect(Math.abs(recorded.durationMs - Number(closed.duration_sec) * 1000)).toBeLessThanOrEqual(100);
    expect(await complaints(path)).toBe("");
    expect(await complaints(path, { seek: clipSeconds / 2 })).toBe("");
    expect(compare(await packetsOf(path), await packetsOf(file))).toEqual(whole);
    // Behind the seek lie the last two groups of pictures, and nothing of the first two.
    const sought = await packetsOf(path, ["-ss", String(clipSeconds / 2 + 0.5)]);
    const videos = sought.filter(({ flow }) => flow === 0);
    expect(videos.length).toBe(120);
    expect(videos[0]?.isKey).toBe(true);
  });

  test("of a second publish in the same second gets a number, and none takes another's place", async () => {
    const tags = mediaTags(await shortClip());
    using directory = new TempDirectory();
    await using server = await startRecording(directory);
    // Of three within a fraction of a second two share one.
    for (const nth of [1, 2, 3]) {
      {
        using publisher = await OwnPublisher.connect(server.url("live/again"));
        sendTags(publisher, tags);
      }
      await server.line({ msg: "recorder closed" }, { nth });
    }
    const names = recordings(directory);
    expect(names.length).toBe(3);
    const numbered = names.filter((name) => name.endsWith("_2.flv"));
    expect(numbered.length).toBeGreaterThan(0);
    for (const name of numbered) expect(names).toContain(name.replace("_2.flv", ".flv"));
    const source = await packetsOf(await shortClip());
    for (const name of names) expect(compare(await packetsOf(directory.file(name)), source)).toEqual(whole);
  });

  test("is playable up to its end where the server was killed", async () => {
    const file = await clip();
    using directory = new TempDirectory();
    await using server = await startRecording(directory);
    const url = server.url("live/killed");
    await using _publisher = publish(file, url);
    using watcher = new OwnPlayer(url);
    await watcher.arrival(({ kind }) => kind === "video", { nth: 120 });
    server.kill("SIGKILL");
    await server.exit();
    const [name = ""] = recordings(directory);
    const path = directory.file(name);
    const packets = await packetsOf(path);
    expect(compare(packets, await packetsOf(file), { mayEndEarly: true })).toEqual(whole);
    expect(await complaints(path)).toBe("");
    // What came in the last second before the end may not have reached the disk.
    expect(packets.filter(({ flow }) => flow === 0).length).toBeGreaterThan(80);
  });

  test("in segments gives several files, each playable and begun by a key frame, with nothing lost between them", async () => {
    const file = await clip();
    using directory = new TempDirectory();
    await using server = await startRecording(directory, "--segment-duration", "2s");
    await using publisher = publish(file, server.url("live/cut"));
    await publisher.success();
    await server.line({ msg: "recorder closed" }, { nth: 4 });
    const names = recordings(directory);
    expect(names.length).toBe(4);
    const source = await packetsOf(file);
    const bodies: string[][] = [[], []];
    for (const [index, name] of names.entries()) {
      expect(name).toMatch(new RegExp(`^live_cut_\\d{8}_\\d{6}_seg00${index + 1}\\.flv$`));
      const path = directory.file(name);
      const packets = await packetsOf(path);
      expect(packets.find(({ flow }) => flow === 0)?.isKey).toBe(true);
      expect(await complaints(path, { ownTimes: true })).toBe("");
      const { durationMs } = await probe(path);
      expect(durationMs).toBeGreaterThan(1_800);
      expect(durationMs).toBeLessThan(2_300);
      for (const { flow, body } of packets) bodies[flow]?.push(body);
    }
    for (const flow of [0, 1])
      expect(bodies[flow]).toEqual(source.filter((packet) => packet.flow === flow).map(({ body }) => body));
  });

  test("goes where the pattern says", async () => {
    using directory = new TempDirectory();
    const pattern = "%Y/%s-%03d";
    await using server = await startRecording(
      directory,
      "--segment-duration",
      "2s",
      "--segment-pattern",
      pattern,
    );
    using publisher = await OwnPublisher.connect(server.url("live/cut"));
    sendTags(publisher, mediaTags(await shortClip()));
    await server.line({ msg: "recorder closed" });
    const year = recordings(directory);
    expect(year).toEqual([expect.stringMatching(/^20\d\d$/)]);
    expect(readdirSync(directory.file(year[0]!)).sort()).toEqual(["live_cut-001.flv", "live_cut-002.flv"]);
  });

  test("is whole where the server is stopped in the middle of it", async () => {
    const file = await clip();
    using directory = new TempDirectory();
    await using server = await startRecording(directory);
    const url = server.url("live/stopped");
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using _publisher = publish(file, url);
    using watcher = new OwnPlayer(url);
    await watcher.arrival(({ kind }) => kind === "video", { nth: 100 });
    server.kill("SIGTERM");
    expect((await server.exit(5_000)).code).toBe(0);
    const seen = await player.packets(5_000);
    const [name = ""] = recordings(directory);
    const path = directory.file(name);
    const packets = await packetsOf(path);
    expect(compare(packets, await packetsOf(file), { mayEndEarly: true })).toEqual(whole);
    // Not a packet less than the player saw, and the length stands in the file.
    expect(packets.length).toBeGreaterThanOrEqual(seen.length);
    expect(await complaints(path)).toBe("");
    const last = Math.max(...packets.map(({ dts }) => dts));
    expect(Math.abs((await probe(path)).durationMs - last)).toBeLessThanOrEqual(150);
  });

  test("that cannot be written is reported, and the stream goes on", async () => {
    const file = await shortClip();
    using directory = new TempDirectory();
    writeFileSync(directory.file("taken"), "a file where the directory should be");
    await using server = await Server.start({
      flags: ["--record-all", "--record-dir", directory.file("taken")],
    });
    const url = server.url("live/test");
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, url);
    expect(await server.line({ msg: "recording stopped, the stream goes on" })).toMatchObject({
      ...{ level: "ERROR", stream_key: "live/test" },
    });
    await publisher.success();
    expect(compare(await player.packets(), await packetsOf(file))).toEqual(whole);
  });
});
