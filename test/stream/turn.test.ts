import { describe, expect, test } from "bun:test";
import { share } from "../../src/base/bytes.ts";
import { Packet, type PacketKind, type PacketRole } from "../../src/media/packet.ts";
import { Turn } from "../../src/stream/turn.ts";

const packet = (kind: PacketKind, role: PacketRole = "frame"): Packet =>
  new Packet({ kind, role, codec: undefined, trackId: 0, dataOffset: 0 }, 0, share(new Uint8Array(4)));

/** A turn in which pictures flow: one came at 1,000 ms and was handed on. */
const flowing = (isLowLatency = false): Turn => {
  const turn = new Turn(isLowLatency);
  turn.push(packet("video", "key"), 1_000);
  turn.take();
  return turn;
};

describe("a turn", () => {
  test("lets audio wait for the next picture, and hands both on together", () => {
    const turn = flowing();
    turn.push(packet("audio"), 1_010);
    expect(turn.mayWait).toBe(true);
    turn.push(packet("video"), 1_033);
    expect(turn.mayWait).toBe(false);
    expect(turn.take().map(({ kind }) => kind)).toEqual(["audio", "video"]);
  });

  test("lets audio wait for less than 40 ms where no picture comes", () => {
    const turn = flowing();
    turn.push(packet("audio"), 1_010);
    turn.push(packet("audio"), 1_049);
    expect(turn.mayWait).toBe(true);
    turn.push(packet("audio"), 1_050);
    expect(turn.mayWait).toBe(false);
    expect(turn.take()).toHaveLength(3);
  });

  test("lets nothing wait where there is no video, or none any more", () => {
    const silent = new Turn(false);
    silent.push(packet("audio"), 1_000);
    expect(silent.mayWait).toBe(false);
    const stalled = flowing();
    stalled.push(packet("audio"), 1_120);
    expect(stalled.mayWait).toBe(false);
  });

  test("lets only frames of audio wait", () => {
    for (const urgent of [packet("audio", "config"), packet("data", "metadata"), packet("video")]) {
      const turn = flowing();
      turn.push(urgent, 1_010);
      expect(turn.mayWait).toBe(false);
    }
  });

  test("lets nothing wait where low latency is asked for", () => {
    const turn = flowing(true);
    turn.push(packet("audio"), 1_010);
    expect(turn.mayWait).toBe(false);
  });
});
