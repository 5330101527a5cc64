import { describe, expect, test } from "bun:test";
import { encodeAmf0All } from "../../src/amf/amf0.ts";
import { type AmfValue, amfEcmaArray } from "../../src/amf/value.ts";
import { copyBytes, share, toHex } from "../../src/base/bytes.ts";
import { WireError } from "../../src/base/errors.ts";
import { Packet, type PacketKind } from "../../src/media/packet.ts";
import { ClientConnection, type ClientEvent } from "../../src/rtmp/client-connection.ts";
import { encodeCommand, statusObject } from "../../src/rtmp/command.ts";
import { ServerHandshake } from "../../src/rtmp/handshake.ts";
import { mediaForm } from "../../src/rtmp/media-form.ts";
import { Message } from "../../src/rtmp/message.ts";
import { ServerConnection, type ServerEvent } from "../../src/rtmp/server-connection.ts";
import { singly } from "../base/split.ts";
import { filler } from "./chunks.ts";
import { control } from "./dialogue.ts";

const request = (action: "publish" | "play", name = "test?key=s") =>
  ({ action, app: "live", name, tcUrl: "rtmp://h/live", chunkSize: 60_000 }) as const;

const packet = (kind: PacketKind, timestamp: number, payload: Uint8Array): Packet =>
  new Packet(
    { kind, role: kind === "data" ? "metadata" : "frame", codec: undefined, trackId: 0, dataOffset: 0 },
    timestamp,
    share(payload),
  );

/** A client and a server that hand each other their bytes, byte by byte or as they come. */
class Pair {
  readonly client: ClientConnection;
  readonly server = new ServerConnection({ chunkSize: 4096 });
  readonly heard: ClientEvent[] = [];
  readonly seen: ServerEvent[] = [];
  readonly #cut: (bytes: Uint8Array) => Uint8Array[];

  constructor(
    action: "publish" | "play",
    cut: (bytes: Uint8Array) => Uint8Array[] = (bytes) => [copyBytes(bytes)],
  ) {
    this.client = new ClientConnection(request(action));
    this.#cut = cut;
  }

  /** Hands bytes to and fro until both have said everything. */
  talk(decide: (event: ServerEvent) => void = (event) => this.accept(event)): void {
    for (let round = 0; round < 50; round++) {
      const up = this.client.takeOutput();
      const down = this.server.takeOutput();
      if (!up && !down) return;
      for (const piece of up ? this.#cut(up) : []) this.toServer(piece, decide);
      for (const piece of down ? this.#cut(down) : []) this.toClient(piece);
    }
    throw new Error("they never stop talking");
  }

  toServer(bytes: Uint8Array, decide: (event: ServerEvent) => void = (event) => this.accept(event)): void {
    this.server.receive(bytes);
    for (let event = this.server.nextEvent(); event; event = this.server.nextEvent()) {
      this.seen.push(event);
      decide(event);
    }
  }

  toClient(bytes: Uint8Array): void {
    this.client.receive(bytes);
    for (let event = this.client.nextEvent(); event; event = this.client.nextEvent()) this.heard.push(event);
  }

  accept(event: ServerEvent): void {
    if (event.kind === "connect") this.server.acceptConnect();
    if (event.kind === "publish") this.server.acceptPublish(event.streamId, event.name);
    if (event.kind === "play") this.server.acceptPlay(event.streamId, event.name);
  }
}

const cuts = [
  { how: "in whole reads", cut: (bytes: Uint8Array) => [copyBytes(bytes)] },
  { how: "byte by byte", cut: singly },
];

describe("our client at our server", () => {
  for (const { how, cut } of cuts) {
    test(`publishes, ${how}: what is sent arrives as it was`, () => {
      const pair = new Pair("publish", cut);
      pair.talk();
      expect(pair.heard).toEqual([{ kind: "started", streamId: 1 }]);
      const kinds = pair.seen.map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind !== "ignored")).toEqual(["handshakeComplete", "connect", "publish"]);
      expect(pair.seen.find(({ kind }) => kind === "publish")).toMatchObject({
        name: { path: "live/test", query: "key=s" },
        publishType: "live",
      });
      pair.seen.length = 0;
      const metadata = encodeAmf0All(["onMetaData", amfEcmaArray({ width: 1 })]);
      const sent = [
        packet("data", 0, metadata),
        packet("video", 0xffffff, filler(70_000)),
        packet("audio", 5, filler(10)),
      ];
      const form = mediaForm({ chunkSize: 60_000, streamId: 1, toward: "publisher" });
      for (const piece of cut(form.encode(sent))) pair.toServer(piece);
      const wrapped = toHex(encodeAmf0All(["@setDataFrame"])) + toHex(metadata);
      expect(
        pair.seen.map((event) =>
          event instanceof Message ? [event.typeId, event.timestamp, toHex(event.payload)] : event.kind,
        ),
      ).toEqual([
        [18, 0, wrapped],
        [9, 0xffffff, toHex(filler(70_000))],
        [8, 5, toHex(filler(10))],
      ]);
      pair.client.finish();
      pair.talk();
      expect(pair.seen.at(-1)).toEqual({ kind: "stop", streamId: 1 });
    });

    test(`plays, ${how}: what the server sends arrives as it was`, () => {
      const pair = new Pair("play", cut);
      pair.talk();
      expect(pair.heard.map((event) => (event.kind === "status" ? event.code : event.kind))).toEqual([
        "NetStream.Play.Reset",
        "started",
      ]);
      pair.heard.length = 0;
      const form = mediaForm({ chunkSize: 4096, streamId: 1, toward: "player" });
      for (const piece of cut(
        form.encode([packet("video", 2 ** 32 + 7, filler(9_000)), packet("audio", 3, filler(1))]),
      ))
        pair.toClient(piece);
      expect(
        pair.heard.map((event) =>
          event instanceof Message ? [event.typeId, event.timestamp, event.payload.length] : event.kind,
        ),
      ).toEqual([
        [9, 7, 9_000],
        [8, 3, 1],
      ]);
      pair.heard.length = 0;
      pair.server.endPlay(1, "over");
      pair.talk();
      expect(pair.heard).toEqual([
        { kind: "refused", code: "NetStream.Play.UnpublishNotify", description: "over" },
        { kind: "refused", code: "NetStream.Play.Stop", description: "over" },
      ]);
    });
  }

  test("hears a refused connect", () => {
    const pair = new Pair("publish");
    pair.talk((event) => {
      if (event.kind === "connect") pair.server.refuseConnect("Rejected", "not you");
    });
    expect(pair.heard).toEqual([
      { kind: "refused", code: "NetConnection.Connect.Rejected", description: "not you" },
    ]);
  });

  test("hears a refused publish", () => {
    const pair = new Pair("publish");
    pair.talk((event) => {
      if (event.kind === "publish") pair.server.refuse(event.streamId, "NetStream.Publish.BadName", "taken");
      else pair.accept(event);
    });
    expect(pair.heard).toEqual([
      { kind: "refused", code: "NetStream.Publish.BadName", description: "taken" },
    ]);
  });

  test("hears a reconnect request as a status", () => {
    const pair = new Pair("play");
    pair.talk();
    pair.heard.length = 0;
    pair.server.requestReconnect("rtmp://other/live");
    pair.talk();
    expect(pair.heard).toMatchObject([{ kind: "status", code: "NetConnection.Connect.ReconnectRequest" }]);
  });
});

