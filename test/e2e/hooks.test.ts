import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HookEvent } from "../../src/hooks/event/hook-event.ts";
import { TempDirectory } from "./harness/directory.ts";
import { complaints, FfmpegPlayer, probe, publish } from "./harness/ffmpeg.ts";
import { catalogueFaults, HookReceiver } from "./harness/hook-receiver.ts";
import { shortClip } from "./harness/media.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { packetsOf } from "./harness/packets.ts";
import { freePort } from "./harness/port.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const withFfmpeg = needsTools("ffmpeg", "ffprobe");

const examples = join(import.meta.dir, "../../hooks");

describe("the example scripts", () => {
  withFfmpeg(
    "record a stream from its start to its end, and tell its name, its client, its length and its bytes",
    async () => {
      const file = await shortClip();
      using directory = new TempDirectory();
      const port = freePort();
      await using server = await Server.start({
        port,
        flags: [
          ...["--hook-script", `publish_start=${examples}/notify-start.sh`],
          ...["--hook-script", `publish_stop=${examples}/cleanup.sh`],
        ],
        env: { RECORD_DIR: directory.path, RTMP_URL: `rtmp://127.0.0.1:${port}` },
      });
      await using publisher = publish(file, server.url("live/test"));
      await publisher.success();
      const stopped = await server.line({ msg: "Hook executed", event_type: "publish_stop" });
      expect(stopped).toMatchObject({ hook_id: "shell_1", stream_key: "live/test" });

      const [name = "", ...others] = readdirSync(directory.path).filter((each) => each.endsWith(".mp4"));
      expect(others).toEqual([]);
      const recording = directory.file(name);
      const { codecs, durationMs } = await probe(recording);
      expect(codecs).toEqual(["aac", "h264"]);
      // It begins with the first key frame after ffmpeg has started, and the stream lasts 3 s.
      expect(durationMs).toBeGreaterThan(1_500);
      expect(durationMs).toBeLessThan(3_500);
      expect(await complaints(recording, { ownTimes: true })).toBe("");
      expect(readdirSync(join(directory.path, ".run")).filter((each) => each.endsWith(".pid"))).toEqual([]);

      const [started = "", ended = ""] = server
        .matching({ msg: "hook script ended" })
        .map(({ stdout }) => String(stdout));
      expect(started).toContain(`recording to ${recording}`);
      expect(started).toContain("live/test started, from 127.0.0.1 to live");
      const said = /live\/test after (\d+) s, (\d+) bytes received/.exec(ended);
      expect([2, 3]).toContain(Number(said?.[1]));
      expect(Number(said?.[2])).toBeGreaterThan(50_000);
      expect(server.matching({ msg: "Hook execution failed" })).toEqual([]);
    },
  );
});

/** How often each type came. */
const countTypes = (events: readonly HookEvent[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

describe("a webhook for every event", () => {
  withFfmpeg("gets each event of a publish and a play once, in order, as the catalogue says", async () => {
    const file = await shortClip();
    await using receiver = new HookReceiver();
    {
      await using server = await Server.start({ flags: ["--hook-webhook", `*=${receiver.url}`] });
      await using publisher = publish(file, server.url("live/test"));
      await server.line({ msg: "publish started" });
      await using player = new FfmpegPlayer(server.url("live/test"));
      await publisher.success();
      expect((await player.packets()).length).toBeGreaterThan(50);
      await receiver.delivery("stream_delete");
    }
    const { events } = receiver;
    const { subscriber_count: counts = 0, ...others } = countTypes(events);
    expect(others).toEqual({
      server_start: 1,
      connection_accept: 2,
      handshake_complete: 2,
      stream_create: 1,
      publish_start: 1,
      stream_metadata: 1,
      codec_detected: 2,
      media_start: 2,
      play_start: 1,
      play_stop: 1,
      publish_stop: 1,
      stream_delete: 1,
      connection_close: 2,
      server_stop: 1,
    });
    expect(counts).toBeGreaterThanOrEqual(1);
    expect(events.flatMap(catalogueFaults)).toEqual([]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect(events.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(events.map((_, index) => index + 1));

    const ofStream = events.filter(({ stream_key }) => stream_key === "live/test");
    const numbers = ofStream.map(({ seq }) => seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const types = ofStream.map(({ type }) => type);
    const inOrder = ["stream_create", "publish_start", "codec_detected", "publish_stop", "stream_delete"];
    expect(types.filter((type, at) => inOrder.includes(type) && types.indexOf(type) === at)).toEqual(inOrder);

    for (const [begin, end] of [
      ["publish_start", "publish_stop"],
      ["play_start", "play_stop"],
    ]) {
      const [first, last] = [begin, end].map((type) => events.find((event) => event.type === type));
      expect(first?.session_id).toMatch(/^ses_/);
      expect(last).toMatchObject({ session_id: first?.session_id, conn_id: first?.conn_id });
    }
    const bytes = (await packetsOf(file)).reduce((sum, { body }) => sum + Number.parseInt(body, 10), 0);
    const stop = events.find(({ type }) => type === "publish_stop");
    // Of each packet the server counts its FLV header, too.
    expect(Number(stop?.data.bytes_received)).toBeGreaterThan(bytes);
    expect(Number(stop?.data.bytes_received)).toBeLessThan(bytes * 1.2);
    for (const { event, headers } of receiver.deliveries) {
      expect(headers.get("webhook-id")).toBe(event.id);
      expect(headers.get("x-rtmp-event")).toBe(event.type);
    }
  });
});

describe("names that a publisher chose to do harm", () => {
  const names = [
    { name: "single quotes", text: "it's' ''" },
    { name: "double quotes", text: 'say "hi" ""' },
    { name: "backticks", text: "`touch PWNED`" },
    { name: "a command substitution", text: "$(touch PWNED)" },
    { name: "operators", text: ";touch PWNED;&|>PWNED" },
    { name: "120 characters", text: `$(touch PWNED)${"x".repeat(106)}` },
  ];
  for (const { name, text } of names) {
    test(`of ${name} reach a script's environment and JSON as they are, and nothing of them is executed`, async () => {
      using directory = new TempDirectory();
      const pwned = directory.file("pwned");
      const streamName = text.replaceAll("PWNED", pwned).substring(0, 120);
      const out = directory.file("out");
      mkdirSync(out);
      const script = directory.file("keep.sh");
      writeFileSync(script, '#!/bin/sh\nenv -0 >"$OUT/env"\ncat >"$OUT/json"\n');
      chmodSync(script, 0o755);
      await using server = await Server.start({
        flags: ["--hook-script", `publish_start=${script}`],
        env: { OUT: out },
      });
      {
        using _publisher = await OwnPublisher.connect({ url: server.url(""), app: "live", name: streamName });
        await server.line({ msg: "Hook executed" });
      }
      const environment = new Map(
        readFileSync(join(out, "env"), "utf8")
          .split("\0")
          .map((entry) => [entry.substring(0, entry.indexOf("=")), entry.substring(entry.indexOf("=") + 1)]),
      );
      const event = JSON.parse(readFileSync(join(out, "json"), "utf8")) as HookEvent;
      const key = event.stream_key;
      expect(key).toBe(`live/${streamName}`);
      expect(event.data).toMatchObject({ app: "live", stream_name: streamName });
      expect(environment.get("RTMP_STREAM_KEY")).toBe(key);
      expect(environment.get("RTMP_STREAM_NAME")).toBe(streamName);
      expect(readdirSync(directory.path).sort()).toEqual(["keep.sh", "out"]);
    });
  }
});
