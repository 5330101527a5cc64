import { expect, test } from "bun:test";
import { Places } from "../../src/dev/places.ts";

const line = (msg: string, addr?: string): string => JSON.stringify({ level: "INFO", msg, addr });

test("says where everything is that the log has told of, as this machine reaches it", () => {
  const places = new Places();
  expect(places.lines).toEqual([]);
  for (const [msg, addr] of [
    ["RTMP server listening", ":1935"],
    ["RTSP", "[::]:8554"],
    ["control API", "127.0.0.1:9997"],
    ["orchestrator started", "0.0.0.0:8080"],
  ] as const)
    expect(places.learn(line(msg, addr))).toBe(msg);
  expect(places.lines).toEqual([
    "  publish       rtmp://localhost:1935/live/test-stream/in",
    "  play          rtmp://localhost:1935/live/test-stream/out  rtsp://localhost:8554/live/test-stream/out",
    "  dashboard     http://127.0.0.1:9997/",
    "  control API   http://127.0.0.1:9997/v3/paths/list",
    "  orchestrator  http://localhost:8080/",
  ]);
});

test("learns nothing from other lines", () => {
  const places = new Places();
  for (const text of [
    "",
    "plain text",
    "null",
    "[1]",
    "{",
    line("toString", ":1"),
    line("RTSP"),
    '{"msg":5}',
  ])
    places.learn(text);
  expect(places.lines).toEqual([]);
});
