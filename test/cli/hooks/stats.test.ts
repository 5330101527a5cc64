import { describe, expect, test } from "bun:test";
import { expose } from "../../../src/base/exposition.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { type HealthPage, numbersOf, shortCount } from "../../../src/cli/hooks/hook-numbers.ts";
import { Scrape } from "../../../src/cli/hooks/scrape.ts";
import { readPages, statsReport } from "../../../src/cli/hooks/stats.ts";
import { readConfig, readServerFlags } from "../../../src/config/server/config.ts";
import { startServer } from "../../../src/server.ts";
import { Serving } from "../../http/serving.ts";
import { run } from "./command.ts";
import { receiver } from "./receiver.ts";

const health: HealthPage = {
  hook_manager_status: "degraded",
  reasons: ["hook a-hook-with-a-rather-long-name is failing"],
  last_event_time: "2026-01-01T00:00:00.000Z",
  hooks: [
    { id: "webhook_0", type: "webhook", breaker: "closed", backlog: 0, oldest_seconds: 0 },
    {
      id: "a-hook-with-a-rather-long-name",
      type: "webhook",
      breaker: "half_open",
      backlog: 12_345,
      oldest_seconds: 3_725.4,
    },
  ],
};

const gauge = (name: string, value: number) =>
  ({ name, help: "h", kind: "gauge", samples: [{ labels: {}, value }] }) as const;

const page = expose([
  {
    name: "rtmp_hook_attempts_total",
    help: "h",
    kind: "counter",
    samples: [
      { labels: { hook: "webhook_0", outcome: "success" }, value: 1_234_567 },
      { labels: { hook: "webhook_0", outcome: "failure" }, value: 3 },
    ],
  },
  {
    name: "rtmp_hook_dead_letters_total",
    help: "h",
    kind: "counter",
    samples: [
      { labels: { hook: "webhook_0", reason: "expired" }, value: 1 },
      { labels: { hook: "webhook_0", reason: "exhausted" }, value: 2 },
    ],
  },
  {
    name: "rtmp_hook_delivery_latency_seconds",
    help: "h",
    kind: "histogram",
    samples: [{ labels: { hook: "webhook_0" }, bounds: [0.01, 0.1], counts: [90, 10, 0], sum: 1 }],
  },
  gauge("rtmp_hook_store_pending", 12_345),
  gauge("rtmp_hook_store_bytes", 3_500_000),
  gauge("rtmp_hook_dlq_size", 1),
]);

describe("the numbers of hooks", () => {
  test("are those of both pages together", () => {
    expect(numbersOf(health, new Scrape(page))[0]).toEqual({
      id: "webhook_0",
      kind: "webhook",
      waiting: 0,
      oldest_seconds: 0,
      delivered: 1_234_567,
      failed: 3,
      retries: 0,
      dead: 3,
      breaker: "closed",
      p95_seconds: expect.closeTo(0.055, 6),
      is_p95_beyond_scale: false,
    });
  });

  test("are a table of 80 columns, with what is wrong above it", () => {
    const report = statsReport({ health, scrape: new Scrape(page) }, 80).split("\n");
    expect(report).toEqual([
      "hooks are degraded",
      "  hook a-hook-with-a-rather-long-name is failing",
      "store: 12345 waiting, 1 dead letter, 3.3M",
      "",
      "HOOK               WAITING  OLDEST  SENT  FAILED  RETRIES  DEAD  BREAKER     P95",
      "webhook_0                0       -  1.2M       3        0     3  closed     55ms",
      "a-hook-with-a-ra…    12.3k  1h2m5s     0       0        0     0  half_open     -",
    ]);
    for (const line of report) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  });

  test("of a server without scripts and webhooks are none", () => {
    const report = statsReport({ health: { ...health, reasons: [], hooks: [] }, scrape: new Scrape("") }, 80);
    expect(report).toBe("hooks are degraded\n\nno script and no webhook");
  });

  test("are short", () => {
    expect(
      [0, 9_999, 10_000, 98_760, 123_456, 999_499, 999_500, 1_234_567, 123_456_789, 12e9].map(shortCount),
    ).toEqual([...["0", "9999", "10.0k", "98.8k", "123k", "999k", "1.0M", "1.2M", "123M", "12.0G"]]);
  });

  test("are read from a server that does badly, too", async () => {
    const paths = { "/health/hooks": [JSON.stringify(health), 503], "/metrics": [page, 200] } as const;
    await using serving = new Serving(
      Object.entries(paths).map(([path, [text, status]]) => ({
        path,
        methods: { GET: () => new Response(text, { status }) },
      })),
    );
    const pages = await readPages({ host: "127.0.0.1", port: serving.server.port });
    expect([pages.health.hooks.length, pages.scrape.sum("rtmp_hook_dlq_size")]).toEqual([2, 1]);
  });

  test("are asked of no stranger", async () => {
    await using serving = new Serving([]);
    const server = { host: "127.0.0.1", port: serving.server.port };
    await expect(readPages(server)).rejects.toMatchObject({
      code: "REJECTED",
      message: `what answers at 127.0.0.1:${server.port} has no /health/hooks, expected an rtmp-server of this version`,
    });
  });
});

describe("rtmp-server hooks stats", () => {
  test("shows the numbers of a running server", async () => {
    using there = receiver(200);
    const flags = [
      "--rtsp=false",
      "--hls=false",
      "--listen",
      "127.0.0.1:0",
      "--metrics-address",
      "127.0.0.1:0",
      "--hook-webhook",
      `*=${there.url}`,
    ];
    const server = startServer(readConfig(readServerFlags(flags)), { log: silentLogger });
    try {
      for (let turn = 0; turn < 500 && there.got.length === 0; turn++) await Bun.sleep(10);
      const address = `127.0.0.1:${server.metricsPort}`;
      const { exitCode, stdout } = await run("stats", "--server", address);
      expect([exitCode, stdout.split("\n")]).toEqual([
        0,
        [
          "hooks are healthy",
          "",
          expect.stringMatching(/^HOOK +WAITING +OLDEST +SENT +FAILED +RETRIES +DEAD +BREAKER +P95$/),
          expect.stringMatching(/^webhook_0 +0 +- +1 +0 +0 +0 +closed +\d+ms$/),
          "",
        ],
      ]);
      const json = JSON.parse((await run("stats", "--json", "--server", address)).stdout);
      expect(json).toMatchObject({
        status: "healthy",
        hooks: [{ id: "webhook_0", delivered: 1, waiting: 0 }],
      });
    } finally {
      await server.stop();
    }
  });

  test("says what is needed where no server answers", async () => {
    expect(await run("stats", "--server", "127.0.0.1:1")).toEqual({
      exitCode: 1,
      stdout: "",
      stderr:
        "rtmp-server: no server answers at 127.0.0.1:1, expected one with --metrics-address 127.0.0.1:1\n",
    });
  });
});
