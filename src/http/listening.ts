import { lstatSync, unlinkSync } from "node:fs";
import { type ListenReasons, listenFailure, listenOn } from "../base/listen-failure.ts";
import { formatHttpAddress, type HttpAddress } from "./address.ts";
import { type WebSocketPeer, webSocketHandler } from "./web-socket.ts";

/** Certificate and key of HTTPS, as PEM text. */
export interface HttpTls {
  readonly cert: string;
  readonly key: string;
}

/** What is listened for. */
export interface ListenOptions {
  readonly address: HttpAddress;
  readonly tls: HttpTls | undefined;
  readonly maxBodyBytes: number;
  /** Gives nothing where the connection is a WebSocket now. */
  readonly fetch: (request: Request, server: Bun.Server<WebSocketPeer>) => Promise<Response | undefined>;
}

/** A connection that brings nothing for so long is closed, in seconds. */
const idleTimeoutSeconds = 30;

/**
 * Begins to listen for HTTP. An empty host means every interface: both families where the system has both. A Unix socket that another
 * server left behind is replaced.
 * @throws TransportError LISTEN when the address cannot be had
 */
export const listen = (options: ListenOptions): Bun.Server<WebSocketPeer> => {
  const { address } = options;
  const what = `cannot listen for HTTP on ${formatHttpAddress(address)}`;
  if (!("unix" in address)) return listenOn(address, { what, listen: (place) => serve(place, options) });
  try {
    removeSocket(address.unix);
    return serve(address, options);
  } catch (error) {
    throw listenFailure(what, error, unixReasons);
  }
};

const unixReasons: ListenReasons = {
  EADDRINUSE: "there is something else of that name",
  EACCES: "not permitted",
};

const serve = (
  place: HttpAddress,
  { tls, maxBodyBytes, fetch }: Omit<ListenOptions, "address">,
): Bun.Server<WebSocketPeer> => {
  const common = {
    development: false,
    maxRequestBodySize: maxBodyBytes,
    ...(tls ? { tls: { cert: tls.cert, key: tls.key } } : {}),
    fetch,
    websocket: webSocketHandler,
  };
  if ("unix" in place) return Bun.serve({ ...common, unix: place.unix });
  return Bun.serve({
    ...common,
    hostname: place.host,
    port: place.port,
    idleTimeout: idleTimeoutSeconds,
    // Without development Bun would share the port with any other program that does.
    reusePort: false,
  });
};

/** Whatever else lies there stays, and the address cannot be had. */
const removeSocket = (path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
};
