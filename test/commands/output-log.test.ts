import { describe, expect, test } from "bun:test";
import { OutputLog } from "../../src/commands/output-log.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";

/** Lets a command write pieces, and gives what is logged: level, and line or number of lines left out. */
const logOf = async (
  pieces: readonly (string | Uint8Array | (() => void))[],
  { secrets = [], clock = new FakeClock() }: { secrets?: string[]; clock?: FakeClock } = {},
): Promise<string[]> => {
  const log = new KeptLog();
  const encoder = new TextEncoder();
  const done = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    async start(own) {
      for (const piece of pieces) {
        if (typeof piece === "function") piece();
        else own.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
        await Bun.sleep(1);
      }
      own.close();
      await Bun.sleep(1);
      done.resolve();
    },
  });
  new OutputLog({ name: "runOnRead", fields: { stream_key: "a" }, secrets }, { clock, log }).read(stream);
  await done.promise;
  for (const { fields } of log.lines) expect(fields.stream_key).toBe("a");
  return log.lines.map(({ level, fields }) => `${level} ${fields.line ?? fields.lines_left_out}`);
};

describe("what a command writes", () => {
  const rows: { name: string; pieces: (string | Uint8Array)[]; logged: string[]; secrets?: string[] }[] = [
    { name: "is logged line by line", pieces: ["a\nb\r\n\n  \nc"], logged: ["info a", "info b", "info c"] },
    { name: "is put together", pieces: ["a", "b\r", "\nc", "\n"], logged: ["info ab", "info c"] },
    {
      name: "is put together within a character",
      pieces: [new Uint8Array([0xc3]), new Uint8Array([0xa4, 10])],
      logged: ["info ä"],
    },
    {
      name: "is for debugging where the next line replaces it",
      pieces: ["frame=1\rframe=2\r", "done\n"],
      logged: ["debug frame=1", "debug frame=2", "info done"],
    },
    {
      name: "is cut",
      pieces: ["x".repeat(900), "x".repeat(900), "x".repeat(60_000), "\nb\n"],
      logged: [`info ${"x".repeat(1_000)}…`, "info b"],
    },
    {
      name: "holds no credentials",
      pieces: ["to rtmp://u:p@h/a?pass=x and 'https://h/b?t=1', q=user=u&pass=p\n"],
      secrets: ["user=u&pass=p"],
      logged: ["info to rtmp://***@h/a?*** and 'https://h/b?***', q=***"],
    },
  ];
  for (const { name, pieces, logged, secrets = [] } of rows)
    test(name, async () => {
      expect(await logOf(pieces, { secrets })).toEqual(logged);
    });

  test("is at most twenty lines in a second, and what is left out is counted", async () => {
    const clock = new FakeClock();
    const lines = "x\n".repeat(50);
    const logged = await logOf([lines, () => clock.advance(1_000), "y\n"], { clock });
    expect(logged).toEqual([...Array.from({ length: 20 }, () => "info x"), "info 30", "info y"]);
  });
});
