import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { copyBytes, joinBytes } from "../../src/base/bytes.ts";
import type { ServerEvent } from "../../src/rtmp/server-connection.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";
import { cutPlaces, singly, splitAt } from "../base/split.ts";
import { control, Dialogue, echo, hello, message, userControl } from "./dialogue.ts";
import { call, connect, createStream, lines, player, publisher, ready, video } from "./dialogue-starts.ts";

describe("a server connection ends with", () => {
  const rows: { name: string; from: () => Dialogue; send: Uint8Array; code: string }[] = [
    {
      name: "a command before connect",
      from: () => Dialogue.shaken(),
      send: createStream,
      code: "COMMAND_ORDER",
    },
    { name: "a second connect", from: ready, send: connect, code: "COMMAND_ORDER" },
    { name: "a publish on stream 0", from: ready, send: call("publish", 0, 5, "a"), code: "COMMAND_ORDER" },
    {
      name: "a publish on a stream that was never given",
      from: ready,
      send: call("publish", 2, 5, "a"),
      code: "COMMAND_ORDER",
    },
    { name: "a play on stream 0", from: ready, send: call("play", 0, 5, "a"), code: "COMMAND_ORDER" },
    {
      name: "a second publish on the same stream",
      from: publisher,
      send: call("publish", 1, 5, "b"),
      code: "COMMAND_ORDER",
    },
    {
      name: "a play on a stream that publishes",
      from: publisher,
      send: call("play", 1, 5, "b"),
      code: "COMMAND_ORDER",
    },
    {
      name: "a publish on a stream that plays",
      from: player,
      send: call("publish", 1, 5, "b"),
      code: "COMMAND_ORDER",
    },
    {
      name: "a command without a name",
      from: ready,
      send: message({ csid: 3, type: 20, body: new Uint8Array([5]) }),
      code: "COMMAND",
    },
    { name: "a chunk size of 0", from: ready, send: control(1, 0), code: "CHUNK_SIZE" },
    { name: "a chunk size of 2^31", from: ready, send: control(1, 2 ** 31), code: "CHUNK_SIZE" },
    {
      name: "a control message that is too short",
      from: ready,
      send: message({ csid: 2, type: 5, body: new Uint8Array(3) }),
      code: "CONTROL_MESSAGE",
    },
    {
      name: "51 commands in a second",
      from: ready,
      send: joinBytes(Array.from({ length: 51 }, () => call("_checkbw", 0, 0))),
      code: "CONTROL_FLOOD",
    },
    {
      name: "101 control messages in a second",
      from: ready,
      send: joinBytes(Array.from({ length: 101 }, () => userControl(6, 1))),
      code: "CONTROL_FLOOD",
    },
    {
      name: "an aggregate that lies",
      from: publisher,
      send: message({ csid: 6, type: 22, stream: 1, body: new Uint8Array(20).fill(255) }),
      code: "AGGREGATE",
    },
    {
      name: "AMF nested too deep",
      from: ready,
      send: message({
        csid: 3,
        type: 20,
        body: new Uint8Array(10_000).fill(10).map((_, i) => (i % 5 === 0 ? 10 : i % 5 === 4 ? 1 : 0)),
      }),
      code: "AMF_TOO_DEEP",
    },
  ];
  for (const { name, from, send, code } of rows) {
    test(`${name} (${code})`, () => {
      const dialogue = from();
      expect(codeOf(() => dialogue.send(send))).toBe(code);
    });
  }

  test("no flood where the same comes over several seconds", () => {
    const dialogue = ready();
    for (let second = 1; second < 10; second++) {
      dialogue.connection.tick(second * 1000);
      dialogue.send(joinBytes(Array.from({ length: 40 }, () => call("_checkbw", 0, 0))));
      dialogue.send(joinBytes(Array.from({ length: 90 }, () => userControl(6, 1))));
    }
  });

  test("no flood in the acknowledgements of a fast player, a hundred thousand of them over the hours", () => {
    const dialogue = ready();
    for (let second = 1; second < 250; second++) {
      // Each tick begins a new second of the budgets; its time is that of the deadlines, which are not meant here.
      dialogue.connection.tick(second);
      dialogue.send(joinBytes(Array.from({ length: 400 }, (_, i) => control(3, second * 1000 + i))));
    }
  });

  const limits = { handshake: 100, connect: 200, command: 300 };
  const stages: { name: string; from: () => Dialogue; lasts: number; code: string }[] = [
    {
      name: "a handshake that stops half way",
      from: () => new Dialogue({ limits }),
      lasts: 100,
      code: "HANDSHAKE_TIMEOUT",
    },
    { name: "no connect", from: () => Dialogue.shaken({ limits }), lasts: 200, code: "STAGE_TIMEOUT" },
  ];
  for (const { name, from, lasts, code } of stages) {
    test(`${name} after ${lasts} ms, however it dribbles`, () => {
      const dialogue = from();
      const dribble = name.startsWith("a handshake") ? hello : connect;
      for (let now = 0; now < lasts; now += 10) {
        dialogue.connection.tick(now);
        dialogue.send(dribble.subarray(now / 10, now / 10 + 1));
      }
      expect(codeOf(() => dialogue.connection.tick(lasts))).toBe(code);
    });
  }

  test("no publish or play after connect, again after a publish ended, and not while one lasts", () => {
    const dialogue = Dialogue.shaken({ limits });
    dialogue.send(connect, createStream);
    dialogue.connection.tick(0);
    dialogue.connection.tick(299);
    dialogue.send(call("publish", 1, 0, "a"));
    for (const now of [310, 5_000, 90_000]) dialogue.connection.tick(now);
    expect(dialogue.connection.stage).toBe("media");
    dialogue.send(call("deleteStream", 0, 0, 1));
    dialogue.connection.tick(90_010);
    dialogue.connection.tick(90_309);
    expect(codeOf(() => dialogue.connection.tick(90_310))).toBe("STAGE_TIMEOUT");
  });
});

describe("however TCP cuts it", () => {
  const session = joinBytes([
    hello,
    echo,
    connect,
    createStream,
    call("publish", 1, 3, "a", "live"),
    control(1, 4096),
    ...Array.from({ length: 6 }, (_, i) => video(1, i * 33)),
    userControl(6, 9),
    call("deleteStream", 0, 4, 1),
    call("dance", 0, 5),
  ]);
  const outcome = (pieces: readonly Uint8Array[]): { replies: string[]; events: ServerEvent[] } => {
    const dialogue = new Dialogue();
    const replies: string[] = [];
    for (const piece of pieces) replies.push(...lines(dialogue.send(piece)));
    return { replies, events: dialogue.events };
  };
  const whole = outcome([copyBytes(session)]);

  test("a session gives the same events and replies", () => {
    holds(fc.property(cutPlaces, (cuts) => expect(outcome(splitAt(session, cuts))).toEqual(whole)));
    expect(outcome(singly(session))).toEqual(whole);
  });

  test("a fault shows after the good events before it", () => {
    const bad = joinBytes([session, control(1, 0)]);
    for (const pieces of [[copyBytes(bad)], singly(bad)]) {
      const dialogue = new Dialogue();
      expect(codeOf(() => pieces.map((piece) => dialogue.send(piece)))).toBe("CHUNK_SIZE");
      expect(dialogue.events).toEqual(whole.events);
    }
  });
});
