import { describe, expect, test } from "bun:test";
import { share, toHex } from "../../src/base/bytes.ts";
import { Packet } from "../../src/media/packet.ts";
import { StreamHeaders } from "../../src/stream/headers.ts";
import { type PacketWish, packet } from "./packets.ts";

const config = (kind: "audio" | "video", fill: number, more: PacketWish = {}) =>
  packet({ kind, role: "config", codec: kind === "video" ? "H264" : "AAC", fill, ...more });
const metadata = (fill: number, more: PacketWish = {}) =>
  packet({ kind: "data", role: "metadata", fill, ...more });

describe("stream headers", () => {
  test("come as metadata, video, audio, then what the flows say of themselves, with one time", () => {
    const headers = new StreamHeaders();
    headers.keepMetadata(metadata(9, { kind: "video", time: 5 }));
    headers.keepConfig(config("audio", 2, { time: 7 }));
    headers.keepConfig(config("video", 3, { track: 1 }));
    headers.keepConfig(config("video", 1));
    headers.keepMetadata(metadata(4));
    expect(
      headers.packets(1234).map(({ kind, role, payload, timestamp }) => [kind, role, payload[0], timestamp]),
    ).toEqual([
      ["data", "metadata", 4, 1234],
      ["video", "config", 3, 1234],
      ["video", "config", 1, 1234],
      ["audio", "config", 2, 1234],
      ["video", "metadata", 9, 1234],
    ]);
  });

  test("are copies that do not keep the read alive they came in", () => {
    const read = new Uint8Array(500_000).fill(7);
    const headers = new StreamHeaders();
    headers.keepConfig(new Packet(config("video", 0), 0, share(read.subarray(10, 20))));
    const [kept] = headers.packets(0);
    expect(kept?.payload.buffer.byteLength).toBe(10);
    expect(toHex(kept!.payload)).toBe("07".repeat(10));
  });

  test("tell a new configuration from a repeated one, by its bytes", () => {
    const headers = new StreamHeaders();
    expect(headers.keepConfig(config("video", 1))).toMatchObject({ kind: "video", codec: "H264" });
    expect(headers.keepConfig(config("video", 1))).toBeUndefined();
    expect(headers.keepConfig(config("video", 2))).toMatchObject({ kind: "video", codec: "H264" });
    expect(headers.packets(0)).toHaveLength(1);
  });

  test("keep the newest metadata, and say whether it is news", () => {
    const headers = new StreamHeaders();
    expect([
      headers.keepMetadata(metadata(1)),
      headers.keepMetadata(metadata(1)),
      headers.keepMetadata(metadata(2)),
    ]).toEqual([true, false, true]);
    expect(headers.packets(0).map(({ payload }) => payload[0])).toEqual([2]);
    headers.clearMetadata();
    expect(headers.packets(0)).toEqual([]);
  });

  test("do not keep metadata of more than 64 KiB", () => {
    const headers = new StreamHeaders();
    expect(headers.keepMetadata(metadata(1, { size: 64 * 1024 + 1 }))).toBe(false);
    expect(headers.packets(0)).toEqual([]);
  });

  test("are bounded in number", () => {
    const headers = new StreamHeaders();
    for (let track = 0; track < 256; track++) {
      headers.keepConfig(config("video", 1, { track }));
      headers.keepMetadata(metadata(1, { kind: "video", track }));
    }
    expect(headers.packets(0)).toHaveLength(128);
  });

  test("learn a codec that has no configuration from its first frame, once", () => {
    const headers = new StreamHeaders();
    const frame = packet({ kind: "audio", codec: "G711A" });
    expect(headers.isNewCodec(frame)).toBe(true);
    expect(headers.learn(frame)).toMatchObject({ kind: "audio", codec: "G711A" });
    expect(headers.isNewCodec(frame)).toBe(false);
    expect(headers.isNewCodec(packet({ kind: "audio", codec: "MP3" }))).toBe(true);
  });

  test("take frames labelled H264 for those of the HEVC they were configured as", () => {
    const headers = new StreamHeaders();
    headers.keepConfig(config("video", 1, { codec: "H265" }));
    expect(headers.isNewCodec(packet({ codec: "H264" }))).toBe(false);
  });

  test("forget everything", () => {
    const headers = new StreamHeaders();
    headers.keepConfig(config("video", 1));
    headers.keepMetadata(metadata(1));
    headers.clear();
    expect({ packets: headers.packets(0), tracks: headers.tracks }).toEqual({ packets: [], tracks: [] });
    expect(headers.keepConfig(config("video", 1))).toBeDefined();
  });
});
