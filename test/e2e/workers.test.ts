import { describe, expect } from "bun:test";
import { curl, curlJson } from "./harness/curl.ts";
import { deploy, encoder, launch, stream } from "./harness/deployment.ts";
import { TempDirectory } from "./harness/directory.ts";
import { run } from "./harness/program.ts";
import { type RtspLower, RtspReaderProgram } from "./harness/rtsp.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("ffmpeg", "ffprobe", "curl");
const testGst = needsTools("gst-launch-1.0", "ffmpeg", "curl");

interface Sessions {
  readonly itemCount: number;
  readonly items: readonly { id: string; state: string; path: string; transport: string }[];
}

const isReady = async (api: string, name: string): Promise<void> => {
  await until(
    () => curl(`${api}/paths/get/${name}`),
    ({ body }) => body.includes(`"ready":true`),
  );
};

describe("workers of a deployment that was made for MediaMTX", () => {
  testGst("pull by RTSP with GStreamer, and publish what comes out of it by RTMP", async () => {
    using directory = new TempDirectory();
    const { server, api, runs } = await deploy(directory);
    await using _server = server;
    await using _encoder = encoder(server.url(stream));
    await isReady(api, stream);
    const from = await server.rtspUrl(stream);
    const out = "live/test-stream/out";
    await using worker = launch(`-e
      rtspsrc location=${from} protocols=tcp latency=200 name=src
        src. ! queue ! rtph264depay ! h264parse ! queue ! mux.
        src. ! queue ! rtpmp4gdepay ! aacparse ! queue ! mux.
      flvmux name=mux streamable=true ! rtmpsink location=${server.url(out)}`);
    await using player = launch(`
      rtspsrc location=${from} protocols=tcp latency=200 name=src
        src. ! queue ! rtph264depay ! h264parse ! avdec_h264 ! videoconvert ! fakesink
        src. ! queue ! rtpmp4gdepay ! aacparse ! avdec_aac ! audioconvert ! audioresample ! fakesink`);
    await isReady(api, out);
    expect(await curlJson(`${api}/paths/get/${out}`)).toMatchObject({ tracks: ["H264", "MPEG-4 Audio"] });
    const { items } = (await curlJson(`${api}/rtspsessions/list`)) as Sessions;
    expect(items.map(({ state, path, transport }) => ({ state, path, transport }))).toEqual([
      { state: "read", path: stream, transport: "TCP" },
      { state: "read", path: stream, transport: "TCP" },
    ]);
    // Who is thrown out of RTSP no longer publishes by RTMP.
    for (const { id } of items)
      expect(await curl(`${api}/rtspsessions/kick/${id}`, ["-X", "POST"])).toMatchObject({ status: 200 });
    await player.exit();
    await worker.exit();
    await until(
      () => runs.lines,
      (lines) => lines.some((line) => line.startsWith(`not-ready|${out}|`)),
    );
    expect(((await curlJson(`${api}/rtspsessions/list`)) as Sessions).itemCount).toBe(0);
  });

  for (const lower of ["tcp", "udp"] as const satisfies readonly RtspLower[])
    test(`read with FFmpeg by ${lower}, and are told when the server stops`, async () => {
      using directory = new TempDirectory();
      const { server, api, metrics } = await deploy(directory);
      await using _encoder = encoder(server.url(stream));
      await isReady(api, stream);
      await using reader = new RtspReaderProgram(await server.rtspUrl(stream), lower);
      await server.line({ msg: "play started" });
      const text = (await curl(`${metrics}?type=rtsp_sessions`)).body;
      expect(text).toMatch(/^rtsp_sessions\{id="[^"]+",path="live\/test-stream\/in",.*state="read"\} 1$/m);
      await Bun.sleep(1_000);
      await server[Symbol.asyncDispose]();
      expect((await reader.packets()).length).toBeGreaterThan(30);
    });

  test("look up what was recorded, and download a part of it", async () => {
    using directory = new TempDirectory();
    const recordings = directory.file("recordings/%path/%Y-%m-%d_%H-%M-%S-%f");
    const { server, api } = await deploy(directory, [
      ...["--playback", "--record", "--record-path", recordings],
    ]);
    await using _server = server;
    const playback = await server.pages("playback of recordings");
    const list = `${playback}/list?path=${stream}`;
    expect((await curl(list)).status).toBe(404);
    await using publisher = encoder(server.url(stream));
    await isReady(api, stream);
    await server.line({ msg: "recorder initialized", format: "fmp4" });
    await Bun.sleep(5_000);
    publisher.kill("SIGINT");
    await server.line({ msg: "recorder closed" });
    const spans = (await curlJson(list)) as { start: string; duration: number; url: string }[];
    expect(spans.length).toBe(1);
    const [{ start, duration, url }] = spans as [(typeof spans)[number]];
    expect(duration).toBeGreaterThan(4);
    const file = directory.file("recording.mp4");
    const query = `path=${stream}&start=${encodeURIComponent(start)}&duration=${duration}`;
    for (const from of [url, `${playback}/get?${query}`]) {
      await run(["curl", "-sSfL", from, "-o", file]);
      const probed = await run([
        ..."ffprobe -v error -count_frames -of csv=p=0".split(" "),
        ..."-show_entries format=duration:stream=codec_name,nb_read_frames".split(" "),
        file,
      ]);
      expect(probed).toMatch(/^h264,\d+$/m);
      expect(probed).toMatch(/^aac,\d+$/m);
      expect(Math.abs(Number(/^[\d.]+$/m.exec(probed)?.[0]) - duration)).toBeLessThan(0.2);
    }
    expect((await curlJson(`${api}/recordings/get/${stream}`)) as object).toMatchObject({ name: stream });
  });
});
