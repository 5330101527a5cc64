import { afterAll, beforeAll, describe, expect } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyBytes, joinBytes, toHex } from "../../src/base/bytes.ts";
import { FlvReader } from "../../src/flv/reader.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import type { Packet } from "../../src/media/packet.ts";
import { describeTrack } from "../../src/media/track.ts";
import { basicCredentials, challenges } from "../../src/rtsp/auth.ts";
import { parseAuthHeader } from "../../src/rtsp/auth-header.ts";
import { audioHeader, videoFramesHeader } from "../../src/rtsp/depacketise/flv-body.ts";
import { ac3FrameAt } from "../../src/rtsp/depacketise/frame-size.ts";
import { makeTrackReceiver } from "../../src/rtsp/depacketise/make-track-receiver.ts";
import type { TrackReceiver } from "../../src/rtsp/depacketise/track-receiver.ts";
import { digestClaim, isDigestOf, Nonces } from "../../src/rtsp/digest.ts";
import { MediaClock } from "../../src/rtsp/media-clock.ts";
import { encodeLeb128, type Obu, obuType, splitObus } from "../../src/rtsp/obu.ts";
import { makeOutgoingTrack } from "../../src/rtsp/packetise/make-packetiser.ts";
import { rtpPackets } from "../../src/rtsp/packetise/rtp-run.ts";
import { decodeRtcp, unixMsOfNtp } from "../../src/rtsp/rtcp.ts";
import { decodeRtp } from "../../src/rtsp/rtp.ts";
import { encodeSdp } from "../../src/rtsp/sdp.ts";
import { payloadTypeOf } from "../../src/rtsp/track-format.ts";
import { needsTool } from "../base/tool.ts";
import { type SmallSession, serveRtsp } from "./small-server.ts";
import { incoming, outgoing, packetOf, rtpOf } from "./tracks.ts";

// Encoded by FFmpeg, published by FFmpeg over RTSP to our depacketisers, sent by our packetisers, read by FFmpeg.

const test = needsTool("ffmpeg");

let folder = "";

