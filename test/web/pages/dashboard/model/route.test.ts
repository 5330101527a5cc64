import { expect, test } from "bun:test";
import { hashOf, parseHash } from "../../../../../src/web/pages/dashboard/model/route.ts";

test("every name comes back from the address that it is put into", () => {
  for (const name of ["", "live/a", `a"b'<c>&d?#%00%`, "ä/ö"])
    expect(parseHash(hashOf("streams", name))).toEqual({ section: "streams", name });
});

test("what cannot be read leads to the beginning", () => {
  expect(["", "#", "#/nowhere/x", "#streams"].map((hash) => parseHash(hash))).toEqual(
    Array.from({ length: 4 }, () => ({ section: "streams", name: "" })),
  );
  expect(parseHash("#/alerts/%E0%A4")).toEqual({ section: "alerts", name: "" });
});
