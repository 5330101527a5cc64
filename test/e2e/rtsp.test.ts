import { describe, expect } from "bun:test";
import { RtspStation } from "../rtsp/io/rtsp-station.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { type PacketLine, packetsOf } from "./harness/packets.ts";
import {
  publishRtsp,
  type RtspPacket,
  RtspReaderProgram,
  receptionFaults,
  rtspPacketsOf,
} from "./harness/rtsp.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "ffprobe");

const timed = ({ flow, pts, body }: PacketLine): RtspPacket => ({ flow, ptsMs: pts, body });

describe("FFmpeg", () => {
  for (const lower of ["tcp", "udp"] as const) {
    test(`reads by ${lower} what was published by RTMP, every byte, and ends with the stream`, async () => {
      using station = new RtspStation();
      const file = await shortClip();
      await using _publisher = publish(file, station.rtmp("live/a"));
      await station.event("streamAvailable");
      await using reader = new RtspReaderProgram(station.rtsp("live/a"), lower);
      const packets = await reader.packets();
      expect(receptionFaults(packets, await rtspPacketsOf(file), { apartMs: 2 })).toEqual([]);
      expect(station.events).toContainEqual(
        expect.objectContaining({ kind: "playStopped", reason: "unpublished" }),
      );
    });

    test(`publishes by ${lower}, and RTMP players get every byte with the times that it had`, async () => {
      using station = new RtspStation();
      const file = await shortClip();
      await using player = new FfmpegPlayer(station.rtmp("live/a"));
      await station.event("connected");
      await using publisher = publishRtsp(file, station.rtsp("live/a"), lower);
      await publisher.success();
      const got = (await player.packets()).map(timed);
      const source = (await packetsOf(file)).map(timed);
      // FFmpeg keeps the sound that does not fill its last packet.
      expect(receptionFaults(got, source, { apartMs: 2, mayMissAtEnd: 4 })).toEqual([]);
    });
  }
});
