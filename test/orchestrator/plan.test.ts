import { expect, test } from "bun:test";
import { resolve } from "node:path";
import type { StreamId } from "../../src/orchestrator/machine/path-template.ts";
import { Plan } from "../../src/orchestrator/plan.ts";
import { loadOrchestratorConfig } from "../../src/orchestrator/settings/load.ts";

test("files of logs are named so that others find them, wherever they look from", () => {
  const file = { text: "worker: {command: w}\ndataDir: ./data\n", name: "o.yaml" };
  const plan = new Plan(loadOrchestratorConfig({ file, environment: {} }).config);
  const id = "abc" as StreamId;
  expect([plan.workerOutput(id).path, plan.forwarderOutput(id, "t").path]).toEqual([
    resolve("data/logs/workers/abc.log"),
    resolve("data/logs/forwarders/abc/t.log"),
  ]);
});
