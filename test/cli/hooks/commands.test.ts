import { describe, expect, test } from "bun:test";
import { run } from "./command.ts";

describe("rtmp-server hooks", () => {
  for (const args of [
    ["list"],
    ["test"],
    ["stats"],
    ["tail"],
    ["dlq"],
    ["dlq", "list"],
    ["dlq", "show"],
    ["dlq", "replay"],
    ["dlq", "purge"],
  ])
    test(`${args.join(" ")} --help fits 80 columns`, async () => {
      const { exitCode, stdout, stderr } = await run(...args, "--help");
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toStartWith(`rtmp-server hooks ${args.join(" ")}: `);
      for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    });
});
