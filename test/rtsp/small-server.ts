import type { Socket, TCPSocketListener } from "bun";
import { decodeUtf8, encodeUtf8 } from "../../src/base/bytes.ts";
import { parseControlUrl } from "../../src/rtsp/control-url.ts";
import type { HeaderField } from "../../src/rtsp/headers.ts";
import { encodeResponse, type InterleavedFrame, type RtspRequest } from "../../src/rtsp/message.ts";
import { RtspReader } from "../../src/rtsp/request-reader.ts";
import { parseSdp, type SessionDescription } from "../../src/rtsp/sdp.ts";
import { formatTransport, parseTransports } from "../../src/rtsp/transport.ts";

/** What a test wants of one client over TCP. */
export interface SmallSession {
  /** What DESCRIBE answers. */
  readonly sdp?: string;
  /** What ANNOUNCE brought. */
  announced?(description: SessionDescription): void;
  received?(frame: InterleavedFrame): void;
  /** PLAY was answered: what to send, in order; then the connection ends. */
  played?(): readonly Uint8Array[];
  /** The challenges of a 401 for this request; none lets it pass. */
  refused?(request: RtspRequest): readonly string[];
  /** The client is done, or gone. */
  ended?(): void;
}

type Client = { readonly reader: RtspReader; readonly pending: Uint8Array[]; isClosing: boolean };

/** As much of an RTSP server as FFmpeg and GStreamer need to play or publish over TCP, so that the formats meet real programs. */
export const serveRtsp = (session: SmallSession): TCPSocketListener<Client> => {
  const answer = (request: RtspRequest): { headers: HeaderField[]; body?: Uint8Array } => {
    switch (request.method) {
      case "OPTIONS":
        return { headers: [["Public", "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, TEARDOWN"]] };
      case "DESCRIBE":
        return {
          headers: [
            ["Content-Base", `${request.url}/`],
            ["Content-Type", "application/sdp"],
          ],
          body: encodeUtf8(session.sdp ?? ""),
        };
      case "ANNOUNCE":
        session.announced?.(parseSdp(decodeUtf8(request.body)));
        return { headers: [] };
      case "SETUP": {
        const [offer] = parseTransports(request.headers.get("Transport") ?? "");
        const track = parseControlUrl(request.url).track ?? Number(/\d+$/.exec(request.url)?.[0] ?? 0);
        const transport = {
          ...offer!,
          interleaved: offer!.interleaved ?? ([2 * track, 2 * track + 1] as const),
        };
        return { headers: [["Transport", formatTransport(transport)]] };
      }
      default:
        return { headers: [] };
    }
  };
  const flush = (socket: Socket<Client>): void => {
    const { pending } = socket.data;
    for (let first = pending[0]; first; first = pending[0]) {
      const taken = Math.max(0, socket.write(first));
      if (taken < first.length) {
        pending[0] = first.subarray(taken);
        return;
      }
      pending.shift();
    }
    if (socket.data.isClosing) socket.end();
  };
  return Bun.listen<Client>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = { reader: new RtspReader(), pending: [], isClosing: false };
      },
      data: (socket, bytes) => {
        const { reader, pending } = socket.data;
        reader.receive(bytes);
        for (let unit = reader.next(); unit; unit = reader.next()) {
          if (unit.kind === "interleaved") session.received?.(unit);
          if (unit.kind !== "request") continue;
          const challenges = session.refused?.(unit) ?? [];
          if (challenges.length > 0) {
            const fields = challenges.map((value): HeaderField => ["WWW-Authenticate", value]);
            const cseq: HeaderField = ["CSeq", unit.headers.get("CSeq") ?? "0"];
            pending.push(encodeResponse({ status: 401, headers: [cseq, ...fields] }));
            continue;
          }
          const { headers, body } = answer(unit);
          const common: HeaderField[] = [
            ["CSeq", unit.headers.get("CSeq") ?? "0"],
            ["Session", "1234"],
          ];
          pending.push(
            encodeResponse({ status: 200, headers: [...common, ...headers], ...(body && { body }) }),
          );
          if (unit.method === "PLAY" && session.played) {
            pending.push(...session.played());
            socket.data.isClosing = true;
          }
          if (unit.method === "TEARDOWN") session.ended?.();
        }
        flush(socket);
      },
      drain: flush,
      close: () => session.ended?.(),
    },
  });
};
