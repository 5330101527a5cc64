import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { profilingResources } from "../../src/http/profiling.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { Serving } from "./serving.ts";

const serve = (clock = systemClock): Serving => new Serving(profilingResources(clock), silentLogger);

/** Something whose name is seen in a profile. */
const keepBusy = (ms: number): number => {
  const endsAt = performance.now() + ms;
  let sum = 0;
  while (performance.now() < endsAt) sum += Math.sqrt(sum + 1);
  return sum;
};

const until = async (isDone: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 500 && !isDone(); turn++) await Bun.sleep(2);
  expect(isDone()).toBe(true);
};

describe("profiles", () => {
  test("have a page that names them", async () => {
    await using serving = serve();
    const response = await serving.get("/debug/pprof");
    expect(response.url).toEndWith("/debug/pprof/");
    const page = await response.text();
    for (const name of ["profile?seconds=30", "heap", "stats"]) expect(page).toContain(`href="${name}"`);
  });

  test("of time name what the time is spent with", async () => {
    const clock = new FakeClock();
    await using serving = serve(clock);
    const answer = serving.get("/debug/pprof/profile?seconds=5");
    await until(() => clock.timers > 0);
    for (let turn = 0; turn < 10; turn++) {
      keepBusy(20);
      await Bun.sleep(1);
    }
    clock.advance(5_000);
    const response = await answer;
    expect(response.headers.get("Content-Disposition")).toContain("rtmp-server.cpuprofile");
    const { nodes } = (await response.json()) as {
      nodes: { callFrame: { functionName: string }; hitCount: number }[];
    };
    const busy = nodes.filter(({ callFrame }) => callFrame.functionName === "keepBusy");
    expect(busy.reduce((sum, { hitCount }) => sum + hitCount, 0)).toBeGreaterThan(20);
  });

  test("of time are taken one at a time, and end when whoever asked goes away", async () => {
    const clock = new FakeClock();
    await using serving = serve(clock);
    const end = new AbortController();
    const first = serving.get("/debug/pprof/profile", { signal: end.signal }).catch(() => undefined);
    await until(() => clock.timers > 0);
    expect((await serving.get("/debug/pprof/profile")).status).toBe(409);
    end.abort();
    await first;
    await until(() => clock.timers === 0);
    const next = serving.get("/debug/pprof/profile?seconds=1");
    await until(() => clock.timers > 0);
    clock.advance(1_000);
    expect((await next).status).toBe(200);
  });

  test("of time do not go on for ever", async () => {
    await using serving = serve();
    for (const seconds of ["0", "121", "x", "-1", ""])
      expect((await serving.get(`/debug/pprof/profile?seconds=${seconds}`)).status).toBe(400);
  });

  test("of the heap are what developer tools read", async () => {
    await using serving = serve();
    const response = await serving.get("/debug/pprof/heap");
    expect(response.headers.get("Content-Disposition")).toContain("rtmp-server.heapsnapshot");
    expect(Object.keys((await response.json()) as object)).toContainValues([
      "snapshot",
      "nodes",
      "edges",
      "strings",
    ]);
  });

  test("tell numbers, and collect garbage only where that is asked for", async () => {
    await using serving = serve();
    expect(await (await serving.get("/debug/pprof/stats")).json()).toMatchObject({
      memory: { rss: expect.any(Number) },
      heap: { objectCount: expect.any(Number) },
    });
    expect((await serving.get("/debug/pprof/gc")).status).toBe(404);
    expect(await (await serving.get("/debug/pprof/gc", { method: "POST" })).json()).toMatchObject({
      durationMs: expect.any(Number),
      before: { rss: expect.any(Number) },
      after: { rss: expect.any(Number) },
    });
  });
});
