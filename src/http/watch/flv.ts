import { RefusedError } from "../../base/errors.ts";
import { parseStreamPath } from "../../base/stream-path.ts";
import { HttpConnection } from "../../flv/io/http-connection.ts";
import type { FlvSession } from "../../flv/io/session.ts";
import type { FlvSessions } from "../../flv/io/sessions.ts";
import { SocketConnection } from "../../flv/io/socket-connection.ts";
import type { Registry } from "../../stream/registry.ts";
import { responseOf } from "../error-response.ts";
import { rawQueryOf } from "../raw-query.ts";
import type { Handler } from "../resource.ts";
import type { WebSocketPeer } from "../web-socket.ts";

/** What FLV over HTTP needs of the house. */
export interface FlvPort {
  readonly sessions: Pick<FlvSessions, "open">;
  readonly registry: Pick<Registry, "find">;
}

const ending = ".flv";

/** Nothing on the way may keep it, nor wait for its end (nginx). */
const headers = { "Content-Type": "video/x-flv", "Cache-Control": "no-store", "X-Accel-Buffering": "no" };

/** `PATH.flv`: a stream as FLV that goes on for as long as it does, over HTTP, or over a WebSocket for whoever asks for one. */
export const flvHandler = ({ sessions, registry }: FlvPort): Handler => {
  return async (request, call) => {
    const path = parseStreamPath(call.name.substring(0, call.name.length - ending.length));
    const entrance = await call.enter({ action: "read", path, protocol: "flv" });
    if ("refusal" in entrance) return entrance.refusal;
    if (request.method === "HEAD") {
      if (registry.find(path)?.publication) return new Response(null, { headers });
      return responseOf(new RefusedError("STREAM_NOT_FOUND", `nobody publishes stream ${path}`));
    }
    const isSocket = request.headers.get("Upgrade")?.toLowerCase() === "websocket";
    const session = sessions.open({
      ...{ path, client: call.client, local: call.local, user: entrance.user },
      query: rawQueryOf(request.url),
      isTls: call.scheme === "https",
      userAgent: request.headers.get("User-Agent") ?? "",
      transport: isSocket ? "websocket" : "http",
    });
    request.signal.addEventListener("abort", () => session.gone(), { once: true });
    // A stream that nobody publishes may take a while to come, and one whose publisher is silent for a moment is not over.
    call.extend(0);
    const refusal = await session.begun;
    if (refusal) return responseOf(refusal);
    if (!isSocket) return new Response(new HttpConnection(session).body, { headers });
    const response = call.upgrade(new SocketPeer(session), {});
    if (!response.ok) session.close("refused");
    return response;
  };
};

/** Ties a reader to its WebSocket. */
class SocketPeer implements WebSocketPeer {
  readonly #session: FlvSession;
  #connection: SocketConnection | undefined;

  constructor(session: FlvSession) {
    this.#session = session;
  }

  open(socket: Bun.ServerWebSocket<WebSocketPeer>): void {
    this.#connection = new SocketConnection(socket);
    this.#session.connect(this.#connection);
  }

  drained(): void {
    this.#connection?.drained();
    this.#session.drained();
  }

  closed(): void {
    this.#session.gone();
  }
}
