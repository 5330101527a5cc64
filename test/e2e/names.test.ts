import { describe, expect } from "bun:test";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { Program } from "./harness/program.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg");

/** One frame, to tell that two names met. */
const frame = new Uint8Array([0x17, 1, 0, 0, 0, 0xca, 0xfe]);

interface Cut {
  readonly app: string;
  readonly name: string;
}

/** Ways to cut or write a name on either side that mean one stream. */
const meetings: readonly { name: string; publisher: Cut; player: Cut; path: string }[] = [
  {
    name: "slashes cut at different places",
    publisher: { app: "live/abc", name: "in" },
    player: { app: "live", name: "abc/in" },
    path: "live/abc/in",
  },
  {
    name: "everything in the application",
    publisher: { app: "live/abc/in", name: "" },
    player: { app: "live", name: "abc/in" },
    path: "live/abc/in",
  },
  {
    name: "slashes too many",
    publisher: { app: "live/", name: "/abc//in/" },
    player: { app: "live", name: "abc/in" },
    path: "live/abc/in",
  },
  {
    name: "a space, and the same percent-encoded",
    publisher: { app: "live", name: "my stream" },
    player: { app: "live", name: "my%20stream" },
    path: "live/my stream",
  },
  {
    name: "Unicode, and the same percent-encoded",
    publisher: { app: "live", name: "Übertragung 東京 🎥" },
    player: { app: "live", name: encodeURIComponent("Übertragung 東京 🎥") },
    path: "live/Übertragung 東京 🎥",
  },
  {
    name: "a query on one side, another on the other",
    publisher: { app: "live", name: "in?user=a&pass=pw_0815" },
    player: { app: "live?token=tk_0815", name: "in" },
    path: "live/in",
  },
];

describe("stream names", () => {
  for (const { name, publisher, player, path } of meetings) {
    test(`${name}: publisher and player meet at ${path}, and what stood in a query is in no log line`, async () => {
      await using server = await Server.start();
      const url = server.url("");
      using sender = await OwnPublisher.connect({ url, ...publisher });
      using receiver = new OwnPlayer({ url, ...player });
      await receiver.started;
      sender.send("video", 0, frame);
      expect((await receiver.arrival(({ kind }) => kind === "video")).payload).toEqual(frame);
      expect(await server.line({ msg: "publish started" })).toMatchObject({ stream_key: path });
      expect(await server.line({ msg: "play started" })).toMatchObject({ stream_key: path });
      expect(server.logText).not.toContain("_0815");
    });
  }

  test("FFmpeg publishes live/abc/in as one application and plays it as another", async () => {
    const file = await shortClip();
    await using server = await Server.start();
    await using player = new FfmpegPlayer(server.url(""), ["-rtmp_app", "live", "-rtmp_playpath", "abc/in"]);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, server.url("live/abc/in"));
    await publisher.success();
    const { faults } = compare(await player.packets(), await packetsOf(file));
    expect(faults).toEqual([]);
    const keys = ["publish started", "play started"].map((msg) => server.matching({ msg })[0]?.stream_key);
    expect(keys).toEqual(["live/abc/in", "live/abc/in"]);
  });

  test("a token of FFmpeg's URL is in no log line", async () => {
    const file = await shortClip();
    await using server = await Server.start();
    await using player = new FfmpegPlayer(server.url("live/in?token=tk_play_0815"));
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, server.url("live/in?token=tk_publish_0815"));
    await publisher.success();
    expect((await player.packets()).length).toBeGreaterThan(100);
    expect(server.logText).not.toContain("0815");
  });

  for (const { name, cut } of [
    { name: "a way up", cut: { app: "live", name: "../secret" } },
    { name: "a way up, percent-encoded", cut: { app: "live", name: "%2e%2e/secret" } },
    { name: "a backslash", cut: { app: "live", name: "a\\b" } },
    { name: "a control character", cut: { app: "live", name: "a\u0007b" } },
    { name: "a broken escape", cut: { app: "live", name: "a%zz" } },
    { name: "more characters than fit", cut: { app: "live", name: "x".repeat(300) } },
    { name: "no name at all", cut: { app: "", name: "" } },
  ]) {
    test(`${name} is refused in the protocol's words, to publishers and players`, async () => {
      await using server = await Server.start();
      const url = server.url("");
      await expect(OwnPublisher.connect({ url, ...cut })).rejects.toThrow(
        /Net(Stream\.Publish|Connection)\.\w+/,
      );
      using player = new OwnPlayer({ url, ...cut });
      expect(String(await player.ended)).toMatch(/Net(Stream\.Play|Connection)\.\w+/);
      const refusals = await Promise.all([
        server.line({ msg: "publish refused" }),
        server.line({ msg: "play refused" }),
      ]);
      for (const line of refusals) expect(line).toMatchObject({ level: "WARN", code: "BAD_STREAM_NAME" });
    });
  }

  test("FFmpeg ends promptly with an error where its name is refused", async () => {
    await using server = await Server.start();
    await using publisher = publish(await shortClip(), server.url("live/..%2f..%2fetc"));
    expect((await publisher.exit(2_500)).code).not.toBe(0);
    await using player = new Program([
      ...["ffmpeg", "-nostdin", "-v", "error", "-i", server.url("live/%2e%2e/x"), "-f", "null", "-"],
    ]);
    expect((await player.exit(5_000)).code).not.toBe(0);
  });
});
