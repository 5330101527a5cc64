/**
 * What a page of `/v3/paths/list` costs the event loop, beside a thousand streams: time of the thread that has the media.
 * Usage: bun test/bench/api.bench.ts
 */
import { silentLogger } from "../../src/base/log.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { systemClock } from "../../src/base/time.ts";
import { pathRoutes } from "../../src/http/api/paths.ts";
import { RegistryPaths } from "../../src/http/api/registry-paths.ts";
import { resourcesOf } from "../../src/http/api/route.ts";
import { rtmpConnRoutes } from "../../src/http/api/rtmp-conns.ts";
import { HttpServer } from "../../src/http/server.ts";
import { fakeConn } from "../http/api/fake-ports.ts";
import { House, opening, send, Viewer } from "../stream/house.ts";

const streams = 1_000;
const playersOfOne = 1_000;
const requests = 1_000;
const perSecond = 100;

const uuid = (number: number): string => `6f1b2c3d-0000-4000-8000-${String(number).padStart(12, "0")}`;

const house = new House();
for (let index = 0; index < streams; index++) {
  const path = parseStreamPath(`live/${Bun.hash.crc32(String(index)).toString(16)}`);
  send(house.publish(path), ...opening());
  const players = index === 0 ? playersOfOne : 1;
  for (let count = 0; count < players; count++) {
    const peer = { connId: "", remote: "", kind: "rtmpConn" as const, id: crypto.randomUUID() };
    house.registry.subscribe(path, Object.assign(new Viewer(), { peer }));
  }
}

const paths = new RegistryPaths({ registry: house.registry, configured: new Set<string>() });
const sessions = Array.from({ length: 2_000 }, (_, index) => fakeConn(uuid(index), []));
const server = new HttpServer({
  address: { host: "127.0.0.1", port: 0 },
  resources: resourcesOf([...pathRoutes(paths), ...rtmpConnRoutes("rtmpconns", { sessions })]),
  clock: systemClock,
  log: silentLogger,
});

/** Asks from another process, so that only the server's share is measured here. */
const load = (path: string, interval: number): Bun.Subprocess =>
  Bun.spawn([
    process.execPath,
    "-e",
    `for (let n = 0; n < ${requests}; n++) {
       await (await fetch("http://127.0.0.1:${server.port}${path}")).text();
       if (${interval} > 0) await Bun.sleep(${interval});
     }`,
  ]);

const percentile = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);

/** How late a timer of one millisecond is, while `run` goes on. */
const lateness = async (run: () => Promise<unknown>): Promise<number[]> => {
  const late: number[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    late.push(Math.max(0, now - last - 1));
    last = now;
  }, 1);
  await run();
  clearInterval(timer);
  return late.sort((a, b) => a - b);
};

const measure = async (what: string, path: string): Promise<void> => {
  const handler = await (await fetch(`http://127.0.0.1:${server.port}${path}`)).text();
  await load(path, 0).exited;
  const before = process.cpuUsage();
  await load(path, 0).exited;
  const { user, system } = process.cpuUsage(before);
  const late = await lateness(() => load(path, 1_000 / perSecond).exited);
  console.info(
    [
      what.padEnd(44),
      `${(handler.length / 1024).toFixed(0)} KiB`.padStart(8),
      `${((user + system) / requests / 1_000).toFixed(3)} ms CPU/request`.padStart(24),
      `loop late at ${perSecond}/s: p50 ${percentile(late, 0.5)} p99 ${percentile(late, 0.99)} max ${percentile(late, 1)} ms`,
    ].join("  "),
  );
};

const idle = await lateness(() => Bun.sleep(2_000));
console.info(
  `idle loop: p50 ${percentile(idle, 0.5)} p99 ${percentile(idle, 0.99)} max ${percentile(idle, 1)} ms late`,
);
await measure(`paths/list, page of 100 of ${streams}`, "/v3/paths/list");
await measure(`paths/list, all ${streams} in one page`, `/v3/paths/list?itemsPerPage=${streams}`);
await measure("paths/get of one with 1,000 players", `/v3/paths/get/${[...house.registry.streams][0]?.path}`);
await measure("rtmpconns/list, page of 100 of 2,000", "/v3/rtmpconns/list");
await server.stop(0);