const ffmpeg = async (...args: string[]): Promise<{ out: string; err: string }> => {
  const child = Bun.spawn(["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y", ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 30_000,
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  await child.exited;
  return { out, err };
};

const sources = [
  { name: "h264-b", file: "h264-b.mp4", options: "-c:v libx264 -bf 3 -g 12 -c:a aac" },
  {
    name: "h264-slices",
    file: "h264-slices.mp4",
    options: "-c:v libx264 -tune zerolatency -x264-params slices=4 -g 12 -c:a libopus",
  },
  {
    name: "h265",
    file: "h265.mp4",
    options: "-c:v libx265 -x265-params log-level=error -g 12 -c:a libmp3lame",
  },
  {
    name: "vp9",
    file: "vp9.mp4",
    options: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 12 -c:a libopus",
  },
] as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rtsp-ffmpeg-"));
  const inputs = "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000";
  for (const { file, options } of sources) {
    const { err } = await ffmpeg(
      ..."-t 2".split(" "),
      ...inputs.split(" ").toSpliced(4, 0, "-t", "2"),
      ...options.split(" "),
      "-pix_fmt",
      "yuv420p",
      "-ac",
      "2",
      join(folder, file),
    );
    expect(err).toBe("");
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Time in milliseconds and checksum of each packet of a file's stream. */
const packetsOf = async (
  file: string,
  stream: "v" | "a",
): Promise<{ pts: number; dts: number; crc: string }[]> => {
  const { out } = await ffmpeg(
    "-i",
    join(folder, file),
    "-map",
    `0:${stream}`,
    "-c",
    "copy",
    "-f",
    "framehash",
    "-hash",
    "crc32",
    "-",
  );
  const timeBase = /#tb 0: (\d+)\/(\d+)/.exec(out);
  const unit = (1000 * Number(timeBase?.[1])) / Number(timeBase?.[2]);
  return out
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",").map((field) => field.trim()))
    .map(([, dts, pts, , , crc = ""]) => ({ pts: Number(pts) * unit, dts: Number(dts) * unit, crc }));
};

type Received = { pts: number; dts: number; crc: string; role: string; packet: Packet };

/** What a publisher's RTP becomes, by kind of track. */
const publish = async (file: string): Promise<Record<"audio" | "video", Received[]>> => {
  const seen: Record<"audio" | "video", Received[]> = { audio: [], video: [] };
  const clock = new MediaClock();
  const receivers: TrackReceiver[] = [];
  using server = serveRtsp({
    announced: ({ medias }) => {
      for (const media of medias) receivers.push(makeTrackReceiver(media, clock)!);
    },
    received: ({ channel, payload }) => {
      const receiver = receivers[channel >> 1]!;
      if (channel & 1) {
        for (const each of decodeRtcp(payload)) {
          if (each.kind === "senderReport") receiver.clock.report(each.rtpTime, unixMsOfNtp(each));
        }
        return;
      }
      for (const { kind, timestamp, body } of receiver.receive(decodeRtp(payload), performance.now())) {
        const packet = packetOf(kind, body, timestamp);
        const composition = kind === "video" ? (readVideoHeader(body)?.compositionTimeMs ?? 0) : 0;
        const data = body.subarray(packet.dataOffset);
        seen[kind].push({
          dts: timestamp,
          pts: timestamp + composition,
          crc: Bun.hash.crc32(data).toString(16).padStart(8, "0"),
          role: packet.role,
          packet,
        });
      }
    },
  });
  const strict = file.startsWith("vp9") ? ["-strict", "experimental"] : [];
  const { err } = await ffmpeg(
    "-i",
    join(folder, file),
    "-c",
    "copy",
    ...strict,
    "-f",
    "rtsp",
    "-rtsp_transport",
    "tcp",
    `rtsp://127.0.0.1:${server.port}/live`,
  );
  expect(err).toBe("");
  return seen;
};

describe("what FFmpeg publishes", () => {
  for (const { name, file } of sources) {
    test(`${name}: arrives byte for byte, at its times, audio and video together`, async () => {
      const seen = await publish(file);
      const offsets: number[] = [];
      for (const kind of ["video", "audio"] as const) {
        const expected = await packetsOf(file, kind === "video" ? "v" : "a");
        const frames = seen[kind].filter(({ role }) => role !== "config");
        // FFmpeg gathers small frames of sound in one packet, and keeps the last such packet at its end.
        const count = kind === "audio" ? frames.length : expected.length;
        expect(expected.length - frames.length).toBeLessThan(kind === "audio" ? 8 : 1);
        expect(frames.map(({ crc }) => crc)).toEqual(expected.slice(0, count).map(({ crc }) => crc));
        const first = expected[0]!.pts;
        const start = frames[0]!.pts;
        offsets.push(start - first);
        for (const [index, { pts, dts }] of frames.entries()) {
          const want = expected[index]!;
          expect(Math.abs(pts - start - (want.pts - first))).toBeLessThanOrEqual(1);
          expect(dts).toBeLessThanOrEqual(pts);
          if (index > 0) expect(dts).toBeGreaterThanOrEqual(frames[index - 1]!.dts);
          if (kind === "video") expect(Math.abs(pts - dts - (want.pts - want.dts))).toBeLessThanOrEqual(1);
        }
      }
      expect(Math.abs(offsets[0]! - offsets[1]!)).toBeLessThanOrEqual(2);
    }, 30_000);
  }
});

/** The packets of an FLV file, as a publisher would bring them over RTMP. */
const flvPackets = async (path: string): Promise<Packet[]> => {
  const reader = new FlvReader();
  reader.receive(copyBytes(new Uint8Array(await Bun.file(path).arrayBuffer())));
  const packets: Packet[] = [];
  for (let tag = reader.next(); tag; tag = reader.next()) {
    if (tag.type !== 18)
      packets.push(packetOf(tag.type === 9 ? "video" : "audio", tag.payload, tag.timestamp));
  }
  return packets;
};

/** Serves packets to one client after the other. */
const servePackets = (
  packets: readonly Packet[],
  more: Pick<SmallSession, "refused"> = {},
): ReturnType<typeof serveRtsp> => {
  const kinds = (["video", "audio"] as const).filter((kind) =>
    packets.some((packet) => packet.kind === kind),
  );
  const tracks = kinds.map((kind, index) => {
    const own = packets.filter((packet) => packet.kind === kind);
    const first = own.find(({ role }) => role === "config") ?? own[0]!;
    const codec = first.codec!;
    const payloadType = payloadTypeOf(codec, { index });
    const config = first.payload.subarray(first.dataOffset);
    return { kind, control: `trackID=${index}`, ...makeOutgoingTrack({ codec, config, payloadType })! };
  });
  const sequences = [65530, 3];
  return serveRtsp({
    ...more,
    sdp: encodeSdp({ tracks }),
    played: () =>
      packets.map((packet) => {
        const index = kinds.indexOf(packet.kind as "audio");
        const { packetiser } = tracks[index]!;
        const run = rtpPackets(packetiser.packetise(packet, 1400), {
          payloadType: packetiser.payloadType,
          ssrc: index + 1,
          sequence: sequences[index]!,
          timestampOffset: 0xffff0000,
          channel: 2 * index,
        });
        sequences[index] = (sequences[index]! + run.packets) & 0xffff;
        return run.bytes;
      }),
  });
};

/** Checksums of the pictures or of the sound of an input, decoded. */
const decoded = async (kind: "v" | "a", ...input: string[]): Promise<string[]> => {
  const { out } = await ffmpeg(...input, "-map", `0:${kind}`, ..."-f framehash -hash crc32 -".split(" "));
  return out
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",").at(-1)!.trim());
};

