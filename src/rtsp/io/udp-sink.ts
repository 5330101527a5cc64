import type { HostPort } from "../../base/host-port.ts";
import type { Cancel, Clock } from "../../base/time.ts";
import type { ByteSink } from "../../stream/outbox.ts";
import type { UdpFlow, UdpPorts } from "./udp-ports.ts";

/** Where the media of one track and the reports about it go. */
export interface UdpTarget {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
}

/**
 * What may leave at once, in bytes, and how many follow in each millisecond. A socket takes a whole group of pictures, and its receiver,
 * whose buffer is some 200 KiB with everything the system adds, loses half of it.
 */
const burstBytes = 64 * 1024;
const bytesPerMs = 16 * 1024;

/** How long is waited for more room in the budget, in milliseconds. */
const pauseMs = 2;

const prefixBytes = 4;

/**
 * Sends what is framed for RTSP over TCP (`$`, channel, length, packet) as datagrams instead: channel 2n are the packets of track n,
 * channel 2n + 1 the reports about it. Takes whole packets only, and at a pace that a receiver can follow.
 */
export class UdpSink implements ByteSink {
  readonly #ports: UdpPorts;
  readonly #targets: readonly (UdpTarget | undefined)[];
  readonly #clock: Clock;
  readonly #proceed: () => void;
  #budget = burstBytes;
  #refilledAt: number;
  #cancelPause: Cancel | undefined;
  #isClosed = false;

  /** `targets` are by track; `drained` is called when there is room again after something was not taken. */
  constructor(options: {
    ports: UdpPorts;
    targets: readonly (UdpTarget | undefined)[];
    clock: Clock;
    drained: () => void;
  }) {
    this.#ports = options.ports;
    this.#targets = options.targets;
    this.#clock = options.clock;
    this.#proceed = () => {
      if (!this.#isClosed) options.drained();
    };
    this.#refilledAt = options.clock.now();
  }

  write(bytes: Uint8Array): number {
    if (this.#isClosed) return -1;
    this.#refill();
    let sent = 0;
    while (sent < bytes.length) {
      const run = this.#run(bytes, sent);
      if (run.end === sent) {
        this.#pause();
        return sent;
      }
      const { target } = run;
      if (target) {
        const taken = this.#ports.send(run.flow, target, run.packets);
        const end = sent + sizeOf(run.packets, taken);
        this.#budget -= end - sent;
        if (taken < run.packets.length) {
          this.#ports.whenRoom(this.#proceed);
          return end;
        }
      }
      sent = run.end;
    }
    return sent;
  }

  /** Sends nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelPause?.();
  }

  /** Packets from `from` on that go to one and the same place, as far as the budget reaches. */
  #run(
    bytes: Uint8Array,
    from: number,
  ): {
    readonly flow: UdpFlow;
    readonly target: HostPort | undefined;
    readonly packets: Uint8Array[];
    readonly end: number;
  } {
    const channel = bytes[from + 1] ?? 0;
    const flow = channel % 2 === 0 ? "rtp" : "rtcp";
    const target = this.#targets[channel >> 1]?.[flow];
    const packets: Uint8Array[] = [];
    let at = from;
    while (at < bytes.length && bytes[at + 1] === channel && at - from < this.#budget) {
      const end = at + prefixBytes + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
      packets.push(bytes.subarray(at + prefixBytes, end));
      at = end;
    }
    return { flow, target, packets, end: at };
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#budget = Math.min(burstBytes, this.#budget + (now - this.#refilledAt) * bytesPerMs);
    this.#refilledAt = now;
  }

  #pause(): void {
    this.#cancelPause ??= this.#clock.after(pauseMs, () => {
      this.#cancelPause = undefined;
      this.#proceed();
    });
  }
}

/** Bytes that the first `count` packets take with their frames. */
const sizeOf = (packets: readonly Uint8Array[], count: number): number => {
  let size = 0;
  for (let i = 0; i < count; i++) size += prefixBytes + (packets[i]?.length ?? 0);
  return size;
};
