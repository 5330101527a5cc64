import { describe, expect, test } from "bun:test";
import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { amfEcmaArray, amfObject } from "../../src/amf/value.ts";
import { Message } from "../../src/rtmp/message.ts";
import { command, control, Dialogue, echo, hello, message } from "./dialogue.ts";

import { connected, lines, publishing, stopped } from "./dialogue-starts.ts";

const media = (dialogue: Dialogue): [number, number, number][] =>
  dialogue.events
    .filter((event) => event instanceof Message)
    .map(({ typeId, timestamp, streamId }) => [typeId, timestamp, streamId]);

const video = (stream: number, time: number, csid = 6, format: 0 | 1 = 0): Uint8Array =>
  message({ csid, type: 9, stream, time, format, body: new Uint8Array([0x17, 1, 0, 0, 0, 9]) });
const audio = (stream: number, time: number, csid = 4, format: 0 | 1 = 0): Uint8Array =>
  message({ csid, type: 8, stream, time, format, body: new Uint8Array([0xaf, 1, 9]) });
const metadata = encodeAmf0All(["@setDataFrame", "onMetaData", amfEcmaArray({ width: 640, height: 360 })]);

describe("publishing, the server talks with", () => {
  test("ffmpeg that publishes", () => {
    const ffmpeg = new Dialogue();
    ffmpeg.send(hello);
    const properties = amfObject({
      app: "live",
      fourCcList: ["hvc1", "av01", "vp09"],
      type: "nonprivate",
      flashVer: "FMLE/3.0 (compatible; Lavf60.3.100)",
      tcUrl: "rtmp://127.0.0.1:1935/live",
    });
    expect(lines(ffmpeg.send(echo, command(3, 0, ["connect", 1, properties])))).toEqual(connected());
    // It echoes our chunk size and uses it from there on.
    const chunkSize = 4096;
    const burst = [
      control(1, chunkSize),
      command(3, 0, ["releaseStream", 2, null, "test"]),
      command(3, 0, ["FCPublish", 3, null, "test"]),
      command(3, 0, ["createStream", 4, null]),
    ];
    expect(lines(ffmpeg.send(...burst))).toEqual([
      "3/0 _result 2 null undefined",
      "3/0 _result 3 null undefined",
      "3/0 onFCPublish 0 null NetStream.Publish.Start",
      "3/0 _result 4 null 1",
    ]);
    expect(lines(ffmpeg.send(command(8, 1, ["publish", 5, null, "test", "live"])))).toEqual(publishing());
    ffmpeg.send(message({ csid: 4, type: 18, stream: 1, body: metadata, chunkSize }));
    ffmpeg.send(audio(1, 0, 4), video(1, 0), audio(1, 23, 4, 1), video(1, 33, 6, 1));
    expect(media(ffmpeg)).toEqual([
      [18, 0, 1],
      [8, 0, 1],
      [9, 0, 1],
      [8, 23, 1],
      [9, 33, 1],
    ]);
    expect(
      lines(
        ffmpeg.send(
          command(3, 0, ["FCUnpublish", 6, null, "test"]),
          command(3, 0, ["deleteStream", 7, null, 1]),
        ),
      ),
    ).toEqual(["3/0 _result 6 null undefined", stopped(), "3/0 _result 7 null undefined"]);
    expect(ffmpeg.events.filter(({ kind }) => kind !== "media")).toMatchObject([
      { kind: "handshakeComplete", scheme: "simple" },
      { kind: "connect", request: { app: "live", fourCcs: ["hvc1", "av01", "vp09"] } },
      { kind: "publish", streamId: 1, name: { path: "live/test", query: "" }, publishType: "live" },
      { kind: "stop", streamId: 1 },
    ]);
  });

  test("rtmpsink, librtmp that publishes: no flashVer, all media on chunk stream 4, metadata again in mid-stream", () => {
    const sink = Dialogue.shaken();
    sink.send(command(3, 0, ["connect", 1, amfObject({ app: "live", tcUrl: "rtmp://h/live" })]));
    expect(
      lines(
        sink.send(
          command(3, 0, ["releaseStream", 2, null, "test"]),
          command(3, 0, ["FCPublish", 3, null, "test"]),
          command(3, 0, ["createStream", 4, null]),
        ),
      ).at(-1),
    ).toBe("3/0 _result 4 null 1");
    expect(lines(sink.send(command(4, 1, ["publish", 5, null, "test", "live"])))).toEqual(publishing());
    sink.send(
      video(1, 10, 4),
      audio(1, 5, 4, 1),
      message({ csid: 4, type: 18, format: 1, time: 3, body: metadata }),
      video(1, 2, 4, 1),
    );
    expect(media(sink)).toEqual([
      [9, 10, 1],
      [8, 15, 1],
      [18, 18, 1],
      [9, 20, 1],
    ]);
  });

  test("GStreamer's rtmp2sink: transaction id 0 wants no answer, publish on chunk stream 3, deleteStream by name", () => {
    const sink = Dialogue.shaken();
    sink.send(
      command(3, 0, [
        "connect",
        1,
        amfObject({ app: "live", type: "nonprivate", flashVer: "FMLE/3.0", tcUrl: "rtmp://h/live" }),
      ]),
    );
    const burst = [
      control(5, 2_500_000),
      command(3, 0, ["releaseStream", 0, null, "test"]),
      command(3, 0, ["FCPublish", 0, null, "test"]),
      command(3, 0, ["createStream", 2, null]),
    ];
    expect(lines(sink.send(...burst))).toEqual([
      "3/0 onFCPublish 0 null NetStream.Publish.Start",
      "3/0 _result 2 null 1",
    ]);
    expect(lines(sink.send(command(3, 1, ["publish", 0, null, "test", "live"]), control(1, 128)))).toEqual(
      publishing(),
    );
    sink.send(message({ csid: 4, type: 18, stream: 1, body: metadata }), audio(1, 0, 5), video(1, 0, 6));
    expect(media(sink)).toEqual([
      [18, 0, 1],
      [8, 0, 1],
      [9, 0, 1],
    ]);
    expect(
      lines(
        sink.send(
          command(3, 0, ["FCUnpublish", 0, null, "test"]),
          command(3, 0, ["deleteStream", 0, null, "test"]),
        ),
      ),
    ).toEqual([stopped()]);
    expect(sink.kinds().filter((kind) => kind === "stop")).toHaveLength(1);
  });

  test("GStreamer's rtmp2sink that leaves with deleteStream by name alone", () => {
    const sink = Dialogue.shaken();
    sink.send(
      command(3, 0, ["connect", 1, amfObject({ app: "live" })]),
      command(3, 0, ["createStream", 2, null]),
      command(3, 1, ["publish", 0, null, "test"]),
    );
    expect(lines(sink.send(command(3, 0, ["deleteStream", 0, null, "test"])))).toEqual([stopped()]);
    expect(sink.kinds()).toEqual(["connect", "publish", "stop"]);
  });

  test("OBS: its chunk size before connect, audio and video on chunk stream 4", () => {
    const obs = Dialogue.shaken();
    const chunkSize = 4096;
    const properties = amfObject({
      app: "live",
      type: "nonprivate",
      flashVer: "FMLE/3.0 (compatible; FMSc/1.0)",
      swfUrl: "rtmp://h/live",
      tcUrl: "rtmp://h/live",
    });
    expect(
      lines(obs.send(control(1, chunkSize), command(3, 0, ["connect", 1, properties], { chunkSize }))),
    ).toEqual(connected());
    const burst = [
      command(3, 0, ["releaseStream", 2, null, "key?user=u&pass=p"]),
      command(3, 0, ["FCPublish", 3, null, "key?user=u&pass=p"]),
      command(3, 0, ["createStream", 4, null]),
    ];
    expect(lines(obs.send(...burst)).at(-1)).toBe("3/0 _result 4 null 1");
    expect(lines(obs.send(command(4, 1, ["publish", 5, null, "key?user=u&pass=p", "live"])))).toEqual(
      publishing(),
    );
    obs.send(audio(1, 0, 4), video(1, 0, 4), video(1, 33, 4, 1), audio(1, 2, 4, 1));
    expect(media(obs)).toEqual([
      [8, 0, 1],
      [9, 0, 1],
      [9, 33, 1],
      [8, 35, 1],
    ]);
    expect(obs.events.find(({ kind }) => kind === "publish")).toMatchObject({
      name: { path: "live/key", query: "user=u&pass=p" },
    });
  });

  test("Flash: several createStreams, no FCPublish, commands of type 17, aggregates", () => {
    const flash = Dialogue.shaken();
    flash.send(command(3, 0, ["connect", 1, amfObject({ app: "live", objectEncoding: 3 })]));
    expect(
      lines(flash.send(command(3, 0, ["createStream", 2, null]), command(3, 0, ["createStream", 3, null]))),
    ).toEqual(["3/0 _result 2 null 1", "3/0 _result 3 null 2"]);
    const body = new Uint8Array([0, ...encodeAmf0All(["publish", 0, null, "cam", "live"])]);
    expect(lines(flash.send(message({ csid: 8, type: 17, stream: 2, body })))).toEqual(publishing(2));
    const tag = [9, 0, 0, 2, 0, 0, 50, 0, 0, 0, 0, 0x27, 1, 0, 0, 0, 13];
    const later = [8, 0, 0, 2, 0, 0, 60, 0, 0, 0, 0, 0xaf, 1, 0, 0, 0, 13];
    flash.send(
      message({ csid: 6, type: 22, stream: 2, time: 100, body: new Uint8Array([...tag, ...later]) }),
    );
    expect(media(flash)).toEqual([
      [9, 100, 2],
      [8, 110, 2],
    ]);
    expect(lines(flash.send(command(8, 2, ["closeStream", 0, null])))).toEqual([stopped(2)]);
  });

  test("HaishinKit: every call gets an answer", () => {
    const kit = Dialogue.shaken();
    kit.send(
      command(3, 0, [
        "connect",
        1,
        amfObject({ app: "live", fourCcList: ["hvc1", "Opus"], objectEncoding: 0 }),
      ]),
    );
    const answered = [
      "releaseStream",
      "FCPublish",
      "createStream",
      "FCUnpublish",
      "FCSubscribe",
      "FCUnsubscribe",
      "_checkbw",
      "set_playlist",
      "anything",
    ].map((name, index) =>
      lines(kit.send(command(3, 0, [name, index + 2, null, "x"])))[0]
        ?.split(" ")
        .slice(0, 3)
        .join(" "),
    );
    expect(answered).toEqual(answered.map((_, index) => `3/0 _result ${index + 2}`));
  });

  test("a client that sends everything at once, before any answer", () => {
    const burst = Dialogue.shaken();
    const replies = burst.send(
      command(3, 0, ["connect", 1, amfObject({ app: "live" })]),
      command(3, 0, ["createStream", 2, null]),
      command(8, 1, ["publish", 3, null, "test"]),
      message({ csid: 4, type: 18, stream: 1, body: metadata }),
      video(1, 0),
    );
    expect(lines(replies)).toEqual([...connected(), "3/0 _result 2 null 1", ...publishing()]);
    expect(media(burst)).toEqual([
      [18, 0, 1],
      [9, 0, 1],
    ]);
  });

  test("Haivision: createStream first, then FCPublish and _checkbw, then publish", () => {
    const encoder = Dialogue.shaken();
    encoder.send(command(3, 0, ["connect", 1, amfObject({ app: "live" })]));
    expect(
      lines(
        encoder.send(
          command(3, 0, ["createStream", 2, null]),
          command(3, 0, ["FCPublish", 3, null, "x"]),
          command(3, 0, ["_checkbw", 4, null]),
          command(8, 1, ["publish", 5, null, "x", "live"]),
        ),
      ),
    ).toEqual([
      "3/0 _result 2 null 1",
      "3/0 _result 3 null undefined",
      "3/0 onFCPublish 0 null NetStream.Publish.Start",
      "3/0 _result 4 null undefined",
      ...publishing(),
    ]);
  });
});
