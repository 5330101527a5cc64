import { describe, expect } from "bun:test";
import { RtspStation } from "../rtsp/io/rtsp-station.ts";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, probe, publish } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { type PacketLine, packetsOf } from "./harness/packets.ts";
import { Program } from "./harness/program.ts";
import { type RtspPacket, receptionFaults } from "./harness/rtsp.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("gst-launch-1.0", "ffmpeg", "ffprobe");

const launch = (...words: string[]): Program =>
  new Program(["gst-launch-1.0", ...words.join(" ").split(" ")]);

const timed = ({ flow, pts, body }: PacketLine): RtspPacket => ({ flow, ptsMs: pts, body });

describe("GStreamer", () => {
  for (const lower of ["tcp", "udp"] as const)
    test(`reads both tracks by ${lower}, and ends with the stream`, async () => {
      using station = new RtspStation();
      using directory = new TempDirectory();
      const file = await shortClip();
      const saved = directory.file("saved.mkv");
      await using _publisher = publish(file, station.rtmp("live/a"));
      await station.event("streamAvailable");
      await using reader = launch(
        `-e rtspsrc location=${station.rtsp("live/a")} protocols=${lower} latency=200 name=src`,
        "src. ! queue ! rtph264depay ! h264parse ! queue ! mux.",
        "src. ! queue ! rtpmp4gdepay ! aacparse ! queue ! mux.",
        `matroskamux name=mux ! filesink location=${saved}`,
      );
      const { code, err } = await reader.exit(20_000);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect((await probe(saved)).codecs).toEqual(["aac", "h264"]);
      const got = (await packetsOf(saved)).map(timed);
      const source = (await packetsOf(file)).map(timed);
      const counts = (packets: RtspPacket[]) =>
        [0, 1].map((flow) => packets.filter((each) => each.flow === flow).length);
      expect(counts(got)).toEqual(counts(source));
      // Sound passes unchanged; pictures get their parameters back in their own way.
      const sound = (packets: RtspPacket[]) =>
        packets.filter(({ flow }) => flow === 1).map(({ body }) => body);
      expect(sound(got)).toEqual(sound(source));
    });

  for (const lower of ["tcp", "udp"] as const)
    test(`publishes by ${lower}, with its token in the URL`, async () => {
      using station = new RtspStation();
      await using player = new FfmpegPlayer(station.rtmp("live/a"));
      await station.event("connected");
      await using publisher = launch(
        `-e rtspclientsink location=${station.rtsp("live/a")}?token=secret protocols=${lower} name=sink`,
        "videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=30/1",
        "! x264enc tune=zerolatency key-int-max=30 ! h264parse ! sink.",
        "audiotestsrc is-live=true ! audio/x-raw,rate=44100,channels=2 ! avenc_aac ! aacparse ! sink.",
      );
      await station.event("streamAvailable");
      await Bun.sleep(1_500);
      publisher.kill("SIGKILL");
      expect((await player.packets()).length).toBeGreaterThan(30);
    });

  test("carries a stream from one name to another, RTSP in, RTMP out", async () => {
    using station = new RtspStation();
    const file = await shortClip();
    await using player = new FfmpegPlayer(station.rtmp("live/test-stream/out"));
    await station.event("connected");
    await using _publisher = publish(file, station.rtmp("live/test-stream/in"));
    await station.event("streamAvailable");
    await using worker = launch(
      `-e rtspsrc location=${station.rtsp("live/test-stream/in")} protocols=tcp latency=200 name=src`,
      "src. ! queue ! rtph264depay ! h264parse ! queue ! mux.",
      "src. ! queue ! rtpmp4gdepay ! aacparse ! queue ! mux.",
      `flvmux name=mux streamable=true ! rtmpsink location=${station.rtmp("live/test-stream/out")}`,
    );
    await worker.success(20_000);
    const got = (await player.packets()).map(timed);
    const source = (await packetsOf(file)).map(timed);
    // GStreamer takes a second to find its times; and the old sink hangs up before its last buffers are out.
    expect(receptionFaults(got, source, { apartMs: 500, mayMissAtEnd: 10 })).toEqual([]);
  });
});
