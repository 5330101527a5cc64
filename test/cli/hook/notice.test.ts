import { expect, test } from "bun:test";
import { noticeOf } from "../../../src/cli/hook/notice.ts";
import { encodeQuery } from "../../../src/commands/variables.ts";

const noticed = (query: string): string => noticeOf({ MTX_PATH: "live/a/in", MTX_QUERY: query }).query;

test("a notice has what the server says of a stream", () => {
  const environment = {
    MTX_PATH: "live/abc/in",
    MTX_QUERY: "lang%3Des",
    MTX_SOURCE_TYPE: "rtmpConn",
    MTX_SOURCE_ID: "1",
    RTSP_PORT: "8554",
  };
  const told = { path: "live/abc/in", query: "lang=es", sourceType: "rtmpConn", sourceId: "1" };
  expect(noticeOf(environment)).toEqual(told);
  expect(noticeOf({ MTX_PATH: "a" })).toEqual({ path: "a", query: "", sourceType: "", sourceId: "" });
});

test("a query is as the publisher wrote it, whatever a server encodes", () => {
  for (const query of ["", "lang=es", "a=b&c=d%20e+f", "p=100%", "é=\u0000\n😀", "a b%zz", "%", "x+y"])
    expect(noticed(encodeQuery(query))).toBe(query);
});

test("a query that was not encoded stays as it is", () => {
  for (const query of ["lang=es", "a%20b=c+d", "a&b%3D"]) expect(noticed(query)).toBe(query);
});

test("without a path there is nothing to tell", () => {
  for (const environment of [{}, { MTX_PATH: "" }])
    expect(() => noticeOf(environment)).toThrow(/^MTX_PATH is not set/);
});
