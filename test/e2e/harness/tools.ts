import { test } from "bun:test";
import { needsTool } from "../../base/tool.ts";

/** `test` for tests that run all of these programs: see {@link needsTool}. */
export const needsTools = (...names: readonly string[]): typeof test | typeof test.skip =>
  names.map(needsTool).find((each) => each === test.skip) ?? test;
