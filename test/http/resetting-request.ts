/** Sends requests and resets each connection at once, so that the server finds a request without an address. Usage: bun resetting-request.ts PORT COUNT */
import { connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const request = "GET /asked HTTP/1.1\r\nHost: x\r\n\r\n";

const once = (): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ port: port ?? 0, host: "127.0.0.1" }, () => {
      socket.write(request, () => socket.resetAndDestroy());
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });

for (let i = 0; i < (count ?? 0); i++) await once();
