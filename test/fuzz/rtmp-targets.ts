import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { amfEcmaArray, amfObject } from "../../src/amf/value.ts";
import { decodeUtf8, encodeUtf8, joinBytes, toHex } from "../../src/base/bytes.ts";
import type { StreamPath } from "../../src/base/stream-path.ts";
import { parsePushTarget } from "../../src/relay/target.ts";
import { ChunkReader } from "../../src/rtmp/chunk-reader.ts";
import { decodeControl } from "../../src/rtmp/control.ts";
import { handshakeBlockBytes, ServerHandshake } from "../../src/rtmp/handshake.ts";
import { signClientBlock } from "../../src/rtmp/handshake-digest.ts";
import { Message } from "../../src/rtmp/message.ts";
import { resolveStreamName } from "../../src/rtmp/stream-name.ts";
import { parseRtmpUrl, redactRtmpUrl } from "../../src/rtmp/url.ts";
import { chunk, filler } from "../rtmp/chunks.ts";
import { command, control, Dialogue, echo, hello, line, message, userControl } from "../rtmp/dialogue.ts";
import { errorCodeOf, must, reachedOf, type Target } from "./target.ts";

const signed = (scheme: "digest" | "key"): Uint8Array => {
  const c1 = new Uint8Array(handshakeBlockBytes).map((_, i) => (i * 31) & 0xff);
  c1.set([9, 0, 0x7c, 2], 4);
  signClientBlock(c1, scheme);
  return joinBytes([new Uint8Array([3]), c1, echo]);
};

const handshake: Target = {
  name: "handshake",
  isSequential: true,
  seeds: () => [
    joinBytes([hello, echo, new Uint8Array([1, 2, 3])]),
    signed("digest"),
    signed("key"),
    encodeUtf8("GET / HTTP/1.1\r\n"),
  ],
  read: (pieces) => {
    const server = new ServerHandshake();
    let output = 0;
    let rest = "";
    const code = errorCodeOf(() => {
      for (const piece of pieces) {
        rest += toHex(server.receive(piece));
        output += server.takeOutput().length;
      }
    });
    must(output === 0 || output === 3073, `${output} bytes of answer`);
    const reached = [code, server.scheme ?? "", String(server.isComplete)].join(" ");
    return { detail: `${reached} ${output} ${rest}`, reached };
  },
};

const chunkSeeds = (): Uint8Array[] => {
  const size = (value: number): Uint8Array =>
    chunk({
      format: 0,
      csid: 2,
      type: 1,
      stream: 0,
      data: Buffer.from(value.toString(16).padStart(8, "0"), "hex"),
    });
  const video = chunk({ format: 0, csid: 6, time: 20, length: 300, data: filler(128) });
  const more = chunk({ format: 3, csid: 6, data: filler(128, 128) });
  const last = chunk({ format: 3, csid: 6, data: filler(44, 256) });
  return [
    joinBytes([video, more, last, chunk({ format: 1, csid: 4, type: 8, time: 5, data: filler(9) })]),
    joinBytes([
      size(64),
      chunk({ format: 0, csid: 320, time: 0x1000000, length: 100, data: filler(64) }),
      chunk({ format: 3, csid: 320, extended: 0x1000000, data: filler(36) }),
    ]),
    joinBytes([
      video,
      size(4096),
      chunk({ format: 3, csid: 6, data: filler(172) }),
      chunk({ format: 2, csid: 6, time: 33, data: filler(300) }),
    ]),
    joinBytes([
      video,
      chunk({ format: 0, csid: 2, type: 2, stream: 0, data: new Uint8Array([0, 0, 0, 6]) }),
      chunk({ format: 3, csid: 6, data: filler(128) }),
    ]),
    joinBytes([
      chunk({ format: 0, csid: 6, time: 0xffffff, length: 200, data: filler(128) }),
      chunk({ format: 3, csid: 6, data: filler(72) }),
    ]),
  ];
};

const chunkReader: Target = {
  name: "chunk-reader",
  isSequential: true,
  seeds: chunkSeeds,
  read: (pieces) => {
    const reader = new ChunkReader();
    const seen: string[] = [];
    const words: string[] = [];
    let bytes = 0;
    const code = errorCodeOf(() => {
      for (const piece of pieces) {
        reader.receive(piece);
        for (let each = reader.next(); each; each = reader.next()) {
          bytes += each.payload.length;
          seen.push(`${each.typeId} ${each.timestamp} ${each.streamId} ${toHex(each.payload)}`);
          words.push(each.typeId <= 22 ? `t${each.typeId}` : "unknown");
          const read = decodeControl(each.typeId, each.payload);
          if (read?.kind === "setChunkSize") reader.setChunkSize(read.size);
          if (read?.kind === "abort") reader.abort(read.chunkStreamId);
        }
        must(
          reader.partialBytes <= reader.maxPartialBytes,
          `${reader.partialBytes} bytes of unfinished messages`,
        );
      }
    });
    must(bytes <= pieces.reduce((sum, piece) => sum + piece.length, 0), "more payload than input");
    return {
      detail: `${seen.join("\n")}\n${code}`,
      reached: reachedOf([...words, code]),
    };
  },
};