const reading = (port: number): string[] => [
  "-rtsp_transport",
  "tcp",
  "-i",
  `rtsp://127.0.0.1:${port}/live/a`,
];

describe("what we send", () => {
  test("of an RTMP stream, FFmpeg decodes to the very same pictures and sound, B-frames in their places", async () => {
    const path = join(folder, "out.flv");
    await ffmpeg("-i", join(folder, "h264-b.mp4"), "-c", "copy", path);
    using server = servePackets(await flvPackets(path));
    for (const kind of ["v", "a"] as const) {
      const expected = await decoded(kind, "-i", path);
      expect(expected.length).toBeGreaterThan(40);
      expect(await decoded(kind, ...reading(server.port))).toEqual(expected);
    }
  }, 30_000);

  for (const { name, file } of sources) {
    test(`of ${name} that came over RTSP, FFmpeg decodes to the same pictures and sound`, async () => {
      const seen = await publish(file);
      const packets = [...seen.video, ...seen.audio].map(({ packet }) => packet);
      using server = servePackets(packets.sort((a, b) => a.timestamp - b.timestamp));
      expect(await decoded("v", ...reading(server.port))).toEqual(
        await decoded("v", "-i", join(folder, file)),
      );
      const sound = await decoded("a", ...reading(server.port));
      const whole = await decoded("a", "-i", join(folder, file));
      expect(sound.length).toBeGreaterThan(whole.length - 10);
    }, 30_000);
  }

  for (const methods of [["basic"], ["digest"], ["basic", "digest"]] as const) {
    test(`FFmpeg gets with a password, asked for by ${methods.join(" and ")}`, async () => {
      const path = join(folder, "locked.flv");
      await ffmpeg("-i", join(folder, "h264-b.mp4"), "-c", "copy", path);
      const nonces = new Nonces(new Uint8Array(16).fill(3), 60_000);
      const offer = { methods, realm: "here", nonce: nonces.issue(1000) };
      const schemes = new Set<string>();
      using server = servePackets(await flvPackets(path), {
        refused: ({ method, url, headers }) => {
          const header = parseAuthHeader(headers.get("Authorization") ?? "");
          if (method === "OPTIONS") return [];
          if (!header) return challenges(offer);
          schemes.add(header.scheme);
          const basic = basicCredentials(header);
          if (basic) return basic.user === "me" && basic.password === "pa ss" ? [] : challenges(offer);
          const isFresh = nonces.check(digestClaim(header)?.nonce ?? "", 2000) === "fresh";
          const expected = { password: "pa ss", realm: "here", method, url };
          return isFresh && isDigestOf(header, expected) ? [] : challenges(offer);
        },
      });
      const as = (user: string): string[] =>
        reading(server.port).map((each) => each.replace("//", `//${user}@`));
      expect((await decoded("v", ...as("me:pa%20ss"))).length).toBeGreaterThan(40);
      expect([...schemes]).toEqual([methods.includes("digest" as never) ? "digest" : "basic"]);
      expect(await decoded("v", ...as("me:wrong"))).toEqual([]);
    }, 30_000);
  }

  // FFmpeg does not read E-AC-3 from RTP.
  test("of AC-3, FFmpeg decodes to the same sound", async () => {
    const path = join(folder, "sound.ac3");
    await ffmpeg(..."-f lavfi -i sine=frequency=440:sample_rate=48000 -t 2 -ac 2 -b:a 448k".split(" "), path);
    const bytes = new Uint8Array(await Bun.file(path).arrayBuffer());
    const packets: Packet[] = [];
    for (let at = 0; at < bytes.length; ) {
      const frame = ac3FrameAt(bytes.subarray(at))!;
      const body = joinBytes([audioHeader("AC3", 1), bytes.subarray(at, at + frame.bytes)]);
      packets.push(packetOf("audio", body, packets.length * 32));
      at += frame.bytes;
    }
    using server = servePackets(packets);
    const sound = await decoded("a", ...reading(server.port));
    expect(sound).toEqual((await decoded("a", "-i", path)).slice(0, sound.length));
    expect(sound.length).toBe(packets.length);
  }, 30_000);

  // FFmpeg 5 reads no AV1 from RTP: what comes back from our own depacketiser is given to it as a file.
  test("of AV1 comes back as an encoder wrote it", async () => {
    const path = join(folder, "source.obu");
    const options = "-c:v libaom-av1 -cpu-used 8 -lag-in-frames 8 -g 10 -pix_fmt yuv420p";
    await ffmpeg(..."-f lavfi -i testsrc2=size=160x90:rate=25 -t 1".split(" "), ...options.split(" "), path);
    const units: Obu[][] = [];
    for (const obu of splitObus(new Uint8Array(await Bun.file(path).arrayBuffer()))) {
      if (obu.type === obuType.temporalDelimiter) units.push([]);
      else units.at(-1)?.push(obu);
    }
    const packets = units.map((obus, index) => {
      const isKey = obus.some(({ type }) => type === obuType.sequenceHeader);
      return packetOf(
        "video",
        joinBytes([videoFramesHeader("AV1", isKey, 0), ...obus.flatMap(sized)]),
        index * 40,
      );
    });
    const depacketiser = incoming("AV1");
    const track = outgoing("AV1");
    const back = rtpOf(track, packets, { maxPayload: 200 }).flatMap((packet) => depacketiser.receive(packet));
    expect(back.map((unit) => toHex(depacketiser.body(unit, 0)))).toEqual(
      packets.map(({ payload }) => toHex(payload)),
    );
    expect(describeTrack("AV1", depacketiser.config!.subarray(5))).toMatchObject({
      width: 160,
      height: 90,
      bitDepth: 8,
    });
    const again = join(folder, "again.obu");
    const delimiter = new Uint8Array([0x12, 0]);
    await Bun.write(
      again,
      joinBytes(back.flatMap((unit) => [delimiter, depacketiser.body(unit, 0).subarray(5)])),
    );
    expect((await decoded("v", "-i", again)).length).toBe(25);
    expect(await decoded("v", "-i", again)).toEqual(await decoded("v", "-i", path));
  }, 30_000);
});

/** An OBU with its size, as files and FLV have it. */
const sized = ({ header, payload }: Obu): Uint8Array[] => [
  new Uint8Array([header[0]! | 2, ...header.subarray(1)]),
  encodeLeb128(payload.length),
  payload,
];
