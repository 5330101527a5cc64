import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { readFlags } from "../../../src/config/flags.ts";
import type { Environment } from "../../../src/config/variables.ts";
import { configOption, orchestratorOptions } from "../../../src/orchestrator/settings/flags.ts";
import { loadOrchestratorConfig, shownConfig } from "../../../src/orchestrator/settings/load.ts";

const load = (
  text: string,
  { flags = [], environment = {} }: { flags?: string[]; environment?: Environment } = {},
) =>
  loadOrchestratorConfig({
    file: { text, name: "o.yaml" },
    environment,
    typed: readFlags(flags, orchestratorOptions, { file: configOption.flag }),
  });

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "nothing was thrown";
};

describe("the configuration of an orchestrator", () => {
  test("has defaults for all but the command of the worker", () => {
    const { config } = load("worker: {command: [gst-worker, '{streamId}']}");
    expect(config).toMatchObject({
      address: ":8080",
      grace: 30_000,
      ingest: "live/{streamId}/in",
      processed: "live/{streamId}/out",
      api: "http://127.0.0.1:9997",
      worker: { command: ["gst-worker", "{streamId}"], env: {}, readyTimeout: 15_000, stopTimeout: 10_000 },
      forwarder: { command: [], source: "rtmp://127.0.0.1:1935/{path}" },
      forward: [],
    });
  });

  test("takes what flags say before variables, and those before the file", () => {
    const text =
      "grace: 1s\nmaxWorkers: 1\naddress: :1\nworker: {command: a, readyTimeout: 1s, env: {A: file, B: file, C: file}}\n";
    const environment = {
      ORCHESTRATOR_GRACE: "2s",
      ORCHESTRATOR_MAXWORKERS: "2",
      ORCHESTRATOR_WORKER_READYTIMEOUT: "2s",
      ORCHESTRATOR_WORKER_COMMAND: "b 'c d' {path}",
      ORCHESTRATOR_WORKER_ENV_B: "variable",
    };
    const flags = ["--grace", "3s", "--worker-ready-timeout=3s"];
    const { config } = load(text, { flags, environment });
    expect(config).toMatchObject({ grace: 3_000, maxWorkers: 2, address: ":1" });
    expect(config.worker).toMatchObject({
      command: ["b", "c d", "{path}"],
      readyTimeout: 3_000,
      env: { A: "file", B: "variable", C: "file" },
    });
  });

  test("takes targets from the file, variables and flags", () => {
    const text = "worker: {command: a}\nforward: [{to: 'rtmp://a/x/1'}]\n";
    const environment = {
      ORCHESTRATOR_FORWARD_0_TO: "rtmp://b/x/2,rtmp://c/x/3",
      ORCHESTRATOR_FORWARD_1_STREAMS: "vip",
      ORCHESTRATOR_FORWARD_1_TO: "rtmp://d/x/4",
    };
    expect(load(text, { environment }).config.forward).toEqual([
      { streams: "*", to: ["rtmp://b/x/2", "rtmp://c/x/3"] },
      { streams: "vip", to: ["rtmp://d/x/4"] },
    ]);
    const flags = ["--forward", "*=rtmp://e/x/5?a=b", "--forward", "x-*=rtmp://f/x/6"];
    expect(load(text, { environment, flags }).config.forward).toEqual([
      { streams: "*", to: ["rtmp://e/x/5?a=b"] },
      { streams: "x-*", to: ["rtmp://f/x/6"] },
    ]);
  });

  test("puts variables into texts of the file, and keeps them and its own from workers", () => {
    const { config, withheld } = load(
      `worker: {command: a}\nsecret: '\${HOOKS}'\nforward: [{to: 'rtmp://a/x/\${KEY}'}]\n`,
      {
        environment: { HOOKS: "geheim", KEY: "k", ORCHESTRATOR_TOKEN: "t", PATH: "/bin" },
      },
    );
    expect([config.secret, config.token, config.forward[0]?.to]).toEqual(["geheim", "t", ["rtmp://a/x/k"]]);
    expect([...withheld].sort()).toEqual(["HOOKS", "KEY", "ORCHESTRATOR_TOKEN"]);
    expect(JSON.stringify(shownConfig(config))).not.toMatch(/geheim|"t"|x\/k/);
  });

  test("warns of variables that mean nothing, and of an address that everybody reaches", () => {
    const { warnings } = load("worker: {command: a}\napi: ''", {
      environment: { ORCHESTRATOR_GRACES: "1s", ORCHESTRATOR_LAUNCH: "x" },
    });
    expect(warnings).toEqual([
      "ORCHESTRATOR_GRACES: no such key, ignored; did you mean ORCHESTRATOR_GRACE?",
      "whoever reaches :8080 may have workers started, expected secret where that is not a closed network",
      "without api what events have missed is never made up for",
    ]);
    expect(load("worker: {command: a}\naddress: 127.0.0.1:8080").warnings).toEqual([]);
  });

  test("warns of what is nearly a placeholder, and not of other braces", () => {
    const { warnings } = load(
      "address: 127.0.0.1:1\nworker: {command: 'a {streamID} {streamId}', env: {A: '{Path}', B: '{HOME}'}}\nforwarder: {env: {A: '{query}'}}",
    );
    expect(warnings).toEqual([
      "worker: {streamID} stands for nothing; did you mean {streamId}?",
      "worker: {Path} stands for nothing; did you mean {path}?",
    ]);
  });

  test("that is refused names the variables that mean nothing, too", () => {
    const environment = { ORCHESTRATOR_WORKER_COMAND: "a" };
    expect(messageOf(() => load("grace: 1s", { environment }))).toEndWith(
      "\nORCHESTRATOR_WORKER_COMAND: no such key, ignored; did you mean ORCHESTRATOR_WORKER_COMMAND?",
    );
  });

  const wrong: { text: string; message: string }[] = [
    {
      text: "",
      message:
        "o.yaml:1: worker.command: missing, expected the program that is started for each stream, here or as --worker-command 'PROGRAM {path}'",
    },
    {
      text: "worker: {command: a}\ningest: live/a-{streamId}\nprocessed: live/{streamId}",
      message:
        "o.yaml:3: processed: has all paths of ingest in it, live/a-{streamId}: none of them would start a worker",
    },
    {
      text: "worker: {command: a}\nforwarder: {source: 'rtmp://127.0.0.1/live'}",
      message: "o.yaml:2: forwarder.source: the same for all streams, expected {path} or {streamId} in it",
    },
    {
      text: "worker: {command: a}\nforwarder: {source: 'rtmp://127.0.0.1/{stream}'}",
      message: "o.yaml:2: forwarder.source: an unknown placeholder, expected {streamId} or {path}",
    },
    { text: "worker: {comand: a}", message: "o.yaml:1: worker.comand: unknown key, did you mean command?" },
    {
      text: "worker: {command: a}\ngrace: 30",
      message: "o.yaml:2: grace: 30, expected a duration such as 500ms, 10s, 1m30s, 1h or 7d",
    },
    {
      text: "worker: {command: a}\ningest: live/in",
      message: 'o.yaml:2: ingest: "live/in", expected a path with {streamId} once in it',
    },
    {
      text: "worker: {command: a}\nprocessed: live/{streamId}/in",
      message: "o.yaml:2: processed: the same as ingest: a worker would start itself",
    },
    {
      text: "worker: {command: a}\nprocessed: ''\nforward: [{to: 'rtmp://a/b/c'}]",
      message: "o.yaml:3: forward: has nothing to push, expected processed to name its paths",
    },
    {
      text: "worker: {command: a}\nforward: [{streams: a}]",
      message: "o.yaml:2: forward[0]: no target, expected to: [rtmp://HOST/APP/KEY]",
    },
    {
      text: "worker: {command: a}\nforward: [{to: 'http://a/SECRET'}]",
      message: "o.yaml:2: forward[0].to: a http URL, expected one with rtmp:// or rtmps://",
    },
    {
      text: "worker: {command: a}\nforward: [{to: 'rtmp://a/SECRET/{name}'}]",
      message: "o.yaml:2: forward[0].to: an unknown placeholder, expected {streamId} or {path}",
    },
    {
      text: "worker: {command: 'a \"b'}",
      message:
        'o.yaml:1: worker.command: a command with a " that is not closed, expected another one behind it',
    },
    { text: "worker: {command: [a, 1]}", message: "o.yaml:1: worker.command: 1, expected text in quotes" },
    {
      text: "worker: {command: a, env: {'A-B': x}}",
      message: "o.yaml:1: worker.env.A-B: no name of a variable, expected letters, digits and _",
    },
    {
      text: `worker: {command: a}\nsecret: '\${NONE}'`,
      message: "o.yaml:2: secret: variable NONE is not set",
    },
    {
      text: "worker: {command: a}\napi: ftp://x",
      message: "o.yaml:2: api: a ftp URL, expected one with http:// or https://",
    },
  ];
  for (const { text, message } of wrong)
    test(`that says ${JSON.stringify(text)} is refused`, () => {
      expect(messageOf(() => load(text))).toBe(message);
    });

  test("names the flag and the variable that are at fault, and never what a secret one says", () => {
    const text = "worker: {command: a}";
    expect(messageOf(() => load(text, { flags: ["--grace", "soon"] }))).toStartWith("--grace: ");
    expect(messageOf(() => load(text, { environment: { ORCHESTRATOR_GRACE: "soon" } }))).toStartWith(
      "ORCHESTRATOR_GRACE: ",
    );
    const flags = ["--forward", "SECRET"];
    expect(messageOf(() => load(text, { flags }))).toBe("--forward: no GLOB=URL");
    expect(
      messageOf(() => load(text, { environment: { ORCHESTRATOR_FORWARD_1_TO: "rtmp://a/b/SECRET" } })),
    ).toBe("ORCHESTRATOR_FORWARD_1_TO: item 1 of 0, expected at most 0");
  });
});
