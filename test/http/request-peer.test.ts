import { expect, test } from "bun:test";
import { join } from "node:path";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { HttpServer } from "../../src/http/server.ts";
import type { AdmissionRequest } from "../../src/stream/admission.ts";

test("a client that has reset its connection is never taken for one of this machine", async () => {
  const asked: AdmissionRequest[] = [];
  let answered = 0;
  const server = new HttpServer({
    address: { host: "127.0.0.1", port: 0 },
    resources: [
      {
        path: "/asked",
        methods: {
          GET: () => {
            answered++;
            return new Response();
          },
        },
      },
    ],
    access: {
      access: {
        decide: (request) => {
          asked.push(request);
          return { isAllowed: true, user: "" };
        },
      },
      action: "api",
    },
    clock: systemClock,
    log: silentLogger,
  });
  try {
    const clients = Bun.spawn([
      process.execPath,
      join(import.meta.dir, "resetting-request.ts"),
      String(server.port),
      "200",
    ]);
    expect(await clients.exited).toBe(0);
    await Bun.sleep(50);
    // Those that were still there when they were looked at have their port; nobody came without one.
    expect(asked.filter(({ port }) => port === 0)).toEqual([]);
    expect(answered).toBe(asked.length);
    expect((await fetch(`http://127.0.0.1:${server.port}/asked`)).status).toBe(200);
  } finally {
    await server.stop(0);
  }
});
