import type { HostPort } from "../base/host-port.ts";
import { Listener, type Tls } from "../rtmp/io/listener.ts";
import type { Sessions } from "../rtmp/io/sessions.ts";
import { ChosenPort } from "./chosen-port.ts";

/** The RTMP ports that are to be open: undefined for one that is not. */
export interface PortWishes {
  readonly rtmp: HostPort | undefined;
  readonly rtmps: { readonly address: HostPort; readonly tls: Tls } | undefined;
}

/** A port that is open, and what was asked for. */
interface OpenPort {
  readonly listener: Listener;
  readonly address: HostPort;
  readonly tls: Tls | undefined;
}

type Kind = keyof PortWishes;

const kinds = ["rtmp", "rtmps"] as const satisfies readonly Kind[];

/** The ports of RTMP and RTMPS, which may change while the server runs. */
export class RtmpPorts {
  readonly #sessions: Sessions;
  readonly #open = new Map<Kind, OpenPort>();
  #isClosed = false;
  readonly #chosen = { rtmp: new ChosenPort(), rtmps: new ChosenPort() };

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** The port of a protocol, where it is served. */
  port(kind: Kind): number | undefined {
    return this.#open.get(kind)?.listener.port;
  }

  /**
   * Opens, moves and closes ports so that they are as wished. Connections stay where only an address or a certificate is another; those of
   * a protocol that is no longer served end.
   * @throws TransportError LISTEN when an address cannot be had; then everything is as it was
   */
  apply(wishes: PortWishes): void {
    if (this.#isClosed) return;
    const before = new Map(this.#open);
    try {
      for (const kind of kinds) this.#move(kind, wishOf(wishes, kind));
    } catch (error) {
      for (const kind of kinds) this.#restore(kind, before.get(kind));
      throw error;
    }
    for (const kind of kinds)
      if (before.has(kind) && !this.#open.has(kind)) this.#sessions.closeKind(`${kind}Conn`, "unconfigured");
  }

  /** Accepts no more connections, whatever is wished from now on. */
  close(): void {
    this.#isClosed = true;
    for (const { listener } of this.#open.values()) listener.close();
    this.#open.clear();
  }

  #move(kind: Kind, wish: Omit<OpenPort, "listener"> | undefined): void {
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

  #restore(kind: Kind, before: OpenPort | undefined): void {
    const now = this.#open.get(kind);
    if (now === before) return;
    now?.listener.close();
    this.#open.delete(kind);
    if (before) this.#open.set(kind, this.#listen(kind, before));
  }

  #listen(kind: Kind, { address, tls }: Omit<OpenPort, "listener">): OpenPort {
    const sessions = this.#sessions;
    const listener = this.#chosen[kind].open(address, (at) => new Listener({ address: at, tls, sessions }));
    return { address, tls, listener };
  }
}

const wishOf = ({ rtmp, rtmps }: PortWishes, kind: Kind): Omit<OpenPort, "listener"> | undefined => {
  if (kind === "rtmps") return rtmps;
  return rtmp && { address: rtmp, tls: undefined };
};

const isSame = (open: OpenPort, wish: Omit<OpenPort, "listener">): boolean =>
  Bun.deepEquals(open.address, wish.address) && Bun.deepEquals(open.tls, wish.tls);
