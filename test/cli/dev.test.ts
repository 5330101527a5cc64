import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkReport } from "../../src/cli/check.ts";
import { readOrchestratorConfig } from "../../src/orchestrator/settings/load.ts";

type Environment = Readonly<Record<string, string>>;

const top = join(import.meta.dir, "../..");
const example = (name: string): string => join(top, "docs/examples/dev", name);

const serverReport = (environment: Environment) => {
  const name = example("mediamtx.yml");
  return checkReport(readFileSync(name, "utf8"), { name, environment });
};

const orchestratorOf = (environment: Environment) =>
  readOrchestratorConfig(new Map([["config", [example("orchestrator.yml")]]]), environment);

test("the files of the set-up can be used as they are, and nothing about them is odd", () => {
  const { warnings, effective } = serverReport({});
  expect(warnings).toEqual([]);
  expect(effective).toContain("hooks/mtx-hook ready");
  const orchestrator = orchestratorOf({});
  expect(orchestrator.warnings).toEqual([]);
  expect(orchestrator.config).toMatchObject({
    grace: 30_000,
    dataDir: ".dev",
    worker: { command: ["hooks/gst-worker", "{streamId}", "{path}", "{query}"] },
  });
});

describe("compose.yaml", () => {
  const { services } = parse(readFileSync(join(top, "compose.yaml"), "utf8"), { merge: true }) as {
    services: Record<string, { command: string[]; environment: Environment; volumes: string[] }>;
  };
  const environmentOf = (name: string): Environment => services[name]?.environment ?? {};

  test("runs the server from the file of the set-up, with the hook that needs no curl", () => {
    const { warnings, effective } = serverReport(environmentOf("rtmp-server"));
    expect(warnings).toEqual([]);
    expect(effective).toContain("runOnAvailable: rtmp-server hook ready");
    expect(effective).toContain("runOnUnavailable: rtmp-server hook not-ready");
    expect(effective).toContain("recordPath: /recordings/%path/");
    expect(services["rtmp-server"]?.command).toEqual(["/config/mediamtx.yml"]);
  });

  test("runs the orchestrator from its file, with the server at its name", () => {
    const { config, warnings } = orchestratorOf(environmentOf("stream-orchestration"));
    // Its port is for this machine and the other container.
    expect(warnings).toEqual([expect.stringMatching(/whoever reaches :8080/)]);
    expect(config).toMatchObject({
      address: ":8080",
      api: "http://rtmp-server:9997",
      dataDir: "/data",
      worker: { env: { INPUT: "rtsp://rtmp-server:8554/{path}" } },
    });
    expect(services["stream-orchestration"]?.volumes).toContain("./hooks:/hooks:ro");
  });
});
