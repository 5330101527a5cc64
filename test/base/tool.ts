import { test } from "bun:test";

/**
 * `test` for tests that run the program `name`. Where it is missing they are skipped, and a line says so; in CI
 * (`CI` set) they run and fail all the same, so that an image without the program cannot pass for a green run.
 */
export const needsTool = (name: string): typeof test | typeof test.skip => {
  if (Bun.which(name) !== null || process.env.CI) return test;
  console.warn(`SKIPPED: the tests that need ${name}, which is not on the PATH`);
  return test.skip;
};
