import type { FlvConnection } from "./session-context.ts";

/** A WebSocket, as far as its reader knows one. */
export interface FlvSocket {
  /** Takes a message whole. Gives 0 where it is closed, -1 where the socket is full and keeps it, else how many bytes went. */
  sendBinary(bytes: Uint8Array<ArrayBuffer>): number;
  close(): void;
  terminate(): void;
}

/** What goes out in one message at most: see {@link FlvConnection}. Players join messages, wherever they are cut. */
const messageBytes = 64 * 1024;

/** A WebSocket whose messages are parts of an FLV file that goes on. */
export class SocketConnection implements FlvConnection {
  readonly #socket: FlvSocket;
  #isFull = false;

  constructor(socket: FlvSocket) {
    this.#socket = socket;
  }

  /** The socket has room again. */
  drained(): void {
    this.#isFull = false;
  }

  write(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && !this.#isFull) {
      const end = Math.min(taken + messageBytes, bytes.length);
      const message = taken === 0 && end === bytes.length ? bytes : bytes.subarray(taken, end);
      const sent = this.#socket.sendBinary(message as Uint8Array<ArrayBuffer>);
      if (sent === 0) return -1;
      this.#isFull = sent < 0;
      taken = end;
    }
    return taken;
  }

  end(): void {
    this.#socket.close();
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
