import { describe, expect, test } from "bun:test";
import { amfObject } from "../../src/amf/value.ts";
import { joinBytes } from "../../src/base/bytes.ts";
import { Message } from "../../src/rtmp/message.ts";
import { command, control, Dialogue, message, userControl } from "./dialogue.ts";
import { call, connect, createStream, lines, player, publisher, ready, video } from "./dialogue-starts.ts";

describe("a server connection answers", () => {
  const rows: {
    name: string;
    from: () => Dialogue;
    send: Uint8Array;
    replies: string[];
    events: string[];
  }[] = [
    {
      name: "pause",
      from: player,
      send: call("pause", 1, 0, true, 0),
      replies: ["5/1 onStatus 0 null NetStream.Pause.Notify"],
      events: ["pause"],
    },
    {
      name: "unpause",
      from: player,
      send: call("pauseRaw", 1, 0, false, 0),
      replies: ["5/1 onStatus 0 null NetStream.Unpause.Notify"],
      events: ["pause"],
    },
    {
      name: "seek",
      from: player,
      send: call("seek", 1, 0, 5000),
      replies: ["5/1 onStatus 0 null NetStream.Seek.Notify"],
      events: [],
    },
    {
      name: "receiveVideo false with nothing",
      from: player,
      send: call("receiveVideo", 1, 0, false),
      replies: [],
      events: ["receive"],
    },
    {
      name: "receiveAudio true",
      from: player,
      send: call("receiveAudio", 1, 0, true),
      replies: ["5/1 onStatus 0 null NetStream.Seek.Notify", "5/1 onStatus 0 null NetStream.Play.Start"],
      events: ["receive"],
    },
    {
      name: "receiveAudio of somebody who plays nothing with nothing",
      from: ready,
      send: call("receiveAudio", 1, 0, true),
      replies: [],
      events: [],
    },
    {
      name: "a ping with the same value",
      from: ready,
      send: userControl(6, 0x12345678),
      replies: ["2 type 4 000712345678"],
      events: [],
    },
    {
      name: "Set Peer Bandwidth with nothing",
      from: ready,
      send: message({ csid: 2, type: 6, body: new Uint8Array([0, 0, 0, 9, 2]) }),
      replies: [],
      events: [],
    },
    {
      name: "getStreamLength",
      from: ready,
      send: call("getStreamLength", 0, 7, "a"),
      replies: ["3/0 _result 7 null 0"],
      events: [],
    },
    {
      name: "getStreamLength with transaction id 0 with nothing",
      from: ready,
      send: call("getStreamLength", 0, 0, "a"),
      replies: [],
      events: [],
    },
    {
      name: "an unknown command",
      from: ready,
      send: call("dance", 0, 9),
      replies: ["3/0 _result 9 null undefined"],
      events: ["ignored"],
    },
    {
      name: "an unknown command with transaction id 0 with nothing",
      from: ready,
      send: call("dance", 0, 0),
      replies: [],
      events: ["ignored"],
    },
    {
      name: "a transaction id that is no number with nothing",
      from: ready,
      send: command(3, 0, ["_checkbw", Number.NaN, null]),
      replies: [],
      events: [],
    },
    {
      name: "an answer with nothing, lest two servers never stop",
      from: ready,
      send: joinBytes([call("_result", 0, 5, "x"), call("_error", 0, 6)]),
      replies: [],
      events: [],
    },
    {
      name: "deleteStream by id",
      from: publisher,
      send: call("deleteStream", 0, 0, 1),
      replies: ["5/1 onStatus 0 null NetStream.Unpublish.Success"],
      events: ["stop"],
    },
    {
      name: "deleteStream without an id",
      from: publisher,
      send: call("deleteStream", 1, 0),
      replies: ["5/1 onStatus 0 null NetStream.Unpublish.Success"],
      events: ["stop"],
    },
    {
      name: "deleteStream of 0 as of the one stream in use",
      from: publisher,
      send: call("deleteStream", 0, 0, 0),
      replies: ["5/1 onStatus 0 null NetStream.Unpublish.Success"],
      events: ["stop"],
    },
    {
      name: "deleteStream of an id that was never given, leaving the others alone",
      from: publisher,
      send: call("deleteStream", 0, 0, 5),
      replies: [],
      events: [],
    },
    {
      name: "closeStream on stream 0 with a name",
      from: publisher,
      send: call("closeStream", 0, 0, "a"),
      replies: ["5/1 onStatus 0 null NetStream.Unpublish.Success"],
      events: ["stop"],
    },
    {
      name: "closeStream of a player",
      from: player,
      send: call("closeStream", 1, 0),
      replies: [],
      events: ["stop"],
    },
    { name: "closeStream of nothing", from: ready, send: call("closeStream", 1, 0), replies: [], events: [] },
    {
      name: "a shared object with nothing",
      from: ready,
      send: message({ csid: 3, type: 19, body: new Uint8Array(9) }),
      replies: [],
      events: ["ignored"],
    },
    {
      name: "type 7 with nothing",
      from: ready,
      send: message({ csid: 2, type: 7, body: new Uint8Array(4) }),
      replies: [],
      events: ["ignored"],
    },
    {
      name: "publish without a type as live",
      from: ready,
      send: call("publish", 1, 0, "a"),
      replies: ["2 type 4 000000000001", "5/1 onStatus 0 null NetStream.Publish.Start"],
      events: ["publish"],
    },
    {
      name: "a name that cannot be one",
      from: ready,
      send: call("publish", 1, 0, "../a"),
      replies: ["5/1 onStatus 0 null NetStream.Publish.BadName"],
      events: ["refused"],
    },
    {
      name: "a play of a name that cannot be one",
      from: ready,
      send: call("play", 1, 0, "a\\b"),
      replies: ["5/1 onStatus 0 null NetStream.Play.StreamNotFound"],
      events: ["refused"],
    },
    {
      name: "an empty message",
      from: publisher,
      send: message({ csid: 4, type: 8, stream: 1, body: new Uint8Array() }),
      replies: [],
      events: ["media"],
    },
  ];
  for (const { name, from, send, replies, events } of rows) {
    test(name, () => {
      const dialogue = from();
      expect(lines(dialogue.send(send))).toEqual(replies);
      expect(dialogue.kinds()).toEqual(events);
    });
  }

  test("a second play on the same stream by ending the first", () => {
    const dialogue = player();
    const replies = lines(dialogue.send(call("play", 1, 0, "b")));
    expect(dialogue.events).toMatchObject([
      { kind: "stop", streamId: 1 },
      { kind: "play", streamId: 1, name: { path: "live/b" } },
    ]);
    expect(replies.at(-1)).toBe("5/1 onStatus 0 null NetStream.Play.Start");
  });

  test("a second play while the first still waits by giving the first up", () => {
    const dialogue = ready();
    dialogue.accepts = false;
    dialogue.send(call("play", 1, 0, "a"));
    dialogue.send(call("play", 1, 0, "b"));
    expect(dialogue.kinds()).toEqual(["play", "stop", "play"]);
  });

  test("play2 as a play of the stream it names", () => {
    const dialogue = ready();
    dialogue.send(call("play2", 1, 0, amfObject({ streamName: "b", transition: "switch" })));
    expect(dialogue.events).toMatchObject([{ kind: "play", name: { path: "live/b" } }]);
  });

  test("createStream with ids from 1 up, a freed one again, and at the ninth with an error", () => {
    const dialogue = Dialogue.shaken();
    dialogue.send(connect);
    const create = (transaction: number): string[] =>
      lines(dialogue.send(command(3, 0, ["createStream", transaction, null])));
    for (let id = 1; id <= 8; id++) expect(create(id + 1)).toEqual([`3/0 _result ${id + 1} null ${id}`]);
    expect(create(10)).toEqual(["3/0 _error 10 null NetConnection.Call.Failed"]);
    dialogue.send(call("deleteStream", 0, 0, 3));
    expect(create(11)).toEqual(["3/0 _result 11 null 3"]);
  });

  test("with an acknowledgement after half the window at most, even where no window was named", () => {
    const dialogue = publisher();
    const size = 100_000;
    const big = message({ csid: 6, type: 9, stream: 1, body: new Uint8Array(size), chunkSize: 0xffffff });
    dialogue.send(control(1, 0xffffff));
    const acks: { hex: string; sent: number }[] = [];
    for (let i = 0; i < 40; i++) {
      for (const reply of dialogue.send(big))
        if ("type" in reply && reply.type === 3)
          acks.push({ hex: reply.hex, sent: dialogue.connection.bytesReceived });
    }
    expect(acks.length).toBe(3);
    for (const { hex, sent } of acks) expect(Number.parseInt(hex, 16)).toBe(sent);
    dialogue.send(control(5, 200_000));
    const more = Array.from({ length: 10 }, () => dialogue.send(big)).flat();
    expect(more.filter((reply) => "type" in reply && reply.type === 3).length).toBe(10);
  });

  test("to media on stream 0 as to that of the only publish, and not where two publish", () => {
    const dialogue = publisher();
    dialogue.send(video(0, 40));
    expect(dialogue.events.map((event) => (event instanceof Message ? event.streamId : event.kind))).toEqual([
      1,
    ]);
    dialogue.send(createStream, call("publish", 2, 0, "b"));
    dialogue.kinds();
    dialogue.send(video(0, 50), video(5, 60));
    expect(dialogue.kinds()).toEqual(["ignored", "ignored"]);
  });

  test("to media before publish was accepted with nothing", () => {
    const dialogue = ready();
    dialogue.accepts = false;
    dialogue.send(video(1), call("publish", 1, 0, "a"), video(1));
    expect(dialogue.kinds()).toEqual(["ignored", "publish", "ignored"]);
  });
});
