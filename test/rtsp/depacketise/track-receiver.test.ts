import { describe, expect, test } from "bun:test";
import { fromHex, share, toHex } from "../../../src/base/bytes.ts";
import { makeTrackReceiver } from "../../../src/rtsp/depacketise/make-track-receiver.ts";
import { TrackReceiver } from "../../../src/rtsp/depacketise/track-receiver.ts";
import { MediaClock } from "../../../src/rtsp/media-clock.ts";
import type { RtpPacket } from "../../../src/rtsp/rtp.ts";
import { parseSdp } from "../../../src/rtsp/sdp.ts";
import { codeOf } from "../../base/code-of.ts";
import { configFor, incoming } from "../tracks.ts";

const receiverOf = (codec: "H264" | "AAC", config = configFor(codec)): TrackReceiver => {
  const depacketiser = incoming(codec, config);
  return new TrackReceiver({
    depacketiser,
    clock: new MediaClock().track(depacketiser.clockRate),
    payloadType: 96,
  });
};

const packet = (sequence: number, hex: string, more: Partial<RtpPacket> = {}): RtpPacket => ({
  payloadType: 96,
  marker: true,
  sequence,
  timestamp: sequence * 3600,
  ssrc: 1,
  payload: share(fromHex(hex)),
  ...more,
});

const key = "65888400";
const slice = "419a0102";

const seenOf = (receiver: TrackReceiver, packets: readonly RtpPacket[]): string[] =>
  packets.flatMap((each) =>
    receiver.receive(each, 0).map(({ timestamp, body }) => `${timestamp} ${toHex(body)}`),
  );

const config = `17000000 00${toHex(configFor("H264")!)}`.replaceAll(" ", "");

