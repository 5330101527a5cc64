import { expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { formatHttpAddress, parseHttpAddress } from "../../src/http/address.ts";

test("an address is that of a port, or the path of a Unix socket", () => {
  expect(parseHttpAddress(":9997")).toEqual({ host: "", port: 9997 });
  expect(parseHttpAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  expect(parseHttpAddress("unix:///run/a.sock")).toEqual({ unix: "/run/a.sock" });
  for (const text of ["127.0.0.1:9997", "[::1]:1", "unix://a.sock"])
    expect(formatHttpAddress(parseHttpAddress(text))).toBe(text);
});

test("a socket has a name, and no longer one than the system takes", () => {
  for (const text of ["unix://", `unix:///${"a".repeat(107)}`, "unix:///a\0b", "9997x"])
    expect(() => parseHttpAddress(text)).toThrow(ConfigError);
});
