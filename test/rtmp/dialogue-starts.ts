import { type AmfValue, amfObject } from "../../src/amf/value.ts";
import { command, Dialogue, line, message, type Reply } from "./dialogue.ts";

/** Replies, one line each. */
export const lines = (replies: readonly Reply[]): string[] => replies.map(line);
/** The commands that every client begins with. */
export const connect = command(3, 0, ["connect", 1, amfObject({ app: "live" })]);
export const createStream = command(3, 0, ["createStream", 2, null]);
/** A command on a message stream. */
export const call = (name: string, stream: number, transaction: number, ...args: AmfValue[]): Uint8Array =>
  command(8, stream, [name, transaction, null, ...args]);
/** A key frame. */
export const video = (stream: number, time = 0): Uint8Array =>
  message({ csid: 6, type: 9, stream, time, body: new Uint8Array([0x17, 1, 0, 0, 0, 9]) });

/** A client that has its first message stream. */
export const ready = (): Dialogue => {
  const dialogue = Dialogue.shaken();
  dialogue.send(connect, createStream);
  dialogue.kinds();
  return dialogue;
};
/** A client that publishes on stream 1. */
export const publisher = (): Dialogue => {
  const dialogue = ready();
  dialogue.send(call("publish", 1, 0, "a", "live"));
  dialogue.kinds();
  return dialogue;
};
/** A client that plays on stream 1. */
export const player = (): Dialogue => {
  const dialogue = ready();
  dialogue.send(call("play", 1, 0, "a"));
  dialogue.kinds();
  return dialogue;
};

/** What every client gets for connect, in this order. */
export const connected = (transaction = 1): string[] => [
  "2 type 5 002625a0",
  "2 type 6 002625a002",
  "2 type 1 00001000",
  `3/0 _result ${transaction} NetConnection.Connect.Success`,
];
/** What it gets for publish. */
export const publishing = (stream = 1): string[] => [
  `2 type 4 0000${stream.toString(16).padStart(8, "0")}`,
  `5/${stream} onStatus 0 null NetStream.Publish.Start`,
];
/** What it gets for play. */
export const playing = (stream = 1): string[] => [
  `2 type 4 0000${stream.toString(16).padStart(8, "0")}`,
  `5/${stream} onStatus 0 null NetStream.Play.Reset`,
  `5/${stream} onStatus 0 null NetStream.Play.Start`,
];
/** What it gets at the end of a publish. */
export const stopped = (stream = 1): string => `5/${stream} onStatus 0 null NetStream.Unpublish.Success`;
