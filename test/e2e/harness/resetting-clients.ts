/** Connects and resets, thousands of times, as health checks and port scans do. Usage: bun resetting-clients.ts PORT */
import { connect } from "node:net";

const total = 6_000;
const atOnce = 50;

const port = Number(process.argv[2]);

const once = (): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.resetAndDestroy());
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });

const several = async (): Promise<void> => {
  for (let i = 0; i < total / atOnce; i++) await once();
};

await Promise.all(Array.from({ length: atOnce }, several));
