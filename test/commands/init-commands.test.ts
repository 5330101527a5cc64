import { expect, test } from "bun:test";
import { InitCommands } from "../../src/commands/init-commands.ts";
import { configOf } from "./configuration.ts";
import { FakeStarter } from "./fake-starter.ts";

const setUp = (): { starter: FakeStarter; apply: (paths: string) => string[]; commands: InitCommands } => {
  const starter = new FakeStarter();
  const commands = new InitCommands({ starter });
  const apply = (paths: string): string[] => {
    commands.configure(configOf(`paths:\n${paths}`));
    return starter.calls();
  };
  return { starter, apply, commands };
};

test("the command of a path runs while the path is configured so, whatever else changes", () => {
  const { starter, apply, commands } = setUp();
  expect(apply("  a: {runOnInit: one}\n  b: {runOnInit: two, runOnInitRestart: yes}\n  c:")).toEqual([
    "start runOnInit: one",
    "start runOnInit: two",
  ]);
  expect(starter.tasks[1]).toMatchObject({
    restarts: true,
    variables: { RTSP_PORT: "8554", MTX_PATH: "b", RTSP_PATH: "b" },
    fields: { stream_key: "b" },
  });
  expect(apply("  b: {runOnInit: two, runOnInitRestart: yes, maxReaders: 3}\n  a: {runOnInit: one}")).toEqual(
    [],
  );
  expect(apply("  a: {runOnInit: three}\n  b: {runOnInit: two}\n  c: {runOnInit: four}")).toEqual([
    "stop runOnInit",
    "stop runOnInit",
    "start runOnInit: three",
    "start runOnInit: two",
    "start runOnInit: four",
  ]);
  expect(apply("  a: {runOnInit: three}\n  b:")).toEqual(["stop runOnInit", "stop runOnInit"]);
  commands.close();
  expect(starter.calls()).toEqual(["stop runOnInit"]);
  expect(apply("  a: {runOnInit: three}")).toEqual(["start runOnInit: three"]);
});
