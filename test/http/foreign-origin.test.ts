import { describe, expect, test } from "bun:test";
import { foreignOrigin } from "../../src/http/origins.ts";

const requestOf = (method: string, headers: Record<string, string>): Request =>
  new Request("http://127.0.0.1:9997/v3/config/global/patch", { method, headers });

/** Whether a request is found to be a stranger's. */
const isForeign = (
  headers: Record<string, string>,
  { method = "POST", entries = ["*"] }: { method?: string; entries?: readonly string[] } = {},
): boolean => foreignOrigin(requestOf(method, headers), entries) !== undefined;

const stranger = { Origin: "https://evil.example", Host: "127.0.0.1:9997" };

describe("a request that changes something", () => {
  test("is a stranger's where a page of another origin sends it, though every page may read", () => {
    expect(isForeign(stranger)).toBe(true);
    expect(isForeign(stranger, { method: "DELETE" })).toBe(true);
    expect(isForeign({ Origin: "null", Host: "127.0.0.1:9997" })).toBe(true);
    expect(isForeign(stranger, { method: "GET" })).toBe(false);
  });

  test("is a stranger's where a name was turned to this machine", () => {
    expect(isForeign({ Origin: "http://evil.example:9997", Host: "evil.example:9997" })).toBe(true);
  });

  test("is welcome from programs, from this server's own pages, and from origins that are named", () => {
    expect(isForeign({ Host: "127.0.0.1:9997" })).toBe(false);
    for (const host of ["127.0.0.1:9997", "localhost:9997", "[::1]:9997"])
      expect(isForeign({ Origin: `http://${host}`, Host: host })).toBe(false);
    expect(isForeign({ Origin: "http://127.0.0.1:8080", Host: "127.0.0.1:9997" })).toBe(true);
    expect(isForeign(stranger, { entries: ["https://evil.example"] })).toBe(false);
    expect(isForeign(stranger, { entries: ["https://*.example"] })).toBe(false);
  });

  test("is a stranger's whatever it shows as credentials: where everybody may, any will do", () => {
    expect(isForeign({ ...stranger, Authorization: "Bearer x" })).toBe(true);
  });
});
