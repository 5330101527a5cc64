import { messageOf, TransportError } from "../base/errors.ts";
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
      this.#arrange((kind) => wishOf(wishes, kind));
    } catch (error) {
      this.#restore(before, error);
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

  /**
   * A new port comes before the old one goes, so that there is always one. Where it is to have a number that one of ours has, as when two
   * change places, all that move are closed first.
   */
  #arrange(wishFor: (kind: Kind) => Omit<OpenPort, "listener"> | undefined): void {
    const moving = kinds.filter((kind) => !this.#stays(kind, wishFor(kind)));
    const taken = new Set([...this.#open.values()].map(({ listener }) => listener.port));
    const opened = new Map<Kind, OpenPort>();
    const open = (isContended: boolean): void => {
      for (const kind of moving) {
        const wish = wishFor(kind);
        if (wish && taken.has(wish.address.port) === isContended) opened.set(kind, this.#listen(kind, wish));
      }
    };
    try {
      open(false);
      for (const kind of moving) this.#close(kind);
      open(true);
    } catch (error) {
      for (const { listener } of opened.values()) listener.close();
      throw error;
    }
    for (const [kind, port] of opened) this.#open.set(kind, port);
  }

  /** Whether a port is where it should be; it gets another certificate if there is one. */
  #stays(kind: Kind, wish: Omit<OpenPort, "listener"> | undefined): boolean {
    const open = this.#open.get(kind);
    if (!open || !wish) return open === wish;
    if (isSame(open, wish)) return true;
    if (!wish.tls || !Bun.deepEquals(open.address, wish.address)) return false;
    try {
      open.listener.renew(wish.tls);
    } finally {
      // What is not in the books is opened by the next change.
      if (!open.listener.isOpen) this.#open.delete(kind);
    }
    this.#open.set(kind, { ...wish, listener: open.listener });
    return true;
  }

  #close(kind: Kind): void {
    this.#open.get(kind)?.listener.close();
    this.#open.delete(kind);
  }

  /**
   * Has the ports as they were before a change that failed.
   * @throws TransportError LISTEN that tells of the fault, and of a port that cannot be had again
   */
  #restore(before: ReadonlyMap<Kind, OpenPort>, fault: unknown): void {
    const changed = kinds.filter((kind) => this.#open.get(kind) !== before.get(kind));
    for (const kind of changed) this.#close(kind);
    const lost: string[] = [];
    for (const kind of changed) {
      const port = before.get(kind);
      try {
        if (port) this.#open.set(kind, this.#listen(kind, port));
      } catch (error) {
        lost.push(messageOf(error));
      }
    }
    if (lost.length > 0)
      throw new TransportError("LISTEN", `${messageOf(fault)}; ${lost.join("; ")}`, { cause: fault });
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
