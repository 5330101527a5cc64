import { describe, expect, test } from "bun:test";
import { nameOf, pathOf, urlsOf } from "../../../../../src/web/pages/player/model/address.ts";

describe("the name of a stream in an address", () => {
  for (const [pathname, name] of [
    ["/", ""],
    ["/live/test/", "live/test"],
    ["//live//test", "live/test"],
    ["/live/a%20b%2Fc/", "live/a b/c"],
    ["/live/%3Cscript%3E%22'/", "live/<script>\"'"],
    ["/live/%00%ff/", "live/%00%ff"],
  ] as const)
    test(`of ${pathname}`, () => {
      expect(nameOf(pathname)).toBe(name);
    });

  test("goes back to the same path, whatever it holds", () => {
    for (const name of ["live/test", "a?b#c", "Übertragung 東京 🎥", "<script>\"'"])
      expect(nameOf(`/${pathOf(name)}/`)).toBe(name);
  });

  test("leads to all parts of the stream, with what stands behind the question mark", () => {
    expect(urlsOf("live/a b", { origin: "https://h:8888", search: "?token=x" })).toEqual({
      state: "https://h:8888/.state/live/a%20b?token=x",
      flv: "https://h:8888/live/a%20b.flv?token=x",
      socket: "wss://h:8888/live/a%20b.flv?token=x",
      hls: "https://h:8888/live/a%20b/index.m3u8?token=x",
    });
  });
});
