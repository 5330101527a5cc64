import { heapStats } from "bun:jsc";
import type { Clock } from "../base/time.ts";
import { takeCpuProfile } from "./cpu-profile.ts";
import { errorResponse } from "./error-response.ts";
import { takeHeapSnapshot } from "./heap-snapshot.ts";
import { json, type Resource } from "./resource.ts";

const defaultProfileSeconds = 30;

const maxProfileSeconds = 120;

/** A profile is written down when it has ended, and that takes a moment, in seconds. */
const spareSeconds = 30;

/** With more objects than these a snapshot takes seconds, in which nothing else happens, and gigabytes. */
const maxSnapshotObjects = 2_000_000;

const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>/debug/pprof/</title></head>
<body>
<h1>/debug/pprof/</h1>
<p>Profiles of this process. It runs on JavaScriptCore, not on Go: formats are those of browsers' developer tools, and
<code>go tool pprof</code> does not read them.</p>
<ul>
<li><a href="profile?seconds=${defaultProfileSeconds}">profile</a>: what the main thread spends its time with, for
<code>?seconds=</code> 1 to ${maxProfileSeconds}; a <code>.cpuprofile</code> for Chrome's Performance panel or speedscope.
The executable's names are shortened.</li>
<li><a href="heap">heap</a>: what lies on the heap; a <code>.heapsnapshot</code> for Chrome's Memory panel, texts taken out.
All media stand still while it is taken, about a second for 30 MB.</li>
<li><a href="stats">stats</a>: memory and counts of objects, as JSON.</li>
<li><code>POST gc</code>: collects garbage, and tells what that freed, as JSON. All media stand still meanwhile.</li>
</ul>
</body>
</html>
`;

const attachment = (body: string, name: string): Response =>
  new Response(body, {
    headers: {
      "Content-Type": "application/json",
      "Content-Disposition": `attachment; filename="${name}"`,
      "Cache-Control": "no-store",
    },
  });

/** `/debug/pprof/…`: where time and memory of this process go. */
export const profilingResources = (clock: Clock): readonly Resource[] => {
  const profiler = new Profiler(clock);
  return [
    {
      path: "/debug/pprof/",
      methods: { GET: () => new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } }) },
    },
    {
      path: "/debug/pprof/profile",
      methods: {
        GET: (request, call) => {
          const seconds = secondsOf(call.query);
          if (seconds === undefined)
            return errorResponse(400, `seconds, expected a number from 1 to ${maxProfileSeconds}`);
          call.extend(seconds + spareSeconds);
          return profiler.profile(seconds, request.signal);
        },
      },
    },
    { path: "/debug/pprof/heap", methods: { GET: heap } },
    { path: "/debug/pprof/stats", methods: { GET: () => json(stats()) } },
    { path: "/debug/pprof/gc", methods: { POST: () => json(collectGarbage()) } },
  ];
};

const secondsOf = (query: URLSearchParams): number | undefined => {
  const seconds = Number(query.get("seconds") ?? defaultProfileSeconds);
  return seconds >= 1 && seconds <= maxProfileSeconds ? seconds : undefined;
};

/** There is one profiler in a process, so one profile at a time. */
class Profiler {
  readonly #clock: Clock;
  #isBusy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends early where the client goes away. */
  async profile(seconds: number, signal: AbortSignal): Promise<Response> {
    if (this.#isBusy) return errorResponse(409, "a profile is being taken, expected one at a time");
    this.#isBusy = true;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(seconds * 1_000, end);
    signal.addEventListener("abort", () => end(), { once: true });
    try {
      const profile = await takeCpuProfile(ended);
      return attachment(JSON.stringify(profile), "rtmp-server.cpuprofile");
    } finally {
      cancel();
      this.#isBusy = false;
    }
  }
}

const heap = (): Response => {
  const { objectCount } = heapStats();
  if (objectCount > maxSnapshotObjects)
    return errorResponse(503, `${objectCount} objects, a snapshot is taken of at most ${maxSnapshotObjects}`);
  return attachment(takeHeapSnapshot(), "rtmp-server.heapsnapshot");
};

const stats = () => {
  const { objectTypeCounts, objectCount, protectedObjectCount, heapSize, heapCapacity, extraMemorySize } =
    heapStats();
  return {
    memory: process.memoryUsage(),
    heap: { heapSize, heapCapacity, extraMemorySize, objectCount, protectedObjectCount, objectTypeCounts },
    cpu: process.cpuUsage(),
    uptimeSeconds: process.uptime(),
  };
};

const collectGarbage = () => {
  const before = process.memoryUsage();
  const startedAt = performance.now();
  Bun.gc(true);
  return { durationMs: performance.now() - startedAt, before, after: process.memoryUsage() };
};
