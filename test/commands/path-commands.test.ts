import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { PathCommands } from "../../src/commands/path-commands.ts";
import type { DomainEvent } from "../../src/stream/event.ts";
import { peerOf } from "../stream/peer.ts";
import { Configuration, configOf } from "./configuration.ts";
import { FakeStarter } from "./fake-starter.ts";

const path = parseStreamPath("live/abc/in");
const publisher = peerOf("c1", "127.0.0.1:1");
const reader = peerOf("c2", "127.0.0.1:2");

const available: DomainEvent = {
  kind: "streamAvailable",
  path,
  peer: publisher,
  query: "a=b&c=d e",
  tracks: [],
};
const unavailable: DomainEvent = {
  kind: "streamUnavailable",
  path,
  peer: publisher,
  query: "a=b&c=d e",
  reason: "client_stop",
};
const played: DomainEvent = { kind: "playStarted", path, peer: reader, query: "pass=x" };
const left: DomainEvent = {
  kind: "playStopped",
  path,
  peer: reader,
  reason: "client_stop",
  durationMs: 1,
  bytesSent: 1,
  droppedFrames: 0,
};
const recorded: DomainEvent = {
  kind: "recordingCompleted",
  path,
  file: "./rec/a.mp4",
  durationMs: 12_345,
  bytes: 1,
};

const all = `
rtspAddress: 127.0.0.1:9554
paths:
  ~^live/(.+)/(in|out)(x)?$:
    runOnReady: ready
    runOnReadyRestart: yes
    runOnNotReady: notready
    runOnOnline: online
    runOnOffline: offline
    runOnRead: read
    runOnUnread: unread
    runOnRecordSegmentCreate: create
    runOnRecordSegmentComplete: complete
`;

const setUp = (text: string): { starter: FakeStarter; commands: PathCommands; lookup: Configuration } => {
  const starter = new FakeStarter();
  const lookup = new Configuration(text);
  return { starter, lookup, commands: new PathCommands({ starter, lookup }) };
};

const ofPath = {
  RTSP_PORT: "9554",
  MTX_PATH: "live/abc/in",
  RTSP_PATH: "live/abc/in",
  G1: "abc",
  G2: "in",
  G3: "",
};
const ofSource = { MTX_QUERY: "a%3Db%26c%3Dd+e", MTX_SOURCE_TYPE: "rtmpConn", MTX_SOURCE_ID: publisher.id };

describe("the commands of a stream", () => {
  test("begin with its tracks, available before online, and end the other way round", () => {
    const { starter, commands } = setUp(all);
    commands.take(available);
    expect(starter.calls()).toEqual(["start runOnAvailable: ready", "start runOnOnline: online"]);
    commands.take(unavailable);
    commands.take(unavailable);
    expect(starter.calls()).toEqual([
      "stop runOnOnline",
      "launch runOnOffline: offline",
      "stop runOnAvailable",
      "launch runOnUnavailable: notready",
    ]);
  });

  test("know path, groups, source and the query once more encoded, at the end too", () => {
    const { starter, commands } = setUp(all);
    commands.take(available);
    commands.take(unavailable);
    for (const task of starter.tasks) expect(task.variables).toEqual({ ...ofPath, ...ofSource });
    expect(starter.tasks.map(({ name, restarts }) => [name, restarts])).toEqual([
      ["runOnAvailable", true],
      ["runOnOnline", false],
      ["runOnOffline", false],
      ["runOnUnavailable", false],
    ]);
    expect(starter.tasks[0]!.secrets).toEqual(["a=b&c=d e", "a%3Db%26c%3Dd+e"]);
    expect(starter.tasks[0]!.fields).toEqual({ stream_key: path });
  });

  test("run for each reader", () => {
    const { starter, commands } = setUp(all);
    commands.take(played);
    commands.take({ ...played, peer: publisher });
    expect(starter.calls()).toEqual(["start runOnRead: read", "start runOnRead: read"]);
    expect(starter.tasks[0]!.variables).toEqual({
      ...ofPath,
      MTX_QUERY: "pass%3Dx",
      MTX_READER_TYPE: "rtmpConn",
      MTX_READER_ID: reader.id,
    });
    commands.take(left);
    commands.take(left);
    expect(starter.calls()).toEqual(["stop runOnRead", "launch runOnUnread: unread"]);
    expect(starter.tasks.at(-1)?.variables).toEqual(starter.tasks[0]!.variables);
  });

  test("run for segments of recordings", () => {
    const { starter, commands } = setUp(all);
    commands.take({ kind: "recordingStarted", path, file: "./rec/a.mp4" });
    commands.take(recorded);
    commands.take({ ...recorded, durationMs: 3_000 });
    commands.take({ kind: "recordingFailed", path, file: "./rec/b.mp4", error: "disk" });
    expect(starter.calls()).toEqual([
      "launch runOnRecordSegmentCreate: create",
      "launch runOnRecordSegmentComplete: complete",
      "launch runOnRecordSegmentComplete: complete",
    ]);
    const segment = { MTX_SEGMENT_PATH: "./rec/a.mp4" };
    expect(starter.tasks.map(({ variables }) => variables)).toEqual([
      { ...ofPath, ...segment },
      { ...ofPath, ...segment, MTX_SEGMENT_DURATION: "12.345" },
      { ...ofPath, ...segment, MTX_SEGMENT_DURATION: "3" },
    ]);
  });

  test("of an end alone run at the end alone", () => {
    const { starter, commands } = setUp("paths:\n  all:\n    runOnNotReady: gone");
    commands.take(available);
    expect(starter.calls()).toEqual([]);
    commands.take(unavailable);
    expect(starter.calls()).toEqual(["launch runOnUnavailable: gone"]);
    // A path found as all others has no groups.
    expect(Object.keys(starter.tasks[0]!.variables).sort()).toEqual(
      ["MTX_PATH", "MTX_QUERY", "MTX_SOURCE_ID", "MTX_SOURCE_TYPE", "RTSP_PATH", "RTSP_PORT"].sort(),
    );
  });

  test("stay what they were when it began, whatever is configured meanwhile", () => {
    const { starter, commands, lookup } = setUp(all);
    commands.take(available);
    starter.calls();
    lookup.now = configOf("paths: {}");
    commands.take(unavailable);
    expect(starter.calls()).toContain("launch runOnUnavailable: notready");
  });

  test("all end with a close", () => {
    const { starter, commands } = setUp(all);
    commands.take(available);
    commands.take(played);
    starter.calls();
    commands.close();
    expect(starter.calls()).toEqual([
      "stop runOnRead",
      "launch runOnUnread: unread",
      "stop runOnOnline",
      "launch runOnOffline: offline",
      "stop runOnAvailable",
      "launch runOnUnavailable: notready",
    ]);
  });

  test("are none where none are configured, nor where the path is not", () => {
    for (const text of ["paths:\n  all:", "paths:\n  other:"]) {
      const { starter, commands, lookup } = setUp(text);
      for (const event of [available, unavailable, played, left, recorded]) commands.take(event);
      expect([starter.calls(), lookup.lookups <= 5]).toEqual([[], true]);
    }
  });
});
