import { expect, test } from "bun:test";
import { silentLogger } from "../../../src/base/log.ts";
import { systemClock } from "../../../src/base/time.ts";
import type { RtmpConnObject } from "../../../src/http/api/objects.ts";
import type { Page } from "../../../src/http/api/page.ts";
import { Listener } from "../../../src/rtmp/io/listener.ts";
import { Sessions } from "../../../src/rtmp/io/sessions.ts";
import { openAccess } from "../../../src/stream/admission.ts";
import { EventHub } from "../../../src/stream/event.ts";
import { Registry } from "../../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../../src/stream/stream-options.ts";
import { sampleSessionOptions } from "../../rtmp/io/session-options.ts";
import { ApiServing, expectOk } from "./api-serving.ts";
import { fakePorts } from "./fake-ports.ts";

test("connections to an RTMP port are listed, and end when they are kicked", async () => {
  const events = new EventHub();
  const rules = { optionsOf: () => defaultStreamOptions, maxPublishers: 0 };
  const sessions = new Sessions({
    options: sampleSessionOptions,
    access: openAccess,
    registry: new Registry({ rules, clock: systemClock, events }),
    events,
    clock: systemClock,
    log: silentLogger,
  });
  const listener = new Listener({ address: { host: "127.0.0.1", port: 0 }, sessions });
  await using api = new ApiServing({ ...fakePorts().ports, rtmpConns: { sessions: sessions.all } });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const socket = { data: () => undefined, close: () => resolve() };
  const client = await Bun.connect({ hostname: "127.0.0.1", port: listener.port, socket });
  try {
    const list = async (): Promise<Page<RtmpConnObject>> =>
      (await api.ask("GET /v3/rtmpconns/list")).body as Page<RtmpConnObject>;
    while ((await list()).itemCount === 0) await Bun.sleep(5);
    const [conn] = (await list()).items;
    expect(conn).toMatchObject({ state: "idle", path: "", query: "", user: "", bytesReceived: 0 });
    expect(conn?.remoteAddr).toBe(`127.0.0.1:${client.localPort}`);
    expectOk(await api.ask(`POST /v3/rtmpconns/kick/${conn?.id}`));
    expect((await list()).items).toEqual([]);
    await closed;
  } finally {
    client.end();
    listener.close();
    sessions.close();
    sessions.cut();
  }
});
