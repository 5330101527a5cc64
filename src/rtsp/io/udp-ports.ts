import type { udp } from "bun";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";
import { listenOn } from "../../base/listen-failure.ts";
import type { Cancel } from "../../base/time.ts";

/** Which of the two ports: media, or reports about it. */
export type UdpFlow = "rtp" | "rtcp";

/** Where the two ports are. */
export interface UdpAddresses {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
}

/** Takes one datagram. It is handed over. */
export type TakeDatagram = (bytes: Uint8Array) => void;

/** The sockets of one port, and who listens there to whom. */
interface Port {
  readonly socket: udp.Socket<"buffer">;
  readonly listeners: Map<string, TakeDatagram>;
}

/**
 * The two UDP ports that all RTSP sessions share. What comes in goes to the session that expects it from that address; everything else
 * is dropped.
 */
export class UdpPorts {
  readonly #ports: Readonly<Record<UdpFlow, Port>>;
  /** Who wants to know that there is room again. */
  readonly #waiting = new Set<() => void>();

  /** @throws TransportError LISTEN when an address cannot be had */
  constructor(addresses: UdpAddresses) {
    const rtp = this.#open(addresses.rtp);
    try {
      this.#ports = { rtp, rtcp: this.#open(addresses.rtcp) };
    } catch (error) {
      rtp.socket.close();
      throw error;
    }
  }

  /** The port that is listened on: the one asked for, or the one the system chose for 0. */
  port(flow: UdpFlow): number {
    return this.#ports[flow].socket.port;
  }

  /** Has datagrams of `peer` go to `take` from now on; undefined where somebody else has them already. */
  listen(flow: UdpFlow, peer: HostPort, take: TakeDatagram): Cancel | undefined {
    const { listeners } = this.#ports[flow];
    const key = keyOf(peer.host, peer.port);
    if (listeners.has(key)) return undefined;
    listeners.set(key, take);
    return () => listeners.delete(key);
  }

  /** Sends datagrams to `peer` in order, and gives how many the system took. Nothing is kept. */
  send(flow: UdpFlow, peer: HostPort, datagrams: readonly Uint8Array[]): number {
    const { socket } = this.#ports[flow];
    if (socket.closed) return datagrams.length;
    const host =
      socket.address.family === "IPv6" && !peer.host.includes(":") ? `::ffff:${peer.host}` : peer.host;
    try {
      return socket.sendMany(datagrams.flatMap((datagram) => [datagram, peer.port, host]));
    } catch {
      // Nobody listens there, or no way leads there: what is sent is lost, as datagrams are.
      return datagrams.length;
    }
  }

  /** Calls `proceed` once when there is room again. */
  whenRoom(proceed: () => void): void {
    this.#waiting.add(proceed);
  }

  /** Sends and receives nothing more. */
  close(): void {
    for (const { socket } of Object.values(this.#ports)) socket.close();
    this.#waiting.clear();
  }

  #open(address: HostPort): Port {
    const listeners = new Map<string, TakeDatagram>();
    const listen = ({ host, port }: HostPort) =>
      // A socket is there at once, although it comes as a promise.
      Bun.peek(
        Bun.udpSocket({
          hostname: host,
          port,
          socket: {
            data: (_socket, bytes, from, address) => listeners.get(keyOf(plain(address), from))?.(bytes),
            drain: () => this.#drained(),
            // Answers of networks to what was sent: nobody is there. Sessions find that out by themselves.
            error: () => undefined,
          },
        }),
      );
    const socket = listenOn(address, { what: `cannot listen for UDP on ${formatHostPort(address)}`, listen });
    if (socket instanceof Promise) throw new TypeError("a UDP socket was not opened at once");
    return { socket, listeners };
  }

  #drained(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const proceed of waiting) proceed();
  }
}

const keyOf = (host: string, port: number): string => `${host} ${port}`;

/** IPv4 that came mapped into IPv6 as plain IPv4. */
const plain = (host: string): string => (host.startsWith("::ffff:") ? host.substring(7) : host);
