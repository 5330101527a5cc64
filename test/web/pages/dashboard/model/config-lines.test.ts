import { expect, test } from "bun:test";
import { configLines } from "../../../../../src/web/pages/dashboard/model/config-lines.ts";

test("every value has a line under its whole name", () => {
  const lines = configLines({
    logLevel: "info",
    api: true,
    playback: false,
    port: 0,
    none: null,
    origins: ["a", "b"],
    ips: [],
    users: [{ user: "any", permissions: [{ action: "read" }] }],
  });
  expect(lines.map(({ key, value }) => `${key}=${value}`)).toEqual([
    "logLevel=info",
    "api=yes",
    "playback=no",
    "port=0",
    "none=",
    "origins=a, b",
    "ips=[]",
    "users[0].user=any",
    "users[0].permissions[0].action=read",
  ]);
  expect(configLines({})).toEqual([]);
});
