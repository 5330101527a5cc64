import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { amfEcmaArray, amfObject } from "../../src/amf/value.ts";
import { joinBytes } from "../../src/base/bytes.ts";
import { command, control, echo, hello, message } from "../rtmp/dialogue.ts";

/** Handshake and connect, as the bytes of a client that waits for nothing. */
export const connected: Uint8Array = joinBytes([
  hello,
  echo,
  command(3, 0, ["connect", 1, amfObject({ app: "live" })]),
]);

/** The same, and a message stream. */
export const streaming: Uint8Array = joinBytes([connected, command(3, 0, ["createStream", 2, null])]);

/** The same, and a publish of `live/NAME`. */
export const publishing = (name: string): Uint8Array =>
  joinBytes([streaming, command(8, 1, ["publish", 3, null, name, "live"])]);

/** The same, and a play of `live/NAME`. */
export const playing = (name: string): Uint8Array =>
  joinBytes([streaming, command(8, 1, ["play", 3, null, name])]);

/** A whole publish from C0 to deleteStream. */
export const wholePublish = (name: string): Uint8Array =>
  joinBytes([
    publishing(name),
    control(1, 200),
    message({
      csid: 4,
      type: 18,
      stream: 1,
      chunkSize: 200,
      body: encodeAmf0All(["@setDataFrame", "onMetaData", amfEcmaArray({ width: 640 })]),
    }),
    message({ csid: 6, type: 9, stream: 1, body: new Uint8Array([0x17, 1, 0, 0, 0, 9]) }),
    message({ csid: 6, type: 9, stream: 1, time: 33, chunkSize: 200, body: new Uint8Array(300).fill(0x27) }),
    command(3, 0, ["deleteStream", 4, null, 1], { chunkSize: 200 }),
  ]);