/** A client that has shaken hands and sent connect, to be fed by hand. */
const connecting = (
  action: "publish" | "play" = "publish",
): { client: ClientConnection; hear: (...bytes: Uint8Array[]) => ClientEvent[] } => {
  const client = new ClientConnection(request(action));
  const handshake = new ServerHandshake();
  handshake.receive(client.takeOutput() ?? new Uint8Array());
  client.receive(handshake.takeOutput());
  expect(client.nextEvent()).toBeUndefined();
  client.takeOutput();
  const hear = (...bytes: Uint8Array[]): ClientEvent[] => {
    const events: ClientEvent[] = [];
    for (const each of bytes) client.receive(copyBytes(each));
    for (let event = client.nextEvent(); event; event = client.nextEvent()) events.push(event);
    return events;
  };
  return { client, hear };
};

const say = (streamId: number, ...values: AmfValue[]): Uint8Array =>
  encodeCommand({ streamId, chunkSize: 128 }, values);
const status = (code: string, level: "status" | "error" = "status") =>
  statusObject({ level, code, description: "" });

describe("our client at other servers", () => {
  test("goes on where releaseStream and FCPublish are refused", () => {
    const { client, hear } = connecting();
    hear(say(0, "_result", 1, null, status("NetConnection.Connect.Success")));
    hear(
      say(0, "_error", 2, null, status("NetConnection.Call.Failed", "error")),
      say(0, "_error", 3, null, status("NetConnection.Call.Failed", "error")),
    );
    expect(
      hear(say(0, "_result", 4, null, 7), say(7, "onStatus", 0, null, status("NetStream.Publish.Start"))),
    ).toEqual([{ kind: "started", streamId: 7 }]);
    expect(client.takeOutput()?.length).toBeGreaterThan(100);
  });

  test("takes a refused createStream, and close, for the end", () => {
    expect(
      connecting().hear(say(0, "_error", 4, null, status("NetConnection.Call.Failed", "error"))),
    ).toMatchObject([{ kind: "refused", code: "NetConnection.Call.Failed" }]);
    expect(connecting().hear(say(0, "close"))).toMatchObject([
      { kind: "refused", code: "NetConnection.Connect.Closed" },
    ]);
  });

  test("answers a ping, and a bandwidth with its window, never with 0", () => {
    const { client, hear } = connecting();
    hear(Buffer.from("02000000000006040000000000061234abcd", "hex"));
    expect(toHex(client.takeOutput()!)).toBe("0200000000000604000000000007" + "1234abcd");
    hear(Buffer.from("020000000000050600000000" + "0000000002", "hex"));
    expect(toHex(client.takeOutput()!)).toBe("020000000000040500000000" + "00000001");
  });

  test("acknowledges by the server's window", () => {
    const { client, hear } = connecting("play");
    hear(control(5, 1000), control(1, 65_536));
    const form = mediaForm({ chunkSize: 65_536, streamId: 1, toward: "player" });
    hear(form.encode([packet("video", 0, filler(900))]));
    expect(toHex(client.takeOutput()!).substring(0, 24)).toBe("020000000000040300000000");
  });

  test("never throws anything but a wire error, whatever the server says", () => {
    const { client } = connecting();
    client.receive(control(1, 0));
    expect(() => client.nextEvent()).toThrow(WireError);
    const http = new ClientConnection(request("play"));
    http.receive(Buffer.from("HTTP/1.1 400 Bad Request\r\n"));
    expect(() => http.nextEvent()).toThrow(expect.objectContaining({ code: "NOT_RTMP" }));
  });

  test("says nothing at the end of what never started", () => {
    const { client } = connecting();
    client.finish();
    expect(client.takeOutput()).toBeUndefined();
  });
});
