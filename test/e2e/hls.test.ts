import { describe, expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { readPlaylist } from "../hls/playlist-rules.ts";
import { TempDirectory } from "./harness/directory.ts";
import { enhanced } from "./harness/enhanced.ts";
import { complaints, FfmpegPlayer, probe, publish } from "./harness/ffmpeg.ts";
import { hlsUrl, PlaylistWatch, withHls } from "./harness/hls.ts";
import { av1Clip, busyClip, hevcClip, shortClip } from "./harness/media.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { packetsOf } from "./harness/packets.ts";
import { ControlApi, eventually } from "./harness/pages.ts";
import { Program } from "./harness/program.ts";
import { samplesOf } from "./harness/samples.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "ffprobe");
const testGst = needsTools("ffmpeg", "ffprobe", "gst-launch-1.0");

const api = ["--api-address", "127.0.0.1:0"];
const variants = ["lowLatency", "fmp4", "mpegts"] as const;

interface SessionList {
  readonly items: readonly {
    readonly id: string;
    readonly userAgent: string;
    readonly outboundBytes: number;
  }[];
}

/** What GStreamer has of a stream when it is over: pictures and sound in files of their own. */
const gstreamer = (url: string, variant: (typeof variants)[number], directory: TempDirectory) => {
  const pads = variant === "mpegts" ? ["d.", "d."] : ["d.video_0", "d.audio_0"];
  const words = [
    `-e souphttpsrc location=${url}/index.m3u8 ! hlsdemux`,
    `! ${variant === "mpegts" ? "tsdemux" : "qtdemux"} name=d`,
    `${pads[0]} ! queue ! h264parse ! video/x-h264,stream-format=byte-stream ! filesink location=${directory.file("saved.h264")}`,
    `${pads[1]} ! queue ! aacparse ! audio/mpeg,stream-format=adts ! filesink location=${directory.file("saved.aac")}`,
  ];
  return new Program(["gst-launch-1.0", ...words.join(" ").split(" ")]);
};

/** Serves a stream in one form, has FFmpeg and GStreamer read it to its end, and looks at its playlists all the while. */
const readToItsEnd = async (variant: (typeof variants)[number]): Promise<void> => {
  using directory = new TempDirectory();
  await using server = await Server.start({ flags: [...withHls, "--hls-variant", variant] });
  const url = await hlsUrl(server, "live/test");
  await using publisher = publish(await busyClip(), server.url("live/test"));
  await server.line({ msg: "stream available" });
  await using watch = new PlaylistWatch(url);
  const first = await watch.until(({ segments }) => segments.length > 1, "two segments");
  await using gst = gstreamer(url, variant, directory);
  await using ffmpeg = new FfmpegPlayer(`${url}/index.m3u8`, ["-live_start_index", "0"]);
  await watch.until(
    ({ segments }) => segments.at(-1)!.number > first.segments[0]!.number + 5,
    "five more segments",
  );
  // In good order, so that nobody waits for it to come back.
  publisher.kill("SIGINT");
  const last = await watch.until(({ isEnded }) => isEnded, "the end");
  const packets = await ffmpeg.packets();
  const source = await packetsOf(await busyClip());
  // FFmpeg gives sound that MPEG-TS has in ADTS without it only in part: what is the same in all forms is how much there is.
  for (const flow of [0, 1]) {
    const times = packets.filter((packet) => packet.flow === flow).map(({ dts }) => dts);
    expect(times.length).toBeGreaterThan(100);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
  if (variant !== "mpegts") {
    const bodies = new Set(source.map(({ body }) => body));
    expect(packets.filter(({ body }) => !bodies.has(body))).toEqual([]);
  }
  const { code, err } = await gst.exit(20_000);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const [name, codec] of [
    ["saved.h264", "h264"],
    ["saved.aac", "aac"],
  ] as const) {
    const saved = directory.file(name);
    expect((await probe(saved)).codecs).toEqual([codec]);
    expect(Bun.file(saved).size).toBeGreaterThan(20_000);
    expect(await complaints(saved)).toBe("");
  }
  expect(last.segments.every(({ duration }) => duration > 0)).toBe(true);
  expect(watch.faults).toEqual([]);
};

describe("HLS", () => {
  testGst(
    "in each form is read to its end by FFmpeg and by GStreamer, and its playlists keep the rules",
    async () => {
      await Promise.all(variants.map(readToItsEnd));
    },
  );

  test("goes on over another publisher with another picture, by the rules", async () => {
    await using server = await Server.start({ flags: [...withHls, "--hls-always-remux"] });
    const url = await hlsUrl(server, "live/test");
    await using first = publish(await busyClip(), server.url("live/test"));
    await server.line({ msg: "stream available" });
    await using watch = new PlaylistWatch(url);
    await using player = new FfmpegPlayer(`${url}/index.m3u8`);
    await watch.until(({ segments }) => segments.length > 3, "three segments");
    first.kill("SIGKILL");
    await server.line({ msg: "publish stopped" });
    await using _second = publish(await shortClip(), server.url("live/test"));
    const mark = await watch.until(({ segments }) => segments.some((each) => each.isDiscontinuous), "a mark");
    await watch.until(({ isEnded }) => isEnded, "the end");
    const inits = new Set(mark.segments.map(({ init }) => init));
    expect(inits.size).toBe(2);
    expect(watch.faults).toEqual([]);
    expect((await player.packets()).length).toBeGreaterThan(100);
  });

  for (const { codec, form, file, letters } of [
    { codec: "hevc", form: enhanced("hvc1"), file: hevcClip, letters: "hvc1.1." },
    { codec: "av1", form: enhanced("av01"), file: av1Clip, letters: "av01.0." },
  ] as const)
    test(`has ${codec} as it was published, and FFmpeg decodes it without a complaint`, async () => {
      const flags = [...withHls, "--hls-always-remux", "--republish-grace", "0s"];
      await using server = await Server.start({ flags });
      const url = await hlsUrl(server, "live/new");
      const { config, frames } = await samplesOf(await file());
      const publisher = await OwnPublisher.connect(server.url("live/new"));
      publisher.send("video", 0, form.config(config));
      const lengthMs = frames.at(-1)!.dts + 33;
      for (const round of [0, 1])
        for (const frame of frames) publisher.send("video", frame.dts + round * lengthMs, form.frame(frame));
      await using watch = new PlaylistWatch(url);
      await watch.until(({ segments }) => segments.length > 1, "two segments");
      const index = await (await fetch(`${url}/index.m3u8`)).text();
      expect(index).toContain(`CODECS="${letters}`);
      expect(index).toContain("RESOLUTION=320x180");
      expect((await probe(`${url}/index.m3u8`)).codecs).toContain(codec);
      publisher[Symbol.dispose]();
      await watch.until(({ isEnded }) => isEnded, "the end");
      // FFmpeg passes for ffprobe, which has begun before: so it may read on to the end, though nobody may begin any more.
      expect(await complaints(`${url}/main_stream.m3u8`)).toBe("");
      expect(watch.faults).toEqual([]);
    });

  test("has a part a moment after its last frame came", async () => {
    await using server = await Server.start({ flags: withHls });
    const url = await hlsUrl(server, "live/test");
    await using _publisher = publish(await busyClip(), server.url("live/test"));
    await server.line({ msg: "stream available" });
    const read = async (query = "") =>
      readPlaylist(await (await fetch(`${url}/main_stream.m3u8${query}`)).text());
    let playlist = await read();
    const ages: number[] = [];
    while (ages.length < 12) {
      const whole = playlist.segments.filter(({ name }) => name !== undefined);
      const open = playlist.segments.at(-1)!.name === undefined ? playlist.segments.at(-1) : undefined;
      const query = `?_HLS_msn=${whole.at(-1)!.number + 1}&_HLS_part=${open?.parts.length ?? 0}`;
      playlist = await read(query);
      const newest = playlist.segments.at(-1)!;
      const lengthMs = newest.parts.reduce((sum, part) => sum + part.duration * 1_000, 0);
      ages.push(Date.now() - newest.dateMs - lengthMs);
    }
    const middle = ages.toSorted((a, b) => a - b)[ages.length >> 1]!;
    // From the wall clock of its first frame: the part itself has passed already.
    expect(middle).toBeLessThan(2_500);
    expect(middle).toBeGreaterThan(-1_000);
  });

  test("lets in who proves who they are, counts them, and sends them away", async () => {
    using directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    const users = [
      { user: "any", permissions: [{ action: "publish" }, { action: "api" }] },
      { user: "anna", pass: "wonderland", permissions: [{ action: "read" }] },
    ];
    await Bun.write(file, `authInternalUsers: ${JSON.stringify(users)}\nhlsCDNSecret: edge-secret\n`);
    await using server = await Server.start({ flags: ["--config", file, ...withHls, ...api] });
    const control = await ControlApi.of(server);
    const url = await hlsUrl(server, "live/test");
    await using _publisher = publish(await busyClip(), server.url("live/test"));
    await server.line({ msg: "stream available" });
    expect((await fetch(`${url}/index.m3u8`)).status).toBe(401);
    await using player = new FfmpegPlayer(`${url.replace("://", "://anna:wonderland@")}/index.m3u8`);
    const session = await eventually(
      async () =>
        (await control.must<SessionList>("GET", "hlssessions/list")).items.find(
          ({ outboundBytes }) => outboundBytes > 100_000,
        ),
      { what: "a session that was sent media" },
    );
    expect(session).toMatchObject({ path: "live/test", user: "anna", isCDN: false });
    expect((await control.path("live/test"))?.readers).toEqual([{ type: "hlsSession", id: session.id }]);
    const muxers = await control.must<{ items: unknown[] }>("GET", "hlsmuxers/list");
    expect(muxers.items).toMatchObject([{ path: "live/test" }]);
    const edge = { headers: { Authorization: "Bearer edge-secret" } };
    const text = await (await fetch(`${url}/main_stream.m3u8`, edge)).text();
    expect(text).not.toContain("session=");
    await control.must("POST", `hlssessions/kick/${session.id}`);
    // What it asks next is refused, until it gives up.
    expect((await control.ask("GET", `hlssessions/get/${session.id}`)).status).toBe(404);
    await eventually(
      () =>
        player
          .packets(1)
          .catch(() => undefined)
          .then(() => (player.isRunning ? undefined : true)),
      {
        what: "the player gives up",
        withinMs: 30_000,
      },
    );
    expect(server.logText).not.toContain("wonderland");
  });

  test("fetches a source when somebody watches", async () => {
    await using origin = await Server.start();
    await using _publisher = publish(await busyClip(), origin.url("live/far"));
    await origin.line({ msg: "stream available" });
    using directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    const path = `{source: "${origin.url("live/far")}", sourceOnDemand: yes, sourceOnDemandCloseAfter: 1s}`;
    await Bun.write(file, `paths: {near: ${path}}\n`);
    await using server = await Server.start({ flags: ["--config", file, ...withHls] });
    const url = await hlsUrl(server, "near");
    const index = await fetch(`${url}/index.m3u8`);
    expect([index.status, (await index.text()).includes("CODECS=")]).toEqual([200, true]);
  });

  test("keeps segments in a directory where it is told to, whatever the stream is called", async () => {
    using directory = new TempDirectory();
    const folder = directory.file("segments");
    const flags = [...withHls, "--hls-always-remux", "--hls-directory", folder];
    const name = `a'"<script>%`;
    const start = async (): Promise<Server> => {
      const server = await Server.start({ flags });
      expect(readdirSync(folder)).toEqual([]);
      return server;
    };
    const kept = () =>
      eventually(
        () => {
          const files = readdirSync(folder, { recursive: true }).map(String);
          return (
            files.filter((file) => /^hls-\d+-[0-9a-f-]{36}-\d+\/[0-9a-f]{12}_seg\d+\.mp4$/.test(file))
              .length > 2 || undefined
          );
        },
        { what: "segments on disk" },
      );
    {
      await using server = await start();
      await using publisher = publish(await busyClip(), server.url(`live/${encodeURIComponent(name)}`));
      await kept();
      const path = String((await server.line({ msg: "stream available" })).stream_key);
      const url = await hlsUrl(server, path.split("/").map(encodeURIComponent).join("/"));
      const { segments } = readPlaylist(await (await fetch(`${url}/main_stream.m3u8`)).text());
      const segment = await fetch(`${url}/${segments[0]!.name}`);
      expect([segment.status, (await segment.bytes()).length]).toEqual([
        200,
        Number(segment.headers.get("Content-Length")),
      ]);
      publisher.kill("SIGKILL");
      server.kill("SIGKILL");
      await server.exit();
      expect(readdirSync(folder).length).toBe(1);
    }
    await using server = await start();
    expect(existsSync(folder)).toBe(true);
    await using _publisher = publish(await busyClip(), server.url("live/test"));
    await kept();
    server.signal("SIGTERM");
    await server.exit();
    expect(readdirSync(folder)).toEqual([]);
  });
});