describe("a track that is received", () => {
  test("begins with its configuration and a key frame", () => {
    const receiver = receiverOf("H264");
    // The fixture reorders by two pictures: decoding runs 80 ms ahead of presentation.
    expect(seenOf(receiver, [packet(0, slice), packet(1, key), packet(2, slice)])).toEqual([
      `920 ${config}`,
      `920 1701000050 00000004${key}`.replace("50 ", "50"),
      `960 2701000050 00000004${slice}`.replace("50 ", "50"),
    ]);
    expect(receiver.dropped).toBe(1);
  });

  test("waits for a key frame behind a loss", () => {
    const receiver = receiverOf("H264");
    const seen = seenOf(receiver, [
      packet(0, key),
      packet(2, slice),
      packet(3, slice),
      packet(4, key),
      packet(5, slice),
    ]);
    expect(seen.map((each) => each.split(" ")[1]!.substring(0, 4))).toEqual(["1700", "1701", "1701", "2701"]);
    expect(receiver.dropped).toBe(2);
  });

  test("goes on with a key frame that lost nothing itself", () => {
    const seen = seenOf(receiverOf("H264"), [packet(0, key), packet(5, key)]);
    expect(seen).toHaveLength(3);
  });

  test("waits for a key frame behind a payload that cannot be read", () => {
    const receiver = receiverOf("H264");
    seenOf(receiver, [packet(0, key)]);
    expect(codeOf(() => receiver.receive(packet(1, "78ffff00"), 0))).toBe("RTP_PACKET");
    expect(seenOf(receiver, [packet(2, slice)])).toEqual([]);
    expect(seenOf(receiver, [packet(3, key)])).toHaveLength(1);
  });

  test("says a new configuration in front of the picture that needs it, and the same one not again", () => {
    const receiver = receiverOf("H264");
    const sps = "67640029acd940780227e5c044000003000400000300f03c60c658";
    const other = "68ebe3cb22c1";
    const sets = (pps: string): string => `78001b${sps}0006${pps}`;
    const unit = (sequence: number, pps: string): RtpPacket[] => [
      packet(sequence, sets(pps), { timestamp: sequence * 3600, marker: false }),
      packet(sequence + 1, key, { timestamp: sequence * 3600 }),
    ];
    expect(seenOf(receiver, unit(0, "68ebe3cb22c0"))).toHaveLength(2);
    expect(seenOf(receiver, unit(2, "68ebe3cb22c0"))).toHaveLength(1);
    const changed = seenOf(receiver, unit(4, other));
    expect(changed).toHaveLength(2);
    expect(changed[0]).toContain(other);
    expect(seenOf(receiver, unit(6, other))).toHaveLength(1);
  });

  test("without a configuration waits for the one in the stream", () => {
    const receiver = receiverOf("H264", new Uint8Array());
    expect(seenOf(receiver, [packet(0, key)])).toEqual([]);
    const sets = "78001b67640029acd940780227e5c044000003000400000300f03c60c658000668ebe3cb22c0";
    const packets = [
      // As some cameras do it: each by itself, each with a marker.
      packet(1, sets, { timestamp: 9 }),
      packet(2, key, { timestamp: 9 }),
    ];
    expect(seenOf(receiver, packets).map((each) => each.split(" ")[1]!.substring(0, 4))).toEqual([
      "1700",
      "1701",
    ]);
  });

  test("is described by the parameter sets it has now, though they come under another id", () => {
    const receiver = receiverOf("H264");
    // The fixture's SPS and PPS with id 1 in place of 0, and another level.
    const sps = "6764002a4acd940780227e5c044000003000400000300f03c60c658";
    const sets = `78001b${`${sps}0`.substring(0, 54)}0006684be3cb22c0`;
    const packets = [packet(0, sets, { timestamp: 1, marker: false }), packet(1, key, { timestamp: 1 })];
    const [first = ""] = seenOf(receiver, packets);
    expect(first.split(" ")[1]).toStartWith("17000000000164002affe2001b6764002a");
  });

  test("of a rolling refresh begins with a recovery point", () => {
    const receiver = receiverOf("H264");
    const packets = [
      packet(0, "0605 01aa 80", { timestamp: 1, marker: false }),
      packet(1, slice, { timestamp: 1 }),
      packet(2, "0605 01aa 0601 84 80", { timestamp: 2, marker: false }),
      packet(3, slice, { timestamp: 2 }),
    ];
    const seen = seenOf(receiver, packets);
    expect(seen.map((each) => each.split(" ")[1]!.substring(0, 4))).toEqual(["1700", "1701"]);
  });

  test("of sound goes on behind a loss", () => {
    const receiver = receiverOf("AAC");
    const seen = seenOf(receiver, [
      packet(0, "00100018211004"),
      packet(7, "00100018211004", { timestamp: 9600 }),
    ]);
    expect(seen.map((each) => each.substring(0, 9))).toEqual(["1000 af00", "1000 af01", "1200 af01"]);
  });

  test("of sound gives each of several frames its time", () => {
    const seen = seenOf(receiverOf("AAC"), [packet(0, "0020 0010 0018 aabb 211004", { timestamp: 0 })]);
    expect(seen).toEqual(["1000 af00119056e500", "1000 af01aabb", "1021 af01211004"]);
  });
});

test("packets of another payload type are passed over", () => {
  expect(seenOf(receiverOf("H264"), [packet(0, key, { payloadType: 13 })])).toEqual([]);
});

describe("the receiver of a medium", () => {
  test("is made for the first format that is read", () => {
    const of = (lines: string) => {
      const [media] = parseSdp(`v=0\n${lines}`).medias;
      return makeTrackReceiver(media!, new MediaClock())?.codec;
    };
    expect(of("m=video 0 RTP/AVP 99 96\na=rtpmap:99 X/90000\na=rtpmap:96 H264/90000\n")).toBe("H264");
    expect(of("m=audio 0 RTP/AVP 9 8 0\n")).toBe("G711A");
    expect(of("m=audio 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n")).toBeUndefined();
    expect(of("m=audio 0 RTP/AVP 96\na=rtpmap:96 MPEG4-GENERIC/1/2\n")).toBeUndefined();
    expect(
      of("m=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\na=fmtp:96 sprop-max-don-diff=1\n"),
    ).toBeUndefined();
  });
});

describe("pictures without a marker", () => {
  test("end where the next begins", () => {
    const receiver = receiverOf("H264");
    const packets = [packet(0, key), packet(1, slice), packet(2, slice)].map((each) => ({
      ...each,
      marker: false,
    }));
    expect(seenOf(receiver, packets)).toHaveLength(3);
  });
});
