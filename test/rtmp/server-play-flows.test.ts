import { describe, expect, test } from "bun:test";
import { amfObject } from "../../src/amf/value.ts";
import { command, control, Dialogue, message, userControl } from "./dialogue.ts";

import { connected, lines, playing } from "./dialogue-starts.ts";

describe("playing, the server talks with", () => {
  test("ffmpeg that plays", () => {
    const ffmpeg = Dialogue.shaken();
    const properties = amfObject({
      app: "live",
      flashVer: "LNX 9,0,124,2",
      tcUrl: "rtmp://h/live",
      fpad: false,
      capabilities: 15,
      audioCodecs: 4071,
      videoCodecs: 252,
      videoFunction: 1,
    });
    expect(lines(ffmpeg.send(command(3, 0, ["connect", 1, properties])))).toEqual(connected());
    expect(
      lines(
        ffmpeg.send(
          control(5, 2_500_000),
          command(3, 0, ["createStream", 2, null]),
          command(3, 0, ["FCSubscribe", 3, null, "test"]),
        ),
      ),
    ).toEqual(["3/0 _result 2 null 1", "3/0 _result 3 null undefined"]);
    expect(
      lines(
        ffmpeg.send(
          command(8, 0, ["getStreamLength", 3, null, "test"]),
          command(8, 1, ["play", 4, null, "test", -2000]),
          userControl(3, 1, 3000),
        ),
      ),
    ).toEqual(["3/0 _result 3 null 0", ...playing()]);
    expect(ffmpeg.kinds()).toEqual(["connect", "play"]);
    expect(lines(ffmpeg.send(command(8, 1, ["deleteStream", 5, null, 1])))).toEqual([
      "3/0 _result 5 null undefined",
    ]);
    expect(ffmpeg.kinds()).toEqual(["stop"]);
  });

  test("librtmp that plays: rtmpdump, VLC, which open chunk stream 2 with format 1 and start at 0", () => {
    const librtmp = Dialogue.shaken();
    librtmp.send(
      command(3, 0, [
        "connect",
        1,
        amfObject({ app: "live", flashVer: "LNX 10,0,32,18", tcUrl: "rtmp://h:1935/live", videoFunction: 1 }),
      ]),
    );
    const window = message({ csid: 2, type: 5, format: 1, body: new Uint8Array([0, 0x26, 0x25, 0xa0]) });
    const buffer = message({
      csid: 2,
      type: 4,
      format: 1,
      body: new Uint8Array([0, 3, 0, 0, 0, 0, 0, 0, 1, 0x2c]),
    });
    expect(lines(librtmp.send(window, buffer, command(3, 0, ["createStream", 2, null])))).toEqual([
      "3/0 _result 2 null 1",
    ]);
    expect(
      lines(librtmp.send(command(8, 1, ["play", 3, null, "test", 0]), userControl(3, 1, 36_000_000))),
    ).toEqual(playing());
    expect(librtmp.kinds()).toEqual(["connect", "play"]);
  });

  test("GStreamer's rtmp2src: play with transaction id 0 and start -2", () => {
    const source = Dialogue.shaken();
    source.send(command(3, 0, ["connect", 1, amfObject({ app: "live" })]));
    expect(
      lines(
        source.send(
          control(5, 2_500_000),
          control(5, 2_500_000),
          userControl(3, 0, 300),
          command(3, 0, ["createStream", 2, null]),
        ),
      ),
    ).toEqual(["3/0 _result 2 null 1"]);
    expect(
      lines(source.send(command(3, 1, ["play", 0, null, "test", -2]), userControl(3, 1, 30_000))),
    ).toEqual(playing());
  });
});
