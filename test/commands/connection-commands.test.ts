import { describe, expect, test } from "bun:test";
import { ConnectionCommands } from "../../src/commands/connection-commands.ts";
import type { DomainEvent, Peer } from "../../src/stream/event.ts";
import { peerOf } from "../stream/peer.ts";
import { configOf } from "./configuration.ts";
import { FakeStarter } from "./fake-starter.ts";

const accepted = (peer: Peer): DomainEvent => ({
  kind: "connectionAccepted",
  peer,
  local: "127.0.0.1:1935",
  isTls: false,
});
const closed = (peer: Peer): DomainEvent => ({
  kind: "connectionClosed",
  peer,
  role: "",
  path: undefined,
  reason: "client_disconnect",
  durationMs: 1,
  bytesReceived: 0,
  bytesSent: 0,
});

const setUp = (text: string): { starter: FakeStarter; commands: ConnectionCommands } => {
  const starter = new FakeStarter();
  return { starter, commands: new ConnectionCommands({ starter, config: () => configOf(text) }) };
};

const both = "runOnConnect: come\nrunOnConnectRestart: yes\nrunOnDisconnect: go";

describe("the commands of a connection", () => {
  test("run when it comes and when it has gone, with its kind and id", () => {
    const { starter, commands } = setUp(both);
    const peer = peerOf("c1", "127.0.0.1:1");
    commands.take(accepted(peer));
    commands.take(accepted(peerOf("c2", "127.0.0.1:2")));
    commands.take(closed(peer));
    commands.take(closed(peer));
    expect(starter.calls()).toEqual([
      "start runOnConnect: come",
      "start runOnConnect: come",
      "stop runOnConnect",
      "launch runOnDisconnect: go",
    ]);
    const variables = { RTSP_PORT: "8554", MTX_CONN_TYPE: "rtmpConn", MTX_CONN_ID: peer.id };
    expect(starter.tasks[0]).toMatchObject({ variables, restarts: true, fields: { conn_id: "c1" } });
    expect(starter.tasks.at(-1)).toMatchObject({ variables, restarts: false });
    commands.close();
    expect(starter.calls()).toEqual(["stop runOnConnect", "launch runOnDisconnect: go"]);
  });

  const kinds: [Peer["kind"], string | undefined][] = [
    ["rtmpsConn", "rtmpsConn"],
    ["rtspSession", "rtspConn"],
    ["rtspsSession", "rtspsConn"],
    ["hlsSession", undefined],
    ["rtmpSource", undefined],
  ];
  for (const [kind, type] of kinds)
    test(`of the kind ${kind} ${type === undefined ? "are none" : `call it ${type}`}`, () => {
      const { starter, commands } = setUp(both);
      commands.take(accepted({ ...peerOf("c1", ""), kind }));
      expect(starter.tasks.map(({ variables }) => variables.MTX_CONN_TYPE)).toEqual(
        type === undefined ? [] : [type],
      );
    });

  test("are none where none are configured", () => {
    const { starter, commands } = setUp("rtmp: yes");
    commands.take(accepted(peerOf("c1", "")));
    commands.take(closed(peerOf("c1", "")));
    expect(starter.calls()).toEqual([]);
  });
});
