import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { Findings } from "../../../src/hooks/settings/findings.ts";

const findings = (): Findings => new Findings((path, message) => `${path.join("/")}: ${message}`);

describe("findings", () => {
  test("are told all at once, each once and with its place, warnings apart", () => {
    const all = findings();
    const inner = all.within("a", 1);
    inner.fault("one");
    inner.within("b").fault("two");
    inner.fault("one");
    inner.warn("odd");
    all
      .placedBy((path, message) => `--flag ${path.join("/")}: ${message}`)
      .within("x")
      .fault("three");
    expect(() => inner.throwFaults()).toThrow(new ConfigError("a/1: one\na/1/b: two\n--flag x: three"));
    expect(all.warnings).toEqual(["a/1: odd"]);
  });

  test("stop nothing while there are only warnings", () => {
    const all = findings();
    all.warn("odd");
    expect(() => all.throwFaults()).not.toThrow();
  });

  test("take the operator's mistakes, and let ours through", () => {
    const all = findings();
    expect(all.attempt(() => 5)).toBe(5);
    const refuse = (): number => {
      throw new ConfigError("no");
    };
    expect(all.within("k").attempt(refuse)).toBeUndefined();
    expect(() => all.throwFaults()).toThrow(new ConfigError("k: no"));
    expect(() =>
      all.attempt(() => {
        throw new TypeError("ours");
      }),
    ).toThrow(TypeError);
  });
});
