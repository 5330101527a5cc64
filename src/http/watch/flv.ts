import { RefusedError } from "../../base/errors.ts";
import { parseStreamPath } from "../../base/stream-path.ts";
import type { FlvReader } from "../../flv/io/flv-reader.ts";
import type { FlvReaders } from "../../flv/io/flv-readers.ts";
import { HttpConnection } from "../../flv/io/http-connection.ts";
import { SocketConnection } from "../../flv/io/socket-connection.ts";
import type { Registry } from "../../stream/registry.ts";
import { responseOf } from "../error-response.ts";
import { rawQueryOf } from "../raw-query.ts";
import type { Handler } from "../resource.ts";
import type { WebSocketPeer } from "../web-socket.ts";

/** What FLV over HTTP needs of the house. */
export interface FlvPort {
  readonly readers: Pick<FlvReaders, "open">;
  readonly registry: Pick<Registry, "find">;
}

const ending = ".flv";

/** Nothing on the way may keep it, nor wait for its end (nginx). */
const headers = { "Content-Type": "video/x-flv", "Cache-Control": "no-store", "X-Accel-Buffering": "no" };

/** `PATH.flv`: a stream as FLV that goes on for as long as it does, over HTTP, or over a WebSocket for whoever asks for one. */
export const flvHandler = ({ readers, registry }: FlvPort): Handler => {
  return async (request, call) => {
    const path = parseStreamPath(call.name.substring(0, call.name.length - ending.length));
    const entrance = await call.enter({ action: "read", path, protocol: "flv" });
    if ("refusal" in entrance) return entrance.refusal;
    if (request.method === "HEAD") {
      if (registry.find(path)?.publication) return new Response(null, { headers });
      return responseOf(new RefusedError("STREAM_NOT_FOUND", `nobody publishes stream ${path}`));
    }
    const isSocket = request.headers.get("Upgrade")?.toLowerCase() === "websocket";
    const reader = readers.open({
      ...{ path, client: call.client, local: call.local, user: entrance.user },
      query: rawQueryOf(request.url),
      isTls: call.scheme === "https",
      userAgent: request.headers.get("User-Agent") ?? "",
      transport: isSocket ? "websocket" : "http",
    });
    request.signal.addEventListener("abort", () => reader.gone(), { once: true });
    // A stream that nobody publishes may take a while to come, and one whose publisher is silent for a moment is not over.
    call.extend(0);
    const refusal = await reader.begun;
    if (refusal) return responseOf(refusal);
    if (!isSocket) return new Response(new HttpConnection(reader).body, { headers });
    const response = call.upgrade(new SocketPeer(reader), {});
    if (!response.ok) reader.close("refused");
    return response;
  };
};

/** Ties a reader to its WebSocket. */
class SocketPeer implements WebSocketPeer {
  readonly #reader: FlvReader;
  #connection: SocketConnection | undefined;

  constructor(reader: FlvReader) {
    this.#reader = reader;
  }

  open(socket: Bun.ServerWebSocket<WebSocketPeer>): void {
    this.#connection = new SocketConnection(socket);
    this.#reader.connect(this.#connection);
  }

  drained(): void {
    this.#connection?.drained();
    this.#reader.drained();
  }

  closed(): void {
    this.#reader.gone();
  }
}
