import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkReport } from "../../src/cli/check.ts";
import { readOrchestratorConfig } from "../../src/orchestrator/settings/load.ts";

const example = (name: string): string => join(import.meta.dir, "../../docs/examples/dev", name);

test("the files of the set-up can be used as they are, and nothing about them is odd", () => {
  const file = example("mediamtx.yml");
  const { warnings, effective } = checkReport(readFileSync(file, "utf8"), { name: file, environment: {} });
  expect(warnings).toEqual([]);
  expect(effective).toContain("hooks/mtx-hook ready");
  const orchestrator = readOrchestratorConfig(new Map([["config", [example("orchestrator.yml")]]]), {});
  expect(orchestrator.warnings).toEqual([]);
  expect(orchestrator.config).toMatchObject({
    grace: 30_000,
    dataDir: ".dev",
    worker: { command: ["hooks/gst-worker", "{streamId}", "{path}", "{query}"] },
  });
});
