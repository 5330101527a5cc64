import { describe, expect } from "bun:test";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, probe, publish } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { backwardSteps, compare, packetsOf } from "./harness/packets.ts";
import { Program } from "./harness/program.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("gst-launch-1.0", "ffmpeg", "ffprobe");

const frames = 90;
/** 44100 samples in buffers of 1024: as long as the picture. */
const audioBuffers = 130;

const launch = (pipeline: string): Program => new Program(["gst-launch-1.0", "-q", ...pipeline.split(" ")]);

const picture =
  `videotestsrc num-buffers=${frames} is-live=true ! video/x-raw,width=320,height=180,framerate=30/1` +
  " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! h264parse ! queue ! mux.";
const tone =
  `audiotestsrc num-buffers=${audioBuffers} is-live=true ! audio/x-raw,rate=44100,channels=2` +
  " ! audioconvert ! avenc_aac ! aacparse ! queue ! mux.";

describe("GStreamer", () => {
  for (const { name, sink } of [
    { name: "rtmp2sink", sink: (url: string) => `rtmp2sink location=${url}` },
    { name: "rtmpsink", sink: (url: string) => `rtmpsink location=${url}` },
  ]) {
    test(`what ${name} publishes is played with both tracks, and its end ends the players`, async () => {
      await using server = await Server.start();
      const url = server.url("live/gst");
      await using player = new FfmpegPlayer(url);
      await server.line({ msg: "Connection accepted" });
      await using publisher = launch(`flvmux name=mux streamable=true ! ${sink(url)} ${picture} ${tone}`);
      await server.line({ msg: "publish started", stream_key: "live/gst" });
      await publisher.success();
      const packets = await player.packets(3_000);
      // The old sink hangs up before its last buffers are out.
      expect(packets.filter(({ flow }) => flow === 0).length).toBeGreaterThan(frames - 5);
      expect(packets.filter(({ flow }) => flow === 1).length).toBeGreaterThan(audioBuffers - 10);
      expect(backwardSteps(packets)).toEqual([]);
      expect(server.matching({ msg: "Video codec detected" })[0]).toMatchObject({ resolution: "320x180" });
    });
  }

  for (const { name, source } of [
    { name: "rtmp2src", source: (url: string) => `rtmp2src location=${url}` },
    { name: "rtmpsrc", source: (url: string) => `rtmpsrc location=${url}` },
  ]) {
    test(`${name} plays both tracks unbroken, and ends with the stream`, async () => {
      const file = await shortClip();
      const original = await packetsOf(file);
      using directory = new TempDirectory();
      const saved = directory.file("saved.flv");
      // rtmpsrc asks once more when a stream has ended, and only believes a server that says no.
      await using server = await Server.start({ flags: ["--play-wait", "3s"] });
      const url = server.url("live/gst");
      await using player = launch(`${source(url)} ! filesink location=${saved}`);
      await server.line({ msg: "Connection accepted" });
      await using publisher = publish(file, url);
      await publisher.success();
      await player.success(10_000);
      expect((await probe(saved)).codecs).toEqual(["aac", "h264"]);
      const packets = await packetsOf(saved);
      // rtmp2src forgets the message it holds when it hears of the end.
      expect(packets.length).toBeGreaterThanOrEqual(original.length - 1);
      expect(compare(packets, original, { mayEndEarly: true }).faults).toEqual([]);
    });
  }
});
