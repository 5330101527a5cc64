import { createServer, type Server, type Socket } from "node:net";

/** A server of bare bytes on loopback, for answers that no HTTP server gives. */
export interface Backend extends Disposable {
  readonly url: string;
  /** What arrived, as text, one for each connection. */
  readonly requests: string[];
}

/** `answer` is called with each connection once its request is whole. */
export const openBackend = async (answer: (socket: Socket, request: string) => void): Promise<Backend> => {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      text += bytes.toString();
      if (!isWhole(text)) return;
      requests.push(text);
      answer(socket, text);
      text = "";
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return {
    url: `http://127.0.0.1:${address.port}/auth?key=backend-key`,
    requests,
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

const isWhole = (request: string): boolean => {
  const head = request.indexOf("\r\n\r\n");
  if (head < 0) return false;
  const length = Number(/^content-length: (\d+)/im.exec(request)?.[1] ?? 0);
  return Buffer.byteLength(request.substring(head + 4)) >= length;
};

/** An HTTP answer with a body. */
export const response = (status: number, body = "", headers = ""): string =>
  `HTTP/1.1 ${status} X\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** The URL of a port of loopback where nobody listens. */
export const nobodyUrl = async (): Promise<string> => {
  using backend = await openBackend(() => undefined);
  return backend.url;
};
