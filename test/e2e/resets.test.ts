import { expect, test } from "bun:test";
import { join } from "node:path";
import { OwnPublisher } from "./harness/own-client.ts";
import { Server } from "./harness/server.ts";

test("thousands of clients that connect and reset at once leave the server serving", async () => {
  await using server = await Server.start();
  const clients = Bun.spawn([
    process.execPath,
    join(import.meta.dir, "harness/resetting-clients.ts"),
    String(server.port),
  ]);
  expect(await clients.exited).toBe(0);
  using _publisher = await OwnPublisher.connect(server.url("live/after"));
  await server.line({ msg: "publish started", stream_key: "live/after" });
  expect(server.matching({ level: "ERROR" })).toEqual([]);
});
