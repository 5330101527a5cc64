import { describe, expect } from "bun:test";
import { publish } from "./harness/ffmpeg.ts";
import { clip } from "./harness/media.ts";
import { type Arrival, OwnPlayer } from "./harness/own-client.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg");

const gopFrames = 60;
const promisedMs = 200;

const isPicture = ({ kind, role }: Arrival): boolean =>
  kind === "video" && role !== "config" && role !== "metadata" && role !== "other";

/** Waits until the watcher sees the frame at this place of a group of pictures that has yet to begin. */
const untilPhase = async (watcher: OwnPlayer, frame: number): Promise<void> => {
  const seen = watcher.arrivals.length;
  const key = await watcher.arrival(
    (arrival) => arrival.role === "key" && watcher.arrivals.indexOf(arrival) >= seen,
  );
  const at = watcher.arrivals.indexOf(key);
  await watcher.arrival((arrival) => isPicture(arrival) && watcher.arrivals.indexOf(arrival) >= at, {
    nth: frame + 1,
  });
};

describe("a player that joins in the middle", () => {
  test("has its first key frame within 200 ms, wherever in a group of pictures it comes", async () => {
    await using server = await Server.start();
    const url = server.url("live/test");
    await using _publisher = publish(await clip(), url, { loops: true });
    using watcher = new OwnPlayer(url);
    const joins: { frame: number; ms: number }[] = [];
    for (const part of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const frame = Math.floor(((part + Math.random()) * gopFrames) / 8);
      await untilPhase(watcher, frame);
      using player = new OwnPlayer(url);
      const { afterMs } = await player.arrival(isPicture);
      expect(player.arrivals.find(isPicture)?.role).toBe("key");
      joins.push({ frame, ms: afterMs });
    }
    const figures = joins.map(({ frame, ms }) => `frame ${frame}: ${ms.toFixed(1)} ms`);
    console.info(`first key frame of late joiners, key frames 2 s apart: ${figures.join(", ")}`);
    expect(joins.filter(({ ms }) => ms > promisedMs)).toEqual([]);
  });

  test("gets the headers before the key frame, and times that do not run backwards", async () => {
    await using server = await Server.start();
    const url = server.url("live/test");
    await using _publisher = publish(await clip(), url, { loops: true });
    using watcher = new OwnPlayer(url);
    await untilPhase(watcher, 30);
    using player = new OwnPlayer(url);
    await player.arrival(isPicture, { nth: 90 });
    const arrivals = [...player.arrivals];
    const firstPicture = arrivals.findIndex(isPicture);
    const before = arrivals
      .filter((_, index) => index < firstPicture)
      .map(({ kind, role }) => `${kind} ${role}`);
    expect(before).toContain("data undefined");
    expect(before).toContain("video config");
    expect(before).toContain("audio config");
    for (const kind of ["audio", "video"]) {
      const times = arrivals.filter((arrival) => arrival.kind === kind).map(({ timestamp }) => timestamp);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  test("waits for the next key frame where the cache is off, and sees no picture before it", async () => {
    await using server = await Server.start({ flags: ["--gop-cache=false"] });
    const url = server.url("live/test");
    await using _publisher = publish(await clip(), url, { loops: true });
    using watcher = new OwnPlayer(url);
    for (const frame of [10, 40]) {
      await untilPhase(watcher, frame);
      using player = new OwnPlayer(url);
      const first = await player.arrival(isPicture);
      expect(first.role).toBe("key");
      // The rest of the group had to pass.
      expect(first.afterMs).toBeGreaterThan(((gopFrames - frame - 15) * 1000) / 30);
    }
  });
});
