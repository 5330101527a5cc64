import { describe, expect } from "bun:test";
import { Glob } from "bun";
import { ClipCrowd } from "../harness/clip-crowd.ts";
import { TempDirectory } from "../harness/directory.ts";
import { complaints, FfmpegPlayer, probe, publish } from "../harness/ffmpeg.ts";
import { mediaTags } from "../harness/flv-tags.ts";
import { busyClip } from "../harness/media.ts";
import { compare, packetsOf } from "../harness/packets.ts";
import { Server } from "../harness/server.ts";
import { needsMount, SmallDisk } from "../harness/small-disk.ts";
import { needsTools } from "../harness/tools.ts";
import { until } from "../harness/until.ts";

const withFfmpeg = needsTools("ffmpeg", "ffprobe");
const mounting = needsMount();
const test = withFfmpeg === mounting ? mounting : mounting.skip;

const megabyte = 1024 * 1024;

/** Recording leaves so much to others. */
const reserve = 16 * megabyte;

const formats = ["fmp4", "flv", "mpegts"] as const;

/** Nineteen streams of ours, and one of FFmpeg's. */
const paths = Array.from({ length: 19 }, (_, index) => `live/${formats[index % 3]}/${index}`);
const ffmpegPath = "live/fmp4/ffmpeg";
const streams = paths.length + 1;

/** A server that records everything onto a small disk. */
const startServer = async (directory: TempDirectory, disk: SmallDisk): Promise<Server> => {
  const entries = formats.map((format) => `  ~^live/${format}/:\n    recordFormat: ${format}\n`);
  const file = directory.file("rtmp-server.yml");
  await Bun.write(
    file,
    `pathDefaults:
  record: yes
  recordPath: ${disk.path}/rec/%path/%Y-%m-%d_%H-%M-%S-%f
  recordPartDuration: 250ms
paths:
${entries.join("")}`,
  );
  return Server.start({ flags: ["--config", file, "--republish-grace", "0s"] });
};

/** Recordings that began, and those that are over. */
const counts = (server: Server): { begun: number; over: number } => ({
  begun: server.matching({ msg: "recorder initialized" }).length,
  over:
    server.matching({ msg: "recorder closed" }).length +
    server.matching({ msg: "recording stopped, the stream goes on" }).length,
});

/** Waits until every stream is being recorded. */
const allRecord = (server: Server): Promise<unknown> =>
  until(
    () => counts(server),
    ({ begun, over }) => begun - over === streams,
    30_000,
  );

/** Waits until none is. */
const noneRecords = (server: Server): Promise<unknown> =>
  until(
    () => counts(server),
    ({ begun, over }) => begun > 0 && begun === over,
  );

describe("a disk that is full to the brim", () => {
  test("costs no player a frame; recording comes back with the room, and every file plays", async () => {
    const source = await busyClip();
    using directory = new TempDirectory();
    using disk = new SmallDisk(64);
    {
      await using server = await startServer(directory, disk);
      await using publisher = publish(source, server.url(ffmpegPath));
      await using player = new FfmpegPlayer(server.url(ffmpegPath));
      const crowd = await ClipCrowd.gather({
        tags: mediaTags(source),
        urls: paths.map((path) => server.url(path)),
        players: 99,
      });
      using _ = crowd;
      await allRecord(server);
      await Bun.sleep(1_000);
      {
        using _hog = disk.fill();
        expect(disk.free).toBe(0);
        await noneRecords(server);
        const failures = server.matching({ msg: "recording stopped, the stream goes on" });
        expect(failures.length).toBeGreaterThan(0);
        for (const { error } of failures)
          expect(error).toBe("the disk is full, free some space or record elsewhere (ENOSPC)");
        // Nobody tries to write while nothing can be written.
        await Bun.sleep(1_500);
        expect(counts(server).begun).toBe(counts(server).over);
      }
      await allRecord(server);

      {
        // What is recorded fills it by itself, up to what is left to others.
        using _hog = disk.fill(reserve + 4 * megabyte);
        await noneRecords(server);
        expect(disk.free).toBeGreaterThan(reserve / 4);
        expect(disk.free).toBeLessThan(reserve + megabyte);
      }
      await allRecord(server);
      await Bun.sleep(1_000);

      expect(await crowd.settle()).toEqual([]);
      publisher.kill("SIGTERM");
      const seen = await player.packets();
      expect(compare(seen, await packetsOf(source), { mayEndEarly: true }).faults).toEqual([]);
      expect(seen.length).toBeGreaterThan(200);
    }
    const files = [...new Glob("rec/**/*.{mp4,flv,ts}").scanSync(disk.path)].sort();
    expect(files.length).toBeGreaterThanOrEqual(3 * streams);
    for (const name of files) {
      const file = `${disk.path}/${name}`;
      expect([name, (await probe(file)).codecs, await complaints(file, { ownTimes: true })]).toEqual([
        name,
        ["aac", "h264"],
        "",
      ]);
    }
  }, 110_000);
});
