import { describe, expect } from "bun:test";
import type { Passwords } from "../../src/rtsp/io/session-context.ts";
import type { Access } from "../../src/stream/admission.ts";
import { RtspStation } from "../rtsp/io/rtsp-station.ts";
import { Certificate } from "./harness/certificate.ts";
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
      await station.event("playStarted");
      // Who comes later begins with what is cached, in the numbers that everybody else has.
      await using later = new RtspReaderProgram(station.rtsp("live/a"), lower);
      const source = await rtspPacketsOf(file);
      for (const each of [reader, later])
        expect(receptionFaults(await each.packets(), source, { apartMs: 2 })).toEqual([]);
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

  test("reads and publishes by RTSPS", async () => {
    using certificate = await Certificate.make();
    const tls = {
      cert: await Bun.file(certificate.cert).text(),
      key: await Bun.file(certificate.key).text(),
    };
    using station = new RtspStation({ tls });
    const file = await shortClip();
    await using publisher = publishRtsp(file, station.rtsps("live/a"), "tcp");
    await station.event("streamAvailable");
    await using reader = new RtspReaderProgram(station.rtsps("live/a"), "tcp");
    await publisher.success();
    const faults = receptionFaults(await reader.packets(), await rtspPacketsOf(file), {
      apartMs: 2,
      mayMissAtEnd: 4,
    });
    expect(faults).toEqual([]);
    const started = station.events.find(({ kind }) => kind === "publishStarted");
    expect(started).toMatchObject({ peer: { kind: "rtspsSession" } });
  });

  for (const method of ["basic", "digest"] as const)
    test(`shows user and password as ${method}`, async () => {
      const access: Access = {
        decide: ({ credentials: { user, password } }) =>
          user === "u" && password === "p"
            ? { isAllowed: true, user }
            : { isAllowed: false, reason: user === "" ? "missing" : "denied", message: "no", delayMs: 0 },
      };
      const passwords: Passwords = {
        passwordsOf: (user) => (user === "u" ? ["p"] : []),
        isLocked: () => false,
        refuseWrong: (_request, message) => ({ isAllowed: false, reason: "denied", message, delayMs: 0 }),
      };
      using station = new RtspStation({ rtsp: { authMethods: [method] }, context: { access, passwords } });
      const file = await shortClip();
      const url = station.rtsp("live/a").replace("//", "//u:p@");
      await using publisher = publishRtsp(file, url, "tcp");
      await station.event("streamAvailable");
      await using reader = new RtspReaderProgram(url, "tcp");
      await using stranger = new RtspReaderProgram(station.rtsp("live/a"), "tcp");
      expect(stranger.packets()).rejects.toThrow("401");
      await publisher.success();
      expect((await reader.packets()).length).toBeGreaterThan(100);
    });
});
