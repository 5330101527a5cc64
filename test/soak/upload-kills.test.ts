import { expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { Glob } from "bun";
import { TempDirectory } from "../e2e/harness/directory.ts";
import { complaints, publish } from "../e2e/harness/ffmpeg.ts";
import { clip } from "../e2e/harness/media.ts";
import { S3Server } from "../e2e/harness/s3-server.ts";
import { Server } from "../e2e/harness/server.ts";
import { until } from "../e2e/harness/until.ts";

/** How often the server is killed, from `SOAK_KILLS`: each takes some five seconds. */
const kills = Number(process.env.SOAK_KILLS ?? 20);

/** Between its start and its death a server has so long at most, in milliseconds. */
const maxLifeMs = 6_000;

const config = (folder: string, bucket: string): string => `
playback: yes
playbackAddress: 127.0.0.1:0
paths:
  ~^live/:
    record: yes
    recordSegmentDuration: 2s
    recordPath: ${folder}/rec/%path/%Y-%m-%d_%H-%M-%S-%f
    recordUpload: s3://${bucket}/x
    recordDeleteAfter: 0s
hooks:
  scripts:
    - event_types: [recording_segment_complete]
      script: ${folder}/hook.sh
      delivery: {guarantee_level: at-least-once}
`;

interface Completion {
  readonly id: string;
  readonly data: { readonly segment_path: string };
}

test(
  `${kills} kills of a server that moves recordings to a store, which is away now and then, cost no segment and no event`,
  async () => {
    using directory = new TempDirectory();
    await using store = await S3Server.open();
    const folder = directory.path;
    await Bun.write(directory.file("server.yml"), config(folder, store.bucket));
    await Bun.write(directory.file("hook.sh"), `#!/bin/sh\n{ cat; echo; } >> ${folder}/events.jsonl\n`);
    chmodSync(directory.file("hook.sh"), 0o755);
    const flags = ["--config", directory.file("server.yml"), "--playback"];
    const start = () =>
      Server.start({
        flags: [...flags, "--hook-data-dir", directory.file("data")],
        env: store.env,
        longestMs: 600_000,
      });
    const source = await clip();
    const begun = new Set<string>();
    const whole = new Set<string>();
    let isAway = false;
    for (let kill = 0; kill < kills; kill++) {
      await using server = await start();
      if (isAway) await store.start();
      isAway = !isAway && Math.random() < 0.3;
      if (isAway) await store.stop();
      await using _publisher = publish(source, server.url("live/a"), { loops: true });
      await server.line({ msg: "recorder initialized" });
      await Bun.sleep(Math.random() * maxLifeMs);
      server.kill("SIGKILL");
      await server.exit();
      for (const { file } of server.matching({ msg: "recorder initialized" })) begun.add(String(file));
      for (const { file } of server.matching({ msg: "recorder closed" })) whole.add(String(file));
    }
    if (isAway) await store.start();
    await using server = await start();
    const left = (): number =>
      existsSync(`${folder}/rec`) ? [...new Glob("**/*.mp4").scanSync(`${folder}/rec`)].length : 0;
    await until(
      () =>
        Promise.resolve()
          .then(left)
          .catch(() => 1),
      (count) => count === 0,
      120_000,
    );
    const stored = store.keys.map((key) => `${folder}/rec/${key.substring(2)}`);
    // One that was killed between making a file and writing its first part has recorded nothing.
    expect(stored.filter((file) => !begun.has(file))).toEqual([]);
    expect([...whole].filter((file) => !stored.includes(file))).toEqual([]);
    expect(begun.size - stored.length).toBeLessThanOrEqual(1);
    const told = (): Completion[] =>
      readFileSync(`${folder}/events.jsonl`, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
    const files = () => new Set(told().map(({ data }) => data.segment_path));
    await until(files, ({ size }) => size === stored.length);
    // Told twice is told as the same event.
    expect(new Set(told().map(({ id }) => id)).size).toBe(stored.length);
    const url = await server.pages("playback of recordings");
    const list = (await (await fetch(`${url}/list?path=live/a`)).json()) as { url: string }[];
    expect(list.length).toBeGreaterThanOrEqual(kills - 1);
    for (const entry of list) {
      const file = directory.file("played.mp4");
      await Bun.write(file, await (await fetch(`${entry.url}&format=mp4`)).bytes());
      expect(await complaints(file, { ownTimes: true })).toBe("");
    }
  },
  kills * 20_000 + 300_000,
);
