import { describe, expect, test } from "bun:test";
import type { StreamId } from "../../src/orchestrator/machine/path-template.ts";
import { Plan } from "../../src/orchestrator/plan.ts";
import { loadOrchestratorConfig } from "../../src/orchestrator/settings/load.ts";
import { workerJob } from "../../src/orchestrator/worker-job.ts";

/** A worker that was started for a source with one query, and ends while one with another is there. */
const endOf = ({ started, now, output }: { started: string; now: string; output: string }): string => {
  const text = "worker: {command: [w, '{query}']}";
  const { config } = loadOrchestratorConfig({ file: { text, name: "o" }, environment: {} });
  let query = started;
  const job = workerJob({
    id: "abc" as StreamId,
    plan: new Plan(config),
    inheritance: { env: {}, withheld: new Set(), instance: "i" },
    source: () => ({ id: "1", type: "rtmpConn", query }),
    refusal: () => undefined,
    fields: () => ({}),
  });
  job.command("launch");
  query = now;
  return job.verdictOn({ code: 1, signal: null }, output).error;
};

describe("the end of a worker is told without", () => {
  const rows: { name: string; started: string; now: string; output: string; error: string }[] = [
    {
      name: "the query it was started with, whoever publishes now",
      started: "pass=geheim1&lang=es",
      now: "pass=geheim2",
      output: "bad option pass=geheim1&lang=es",
      error: "code 1: bad option ***",
    },
    {
      name: "the query of who publishes now",
      started: "pass=geheim1",
      now: "pass=geheim2",
      output: "bad option pass=geheim2",
      error: "code 1: bad option ***",
    },
    {
      name: "a password in it, as it was meant",
      started: "lang=es&pass=ge%20heim",
      now: "",
      output: "user es: no such password: ge heim",
      error: "code 1: user es: no such password: ***",
    },
  ];
  for (const { name, error, ...about } of rows)
    test(name, () => {
      expect(endOf(about)).toBe(error);
    });
});