const connectionSeeds = (): Uint8Array[] => {
  const connect = command(3, 0, [
    "connect",
    1,
    amfObject({ app: "live", tcUrl: "rtmp://h/live", fourCcList: ["hvc1"] }),
  ]);
  const create = command(3, 0, ["createStream", 2, null]);
  const publish = command(8, 1, ["publish", 3, null, "a?k=v", "live"]);
  const play = command(8, 1, ["play", 3, null, "a", -2000]);
  const key = message({ csid: 6, type: 9, stream: 1, body: new Uint8Array([0x17, 1, 0, 0, 0, 9]) });
  const metadata = message({
    csid: 4,
    type: 18,
    stream: 1,
    body: encodeAmf0All(["@setDataFrame", "onMetaData", amfEcmaArray({ width: 1 })]),
  });
  const tags = new Uint8Array([
    9, 0, 0, 1, 0, 0, 50, 0, 0, 0, 0, 0x27, 0, 0, 0, 12, 8, 0, 0, 1, 0, 0, 60, 0, 0, 0, 0, 0xaf,
  ]);
  return [
    joinBytes([
      connect,
      create,
      publish,
      control(1, 4096),
      metadata,
      key,
      command(3, 0, ["deleteStream", 4, null, 1]),
    ]),
    joinBytes([
      connect,
      control(5, 2_500_000),
      create,
      play,
      userControl(3, 1, 3000),
      userControl(6, 7),
      command(8, 1, ["pause", 0, null, true, 0]),
      command(8, 1, ["receiveAudio", 0, null, true]),
    ]),
    joinBytes([
      connect,
      create,
      create,
      publish,
      message({ csid: 6, type: 22, stream: 1, body: tags }),
      command(3, 0, ["FCUnpublish", 0, null, "a"]),
    ]),
    joinBytes([
      connect,
      create,
      message({
        csid: 8,
        type: 17,
        stream: 1,
        body: new Uint8Array([0, ...encodeAmf0All(["publish", 0, null, "x"])]),
      }),
      control(2, 6),
      control(3, 99),
    ]),
  ];
};

const serverConnection: Target = {
  name: "server-connection",
  isSequential: true,
  seeds: connectionSeeds,
  read: (pieces) => {
    const dialogue = Dialogue.shaken();
    const replies: string[] = [];
    const code = errorCodeOf(() => {
      // Acknowledgements depend on how bytes come, and may.
      for (const piece of pieces)
        replies.push(
          ...dialogue
            .send(piece)
            .map(line)
            .filter((each) => !each.startsWith("2 type 3 ")),
        );
    });
    const events = dialogue.events.map((event) =>
      event instanceof Message
        ? `media ${event.typeId} ${event.timestamp} ${event.streamId} ${toHex(event.payload)}`
        : JSON.stringify(event),
    );
    // Replies of a turn that ended in an error are not sent, so they do not count.
    const detail =
      code === "" ? `${replies.join("\n")}\n${events.join("\n")}` : `${events.join("\n")}\n${code}`;
    return { detail, reached: reachedOf([...dialogue.events.map(({ kind }) => kind), code]) };
  },
};

const names: Target = {
  name: "name-url",
  isSequential: false,
  seeds: () =>
    [
      "live\0a?k=v",
      "live?x=1/in\0mp4:a%20b",
      "rtmp://u:p@host:1935/app/key?x=y\0",
      "rtmps://[::1]/{app}\0{name}",
      "live\0../a",
      "_definst_/a\0_definst_",
    ].map(encodeUtf8),
  read: ([bytes = new Uint8Array()]) => {
    const [first = "", second = ""] = decodeUtf8(bytes).split("\0");
    const codes = [
      errorCodeOf(() => {
        const { path, query } = resolveStreamName(first, second);
        must(path.length <= 256 && query.length <= 4096, "a name within its bounds");
        must(
          path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
          `a clean path, not ${path}`,
        );
      }),
      errorCodeOf(() => void parseRtmpUrl(first)),
      errorCodeOf(() => void parsePushTarget(first).urlFor("live/a" as StreamPath)),
    ];
    must(redactRtmpUrl(first).length <= first.length + 10, "a redacted URL no longer than the URL");
    return { detail: codes.join(" "), reached: codes.join(" ") };
  },
};

/** What reads RTMP. */
export const rtmpTargets: readonly Target[] = [handshake, chunkReader, serverConnection, names];
