import type { HostPort } from "../base/host-port.ts";
import { RtspListener, type RtspTls } from "../rtsp/io/listener.ts";
import type { RtspSessions } from "../rtsp/io/sessions.ts";
import { type UdpAddresses, type UdpFlow, UdpPorts } from "../rtsp/io/udp-ports.ts";
import { ChosenPort } from "./chosen-port.ts";

/** The RTSP ports that are to be open: undefined for what is not. */
export interface RtspWishes {
  readonly rtsp: HostPort | undefined;
  readonly rtsps: { readonly address: HostPort; readonly tls: RtspTls } | undefined;
  /** Where RTP and RTCP go that travel by UDP. */
  readonly udp: UdpAddresses | undefined;
}

/** A port that is open, and what was asked for. */
interface OpenPort {
  readonly listener: RtspListener;
  readonly address: HostPort;
  readonly tls: RtspTls | undefined;
}

type Wish = Omit<OpenPort, "listener">;

const kinds = ["rtsp", "rtsps"] as const;

type Kind = (typeof kinds)[number];

/** The two ports of UDP, and what was asked for. */
interface OpenUdp {
  readonly ports: UdpPorts;
  readonly addresses: UdpAddresses;
}

/** The ports of RTSP and RTSPS, and those that media by UDP go through. They may change while the server runs. */
export class RtspPorts {
  readonly #sessions: () => RtspSessions;
  readonly #open = new Map<Kind, OpenPort>();
  readonly #chosen = { rtsp: new ChosenPort(), rtsps: new ChosenPort() };
  #udp: OpenUdp | undefined;
  #isClosed = false;

  /** The sessions need {@link udp}, so they are asked for when a port is opened. */
  constructor(sessions: () => RtspSessions) {
    this.#sessions = sessions;
  }

  /** Where media by UDP go through, while there is such a place. */
  get udp(): UdpPorts | undefined {
    return this.#udp?.ports;
  }

  /** The port of a protocol, where it is served. */
  port(kind: Kind | UdpFlow): number | undefined {
    if (kind === "rtp" || kind === "rtcp") return this.#udp?.ports.port(kind);
    return this.#open.get(kind)?.listener.port;
  }

  /**
   * Opens, moves and closes ports so that they are as wished. Connections stay where only an address or a certificate is another; those of
   * a protocol that is no longer served end, and so do sessions whose media go through UDP ports that are no longer the same.
   * @throws TransportError LISTEN when an address cannot be had; then everything is as it was
   */
  apply(wishes: RtspWishes): void {
    if (this.#isClosed) return;
    const before = new Map(this.#open);
    const udpBefore = this.#udp;
    try {
      for (const kind of kinds) this.#move(kind, wishOf(wishes, kind));
      this.#moveUdp(wishes.udp);
    } catch (error) {
      for (const kind of kinds) this.#restore(kind, before.get(kind));
      this.#restoreUdp(udpBefore);
      throw error;
    }
    for (const kind of kinds)
      if (before.has(kind) && !this.#open.has(kind))
        this.#sessions().closeKind(`${kind}Session`, "unconfigured");
    if (udpBefore && this.#udp !== udpBefore) this.#sessions().closeUdp("unconfigured");
  }

  /** Accepts no more connections, whatever is wished from now on; media by UDP go on until {@link closeUdp}. */
  close(): void {
    this.#isClosed = true;
    for (const { listener } of this.#open.values()) listener.close();
    this.#open.clear();
  }

  /** Closes the ports of UDP: no session uses them any more. */
  closeUdp(): void {
    this.#udp?.ports.close();
    this.#udp = undefined;
  }

  #move(kind: Kind, wish: Wish | undefined): void {
    const open = this.#open.get(kind);
    if (open && wish && isSame(open, wish)) return;
    if (open && wish?.tls && Bun.deepEquals(open.address, wish.address)) {
      open.listener.renew(wish.tls);
      this.#open.set(kind, { ...wish, listener: open.listener });
      return;
    }
    // The new port comes before the old one goes, so that there is always one; unless it is the same, on other interfaces, say.
    if (wish && open?.listener.port !== wish.address.port) {
      this.#open.set(kind, this.#listen(kind, wish));
      open?.listener.close();
      return;
    }
    open?.listener.close();
    this.#open.delete(kind);
    if (wish) this.#open.set(kind, this.#listen(kind, wish));
  }

  /** As with the others, the new ones come first where they may. Their sessions cannot move with them. */
  #moveUdp(wish: UdpAddresses | undefined): void {
    const old = this.#udp;
    if (old && wish && Bun.deepEquals(old.addresses, wish)) return;
    if (!wish || (old && sharesPort(old.addresses, wish))) this.closeUdp();
    if (!wish) return;
    this.#udp = { ports: new UdpPorts(wish), addresses: wish };
    old?.ports.close();
  }

  #restore(kind: Kind, before: OpenPort | undefined): void {
    const now = this.#open.get(kind);
    if (now === before) return;
    now?.listener.close();
    this.#open.delete(kind);
    if (before) this.#open.set(kind, this.#listen(kind, before));
  }

  #restoreUdp(before: OpenUdp | undefined): void {
    if (this.#udp === before) return;
    this.closeUdp();
    if (before) this.#udp = { ports: new UdpPorts(before.addresses), addresses: before.addresses };
    // The sockets are others, and nobody listens to these.
    this.#sessions().closeUdp("error");
  }

  #listen(kind: Kind, { address, tls }: Wish): OpenPort {
    const sessions = this.#sessions();
    const listener = this.#chosen[kind].open(
      address,
      (at) => new RtspListener({ address: at, tls, sessions }),
    );
    return { address, tls, listener };
  }
}

const sharesPort = (a: UdpAddresses, b: UdpAddresses): boolean => {
  const taken = [a.rtp.port, a.rtcp.port];
  return [b.rtp.port, b.rtcp.port].some((port) => port !== 0 && taken.includes(port));
};

const wishOf = ({ rtsp, rtsps }: RtspWishes, kind: Kind): Wish | undefined => {
  if (kind === "rtsps") return rtsps;
  return rtsp && { address: rtsp, tls: undefined };
};

const isSame = (open: OpenPort, wish: Wish): boolean =>
  Bun.deepEquals(open.address, wish.address) && Bun.deepEquals(open.tls, wish.tls);
