import type { Socket } from "bun";
import { ClientConnection } from "../../../src/rtmp/client-connection.ts";
import { parseRtmpUrl, tcUrlOf } from "../../../src/rtmp/url.ts";
import { within } from "./deadline.ts";

/** What became of a publish. Times are milliseconds. */
export interface EagerEnd {
  /** The server's word; empty where it only hung up. */
  readonly code: string;
  /** From the publish command to the end of the connection. */
  readonly ms: number;
  /** Media that the system took over for the server. */
  readonly sentBytes: number;
}

/**
 * Publishes and sends `media` (bytes of RTMP for message stream 1) at once, without waiting for a yes, as fast as it goes. Ends when the
 * server hangs up.
 * @throws Error when that takes longer than 20 s
 */
export const publishEagerly = async (url: string, media: Uint8Array): Promise<EagerEnd> => {
  const target = parseRtmpUrl(url);
  const tcUrl = tcUrlOf(target);
  const connection = new ClientConnection({
    ...{ action: "publish", app: target.app, name: target.name, tcUrl, chunkSize: 4096 },
  });
  const ended = Promise.withResolvers<void>();
  let code = "";
  let askedAt = 0;
  let sentBytes = 0;
  const pour = (socket: Socket): void => {
    while (askedAt > 0 && sentBytes < media.length) {
      const written = socket.write(media.subarray(sentBytes));
      if (written <= 0) return;
      sentBytes += written;
    }
  };
  const flush = (socket: Socket): void => {
    const output = connection.takeOutput();
    if (!output) return;
    socket.write(output);
    if (askedAt === 0 && Buffer.from(output).includes("publish")) askedAt = performance.now();
  };
  const socket = await Bun.connect({
    hostname: target.host,
    port: target.port,
    socket: {
      open: flush,
      data: (socket, bytes) => {
        connection.receive(new Uint8Array(bytes));
        for (let event = connection.nextEvent(); event; event = connection.nextEvent())
          if (event.kind === "refused") code = event.code;
        flush(socket);
        pour(socket);
      },
      drain: pour,
      close: () => ended.resolve(),
    },
  });
  try {
    await within(ended.promise, { withinMs: 20_000, what: `end of a publish to ${url}` });
  } finally {
    socket.terminate();
  }
  return { code, ms: performance.now() - askedAt, sentBytes };
};
