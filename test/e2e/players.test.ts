import { describe, expect } from "bun:test";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { clip } from "./harness/media.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { dump } from "./harness/rtmpdump.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "ffprobe", "rtmpdump");

describe("ffmpeg and rtmpdump", () => {
  test("every player gets every packet of the source, byte for byte, whether it waited or joined in the middle", async () => {
    const file = await clip();
    const source = await packetsOf(file);
    using directory = new TempDirectory();
    await using server = await Server.start();
    const url = server.url("live/test");
    await using first = new FfmpegPlayer(url);
    await using second = new FfmpegPlayer(url);
    await using saver = dump(url, directory.file("dump.flv"));
    // Three that ask for the stream before it is there.
    for (const nth of [1, 2, 3]) await server.line({ msg: "Connection accepted" }, { nth });
    await using publisher = publish(file, url);
    for (const nth of [1, 2, 3]) await server.line({ msg: "play started" }, { nth });
    // Well inside the second group of pictures.
    await Bun.sleep(3_000);
    await using third = new FfmpegPlayer(url);
    await publisher.success();

    for (const player of [first, second]) {
      expect(compare(await player.packets(), source)).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
    }
    await saver.success();
    const dumped = compare(await packetsOf(directory.file("dump.flv")), source);
    expect(dumped).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
    const late = compare(await third.packets(), source);
    expect(late.faults).toEqual([]);
    expect(late.firstVideo % 60).toBe(0);
    expect(late.firstVideo).toBeGreaterThanOrEqual(60);
    const [stopped] = server.matching({ msg: "publish stopped" });
    expect(stopped).toMatchObject({ stream_key: "live/test", reason: "client_stop" });
    for (const line of server.matching({ msg: "play stopped" })) expect(line.dropped_frames).toBe(0);
  });

  test("the log names the codecs of the stream", async () => {
    await using server = await Server.start();
    await using publisher = publish(await clip(), server.url("live/test"));
    expect(await server.line({ msg: "Video codec detected" })).toMatchObject({
      ...{ level: "INFO", stream_key: "live/test", codec: "H264", profile: "High", codec_level: "3.1" },
      ...{ resolution: "1280x720", framerate: 30 },
    });
    expect(await server.line({ msg: "Audio codec detected" })).toMatchObject({
      ...{ level: "INFO", stream_key: "live/test", codec: "AAC", sample_rate: 44100, channels: 1 },
    });
    publisher.kill("SIGTERM");
    await publisher.exit();
  });
});
