import { describe, expect, test } from "bun:test";
import { forwarderJob } from "../../src/orchestrator/forwarder-job.ts";
import type { StreamId } from "../../src/orchestrator/machine/path-template.ts";
import { Plan } from "../../src/orchestrator/plan.ts";
import { loadOrchestratorConfig } from "../../src/orchestrator/settings/load.ts";

const jobOf = (settings: string, url = "rtmp://host/app/{streamId}-KEY") => {
  const text = `worker: {command: w}\n${settings}`;
  const { config } = loadOrchestratorConfig({ file: { text, name: "o" }, environment: {} });
  return forwarderJob({
    id: "abc" as StreamId,
    target: { name: "t", url, origin: "file" },
    plan: new Plan(config),
    inheritance: { env: {}, withheld: new Set(), instance: "i" },
    fields: () => ({}),
  });
};

describe("the end of a forwarder", () => {
  const own = jobOf("");
  const ffmpeg = jobOf("forwarder: {command: [sh, -c, 'exec ffmpeg']}");
  const signed = jobOf("", "rtmp://me:geheim@host/app/{streamId}-KEY?sign=1");
  const refused =
    "[rtmp @ 0x56400a5f6240] Server error: authentication failed\nrtmp://host/app/abc-KEY: Operation not permitted\n";
  const rows: {
    name: string;
    job: typeof own;
    code: number | null;
    output?: string;
    kind: string;
    error: string;
  }[] = [
    {
      name: "its own for a refusal",
      job: own,
      code: 77,
      kind: "hopeless",
      error: "a side refuses these credentials (code 77)",
    },
    {
      name: "its own for a bad configuration",
      job: own,
      code: 78,
      output: '{"msg":"forward ended","error":"no URL"}',
      kind: "hopeless",
      error: "its configuration cannot be used (code 78: forward ended: no URL)",
    },
    { name: "its own for a pause", job: own, code: 75, kind: "failure", error: "code 75" },
    { name: "its own for the end of the source", job: own, code: 0, kind: "failure", error: "code 0" },
    { name: "its own that was killed", job: own, code: null, kind: "failure", error: "ended unseen" },
    {
      name: "its own, whose words do not count",
      job: own,
      code: 75,
      output: "authentication failed",
      kind: "failure",
      error: "code 75: authentication failed",
    },
    {
      name: "one whose target has a password and a query, which say a part of that",
      job: signed,
      code: 75,
      output: "abc-KEY is not for geheim",
      kind: "failure",
      error: "code 75: *** is not for ***",
    },
    {
      name: "FFmpeg's for a refusal",
      job: ffmpeg,
      code: 1,
      output: refused,
      kind: "hopeless",
      error: "a side refuses these credentials (code 1: ***: Operation not permitted)",
    },
    {
      name: "FFmpeg's for a target that is down",
      job: ffmpeg,
      code: 1,
      output: "Connection refused",
      kind: "failure",
      error: "code 1: Connection refused",
    },
    {
      name: "another that ends well, whatever it said",
      job: ffmpeg,
      code: 0,
      output: refused,
      kind: "failure",
      error: "code 0: ***: Operation not permitted",
    },
  ];
  for (const { name, job, code, output = "", kind, error } of rows)
    test(`is ${name}`, () => {
      expect<object>(job.verdictOn({ code, signal: null }, output)).toEqual({ kind, error });
    });
});

test("a target is known by its URL, which is nowhere but in the environment", () => {
  const job = jobOf("");
  const { command, env } = job.command("launch");
  expect(env.FORWARD_TARGET).toBe("rtmp://host/app/abc-KEY");
  expect(JSON.stringify([command, job.output.path, job.digest])).not.toContain("KEY");
  expect(job.digest).toHaveLength(64);
});
