/** The server's end of a WebSocket: it is called with what happens there. Nothing that a client says is of interest. */
export interface WebSocketPeer {
  /** It is open. */
  open(socket: Bun.ServerWebSocket<WebSocketPeer>): void;
  /** The socket has room again. */
  drained(): void;
  /** It is closed, by whomever. */
  closed(): void;
}

/** What a client may say at once, in bytes. */
const maxMessageBytes = 16 * 1024;

/** A client that answers no ping for so long is gone, in seconds. */
const silenceSeconds = 60;

/** How WebSockets are served. What is sent on them is packed already. */
export const webSocketHandler: Bun.WebSocketHandler<WebSocketPeer> = {
  open: (socket) => socket.data.open(socket),
  drain: ({ data }) => data.drained(),
  close: ({ data }) => data.closed(),
  message: () => undefined,
  maxPayloadLength: maxMessageBytes,
  idleTimeout: silenceSeconds,
  sendPings: true,
  perMessageDeflate: false,
};
