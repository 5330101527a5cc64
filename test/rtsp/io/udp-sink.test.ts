import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import type { HostPort } from "../../../src/base/host-port.ts";
import type { UdpFlow, UdpPorts } from "../../../src/rtsp/io/udp-ports.ts";
import { UdpSink } from "../../../src/rtsp/io/udp-sink.ts";
import { encodeInterleaved } from "../../../src/rtsp/message.ts";
import { FakeClock } from "../../base/fake-clock.ts";

const at = (port: number): HostPort => ({ host: "192.0.2.7", port });

/** Ports that write down what is sent, and take as many datagrams as a test lets them. */
class Ports {
  readonly sent: string[] = [];
  room = Number.POSITIVE_INFINITY;
  readonly waiting: (() => void)[] = [];

  send(flow: UdpFlow, peer: HostPort, datagrams: readonly Uint8Array[]): number {
    const taken = datagrams.slice(0, this.room);
    this.room -= taken.length;
    for (const datagram of taken) this.sent.push(`${flow} ${peer.port} ${datagram[0]}x${datagram.length}`);
    return taken.length;
  }

  whenRoom(proceed: () => void): void {
    this.waiting.push(proceed);
  }
}

const open = () => {
  const clock = new FakeClock();
  const ports = new Ports();
  const calls: string[] = [];
  const sink = new UdpSink({
    ports: ports as unknown as UdpPorts,
    targets: [{ rtp: at(10), rtcp: at(11) }, undefined, { rtp: at(30), rtcp: at(31) }],
    clock,
    drained: () => calls.push("drained"),
  });
  return { clock, ports, calls, sink };
};

const packet = (channel: number, fill: number, size = 100): Uint8Array =>
  encodeInterleaved(channel, new Uint8Array(size).fill(fill));

describe("what is framed for TCP", () => {
  test("leaves as datagrams for each track's ports, in order; what nobody set up is left out", () => {
    const { ports, sink } = open();
    const bytes = joinBytes([
      packet(0, 1),
      packet(0, 2),
      packet(2, 3),
      packet(1, 4, 8),
      packet(4, 5),
      packet(5, 6, 8),
    ]);
    expect(sink.write(bytes)).toBe(bytes.length);
    expect(ports.sent).toEqual([
      "rtp 10 1x100",
      "rtp 10 2x100",
      "rtcp 11 4x8",
      "rtp 30 5x100",
      "rtcp 31 6x8",
    ]);
  });

  test("is taken as far as the system takes it, in whole packets, and goes on when there is room", () => {
    const { ports, calls, sink } = open();
    ports.room = 2;
    const bytes = joinBytes([packet(0, 1), packet(0, 2), packet(0, 3)]);
    expect(sink.write(bytes)).toBe(208);
    expect(ports.waiting.length).toBe(1);
    ports.waiting[0]!();
    expect(calls).toEqual(["drained"]);
  });

  test("leaves no faster than a receiver can follow", () => {
    const { clock, ports, calls, sink } = open();
    const bytes = joinBytes([...Array(200).keys()].map((index) => packet(0, index, 1_000)));
    const taken = sink.write(bytes);
    expect(taken % 1_004).toBe(0);
    expect(taken).toBeLessThan(70_000);
    expect(sink.write(bytes.subarray(taken))).toBe(0);
    expect(clock.timers).toBe(1);
    clock.advance(2);
    expect(calls).toEqual(["drained"]);
    expect(sink.write(bytes.subarray(taken))).toBeGreaterThan(30_000);
    expect(ports.sent.map((line) => Number(/(\d+)x/.exec(line)?.[1]))).toEqual([...ports.sent.keys()]);
  });

  test("goes nowhere once it is closed, and nobody is called", () => {
    const { clock, calls, sink } = open();
    sink.write(joinBytes([...Array(100).keys()].map(() => packet(0, 1, 1_000))));
    sink.write(packet(0, 1));
    sink.close();
    clock.advance(10);
    expect(calls).toEqual([]);
    expect(clock.timers).toBe(0);
    expect(sink.write(packet(0, 1))).toBe(-1);
  });
});
