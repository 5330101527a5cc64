import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ConfigError } from "../../../src/base/errors.ts";
import { headerName, headerValue } from "../../../src/hooks/settings/header.ts";
import { holds } from "../../base/property.ts";

const outcome = (run: () => string): string => {
  try {
    return run();
  } catch (error) {
    if (error instanceof ConfigError) return `! ${error.message}`;
    throw error;
  }
};

describe("the name of a header", () => {
  for (const name of ["X-Source", "authorization", "X_1.~"])
    test(`may be ${name}`, () => expect(headerName(name)).toBe(name));

  for (const name of [
    "Host",
    "content-length",
    "Connection",
    "Transfer-Encoding",
    "Proxy-Authorization",
    "webhook-id",
    "WebHook-X",
  ])
    test(`is ours where it is ${name}`, () =>
      expect(outcome(() => headerName(name))).toBe(
        `! header ${name} is set by the server, expected another one`,
      ));

  for (const name of ["", "a b", "a:", "ä", "a\r\nb"])
    test(`cannot be ${JSON.stringify(name)}`, () =>
      expect(outcome(() => headerName(name))).toBe(
        `! ${JSON.stringify(name)} is no header, expected a name such as X-Source`,
      ));
});

describe("the value of a header", () => {
  test("is what fetch sends, or is refused without being told", () => {
    holds(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const read = outcome(() => headerValue(value));
        if (read.startsWith("! a header value with")) return;
        expect(new Headers([["x", read]]).get("x")).toBe(read);
      }),
      { numRuns: 1_000 },
    );
    expect(outcome(() => headerValue("hide\r\nX: y"))).not.toContain("hide");
    expect(headerValue(" Bearer é ")).toBe("Bearer é");
  });
});
