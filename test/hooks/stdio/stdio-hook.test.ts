import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../../src/base/log.ts";
import type { HookEvent } from "../../../src/hooks/event/hook-event.ts";
import { StdioHook, type StdioHookOptions } from "../../../src/hooks/stdio/stdio-hook.ts";
import { hostileTexts } from "../hostile-texts.ts";
import { attemptOf } from "../sample-attempt.ts";
import { sampleEvent } from "../sample-event.ts";
import type { Report } from "./stdio-child.ts";

/** What a hook writes for `events` to a reader that takes everything. */
const written = async (
  options: Pick<StdioHookOptions, "format" | "stream" | "prefix">,
  ...events: readonly HookEvent[]
): Promise<{ stdout: string; stderr: string }> => {
  const text = { stdout: "", stderr: "" };
  const hook = new StdioHook({
    ...options,
    isTelemetry: () => false,
    log: silentLogger,
    outletOf: (name) => ({
      write: (piece, done) => {
        text[name] += piece;
        queueMicrotask(done);
      },
    }),
  });
  for (const event of events) expect(await hook.execute(attemptOf(event))).toEqual({ kind: "done" });
  await hook.drained();
  return text;
};

const [one, two] = [sampleEvent(), sampleEvent({ type: "publish_stop", seq: 8 })];
const [jsonOne, jsonTwo] = [JSON.stringify(one), JSON.stringify(two)];

describe("events as JSON", () => {
  const rows = [
    { name: "bare on standard output", options: {}, stdout: `${jsonOne}\n${jsonTwo}\n`, stderr: "" },
    { name: "with a prefix", options: { prefix: "E " }, stdout: `E ${jsonOne}\nE ${jsonTwo}\n`, stderr: "" },
    {
      name: "on standard error",
      options: { stream: "stderr" },
      stdout: "",
      stderr: `${jsonOne}\n${jsonTwo}\n`,
    },
    {
      name: "bare on one and with the well-known prefix on the other",
      options: { stream: "both" },
      stdout: `${jsonOne}\n${jsonTwo}\n`,
      stderr: `RTMP_EVENT: ${jsonOne}\nRTMP_EVENT: ${jsonTwo}\n`,
    },
    {
      name: "bare on one and with a prefix of one's own on the other",
      options: { stream: "both", prefix: "E " },
      stdout: `${jsonOne}\n${jsonTwo}\n`,
      stderr: `E ${jsonOne}\nE ${jsonTwo}\n`,
    },
  ] as const;
  for (const { name, options, stdout, stderr } of rows)
    test(`are lines, ${name}`, async () => {
      expect(await written({ format: "json", ...options }, one, two)).toEqual({ stdout, stderr });
    });

  for (const { name, text } of hostileTexts)
    test(`are one line each with ${name}, and lose nothing of it`, async () => {
      const event = sampleEvent({ stream_key: text, data: { [text]: text } });
      const { stdout } = await written({ format: "json" }, event);
      expect(stdout.match(/[\n\r\u2028\u2029]/g)).toEqual(["\n"]);
      expect(JSON.parse(stdout)).toEqual(event);
    });
});

