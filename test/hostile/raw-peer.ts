import type { Socket } from "bun";
import { Outbox } from "../../src/stream/outbox.ts";

/** A TCP peer without manners: sends what it is told, and hears how it ends. */
export class RawPeer {
  readonly socket: Socket;
  /** Bytes that came back. */
  received = 0;
  isClosed = false;
  readonly #outbox: Outbox;

  private constructor(socket: Socket, outbox: Outbox) {
    this.socket = socket;
    this.#outbox = outbox;
  }

  /** Connects; with `isDeaf` it never reads. */
  static async connect(port: number, isDeaf = false): Promise<RawPeer> {
    let peer: RawPeer | undefined;
    let outbox: Outbox | undefined;
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_socket, bytes) => {
          if (peer) peer.received += bytes.length;
        },
        drain: () => outbox?.drained(),
        close: () => {
          if (peer) peer.isClosed = true;
          outbox?.close();
        },
        error: () => undefined,
      },
    });
    socket.setNoDelay(true);
    if (isDeaf) socket.pause();
    outbox = new Outbox({ write: (bytes) => socket.write(bytes) });
    peer = new RawPeer(socket, outbox);
    return peer;
  }

  send(bytes: Uint8Array): void {
    this.#outbox.send(bytes);
  }

  /** Sends every byte by itself, giving the kernel time to deliver it so. */
  async dribble(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isClosed; at++) {
      this.send(bytes.subarray(at, at + 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