describe("events as variables", () => {
  test("are a comment, lines in the order of their names, and an empty line", async () => {
    const event = sampleEvent({ stream_key: "live/it's me", data: { clientIp: "::1", tls: true } });
    expect(await written({ format: "env", prefix: "E " }, event)).toEqual({
      stdout: [
        "# RTMP Event: publish_start",
        "MTX_PATH='live/it'\\''s me'",
        "MTX_QUERY=''",
        "MTX_SOURCE_ID=c000001",
        "MTX_SOURCE_TYPE=rtmpConn",
        "RTMP_CLIENT_IP=::1",
        "RTMP_CONN_ID=c000001",
        "RTMP_EVENT_ID=evt_019b0000-0000-7000-8000-000000000001",
        "RTMP_EVENT_TYPE=publish_start",
        "RTMP_SEQ=1",
        "RTMP_SESSION_ID=session",
        "RTMP_SEVERITY=info",
        "RTMP_STREAM_KEY='live/it'\\''s me'",
        "RTMP_TIMESTAMP=1767225600",
        "RTMP_TLS=true",
        "",
        "",
      ].join("\n"),
      stderr: "",
    });
  });

  for (const { name, text } of hostileTexts)
    test(`can be read by a shell with ${name}, which runs none of it`, async () => {
      const event = sampleEvent({ stream_key: text });
      const { stdout } = await written({ format: "env" }, event);
      expect(stdout.split("\n").filter((line) => !/^(?:[A-Z_]+=|# RTMP Event: )[^\n]*$/.test(line))).toEqual([
        "",
        "",
      ]);
      const shell = Bun.spawnSync(["sh", "-c", `${stdout}printf %s "$RTMP_STREAM_KEY"`]);
      expect({ out: shell.stdout.toString(), err: shell.stderr.toString() }).toEqual({
        out: text.replace(/\p{Cc}/gu, "").toWellFormed(),
        err: "",
      });
    });
});

describe("a process whose events go to a pipe", () => {
  const folder = mkdtempSync(join(tmpdir(), "stdio-hook-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const child = join(import.meta.dir, "stdio-child.ts");

  /** Runs the child with `reader`, a piece of shell, at the other end. */
  const runWith = async (reader: string, stream = "stdout"): Promise<{ report: Report; read: string }> => {
    const file = join(folder, `${Bun.randomUUIDv7()}.json`);
    const pipe = stream === "stderr" ? "2>&1 >/dev/null |" : "|";
    const line = `"$0" "$1" "$2" "$3" ${pipe} { ${reader}; }; while [ ! -s "$2" ] && kill -0 $$; do sleep 0.05; done`;
    const shell = Bun.spawn(["sh", "-c", line, process.execPath, child, file, stream], {
      stdout: "pipe",
      stderr: "inherit",
      timeout: 20_000,
    });
    const read = await new Response(shell.stdout).text();
    await shell.exited;
    return { report: JSON.parse(readFileSync(file, "utf8")) as Report, read };
  };

  const seqsOf = (text: string): number[] =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as HookEvent).seq);

  test("loses nothing to a reader that reads", async () => {
    const { report, read } = await runWith("cat");
    expect(seqsOf(read)).toEqual(Array.from({ length: 10_001 }, (_, index) => index + 1));
    expect(report).toMatchObject({ emitted: 10_001, dropped: 0, log: [] });
  }, 30_000);

  test("turns on while nobody reads, and gives whole events in order to who reads in the end", async () => {
    const { report, read } = await runWith("sleep 2.2; cat");
    const seqs = seqsOf(read);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(report.emitted - report.dropped).toBe(seqs.length);
    // All that matters more than telemetry is 2 MB: it fits and is all there.
    expect(seqs.filter((seq) => seq % 10 === 0)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => (i + 1) * 10),
    );
    expect(seqs.at(-1)).toBe(10_001);
    expect(report.log).toEqual(["hook output is not read, events are dropped", "hook output is read again"]);
    expect(report.longestPauseMs).toBeLessThan(500);
    expect(report.grownBytes).toBeLessThan(100_000_000);
  }, 30_000);

  for (const stream of ["stdout", "stderr"])
    test(`lives on when nobody reads its ${stream} and the pipe is closed`, async () => {
      const { report } = await runWith("sleep 0.6", stream);
      expect(report).toMatchObject({
        emitted: 10_001,
        log: [
          "hook output is not read, events are dropped",
          "hook output is closed, no more events go there",
        ],
      });
      expect(report.dropped).toBeGreaterThan(9_900);
      expect(report.longestPauseMs).toBeLessThan(500);
    }, 30_000);
});
