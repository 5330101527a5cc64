import { describe, expect, test } from "bun:test";
import { encodeUtf8 } from "../../../src/base/bytes.ts";
import { RefusedError } from "../../../src/base/errors.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { bodies, bring, bringOpening } from "./bodies.ts";
import { announcement, Room } from "./room.ts";

const url = "rtsp://192.0.2.1:8554/live/a";
const accept = ["Accept: application/sdp"];
const sdp = ["Content-Type: application/sdp"];

/** A room with a stream of pictures and sound. */
const withStream = (options: ConstructorParameters<typeof Room>[0] = {}) => {
  const room = new Room(options);
  const publication = room.house.publish();
  bringOpening(publication);
  return { room, publication };
};

/** A client that plays both tracks. */
const playing = (room: Room, channels: readonly [string, string] = ["0-1", "2-3"]) => {
  const client = room.client();
  client.ask("DESCRIBE", url, accept);
  client.setup(`${url}/trackID=0`, channels[0]);
  client.setup(`${url}/trackID=1`, channels[1]);
  return { client, answer: client.ask("PLAY", `${url}/`)[0] };
};

describe("a request", () => {
  test("is answered with its number and with who answers", () => {
    const [answer] = new Room().client().ask("OPTIONS", url);
    expect(answer?.status).toBe(200);
    expect(answer?.headers.get("CSeq")).toBe("1");
    expect(answer?.headers.get("Server")).toBe("rtmp-server");
    expect(answer?.headers.get("Public")).toBe(
      "DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN",
    );
  });

  const rows: {
    name: string;
    method: string;
    headers?: string[];
    body?: string;
    status: number;
    url?: string;
  }[] = [
    { name: "of an unknown method", method: "MAKE_TEA", status: 405 },
    { name: "that requires what is not known", method: "OPTIONS", headers: ["Require: magic"], status: 551 },
    {
      name: "that names a session that is not there",
      method: "OPTIONS",
      headers: ["Session: 1"],
      status: 454,
    },
    { name: "to end nothing", method: "TEARDOWN", status: 454 },
    { name: "to play nothing", method: "PLAY", status: 455 },
    { name: "to pause nothing", method: "PAUSE", status: 455 },
    { name: "to record nothing", method: "RECORD", status: 455 },
    { name: "for another description", method: "DESCRIBE", headers: ["Accept: text/html"], status: 406 },
    { name: "for a stream with a bad name", method: "DESCRIBE", url: "rtsp://h/a/../b", status: 400 },
    { name: "for no stream at all", method: "DESCRIBE", url: "rtsp://h/", status: 400 },
    {
      name: "to announce something else",
      method: "ANNOUNCE",
      headers: ["Content-Type: text/plain"],
      body: "x",
      status: 415,
    },
    {
      name: "to announce what is no description",
      method: "ANNOUNCE",
      headers: sdp,
      body: "hello",
      status: 400,
    },
    {
      name: "to announce nothing of use",
      method: "ANNOUNCE",
      headers: sdp,
      body: "v=0\r\nm=text 0 RTP/AVP 99\r\n",
      status: 415,
    },
    {
      name: "to set up recording of what was not announced",
      method: "SETUP",
      headers: ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"],
      status: 455,
    },
    { name: "to keep a session alive that nobody has made", method: "GET_PARAMETER", status: 200 },
  ];
  for (const { name, method, headers, body, status, url: at = url } of rows)
    test(`${name} is answered with ${status}, and the connection goes on`, () => {
      const client = new Room().client();
      expect(client.status(method, at, headers, body)).toBe(status);
      expect(client.status("OPTIONS", url)).toBe(200);
    });

  test("without a number is answered with 400, one of another version with 505", () => {
    const client = new Room().client();
    client.connection.data(encodeUtf8(`OPTIONS ${url} RTSP/1.0\r\n\r\n`));
    client.connection.data(encodeUtf8(`OPTIONS ${url} RTSP/2.0\r\nCSeq: 1\r\n\r\n`));
    expect(client.answers().map(({ status }) => status)).toEqual([400, 505]);
  });

  test("that is none ends the connection with 400", () => {
    const room = new Room();
    const client = room.client();
    client.connection.data(encodeUtf8("GET / HTTP/1.1\r\nHost: x\r\n\r\n\x00\x01\x02\r\n\r\n"));
    expect(client.answers().at(-1)?.status).toBe(400);
    expect(client.calls).toContain("end");
    client.connection.closed();
    expect(room.house.kinds()).toContain("connectionClosed error");
  });

  test("of somebody who is one too many is answered with 503, and that is all", () => {
    const room = new Room();
    const client = room.client({ refusal: new RefusedError("TOO_MANY_CONNECTIONS", "too many") });
    expect(client.status("OPTIONS", url)).toBe(503);
    expect(client.calls).toEqual(["end"]);
  });
});

describe("somebody who reads", () => {
  test("is told of the tracks, pictures first", () => {
    const { room } = withStream();
    const [answer] = room.client().ask("DESCRIBE", `${url}?token=x`, accept);
    expect(answer?.status).toBe(200);
    expect(answer?.headers.get("Content-Base")).toBe(`${url}?token=x/`);
    expect(answer?.headers.get("Content-Type")).toBe("application/sdp");
    const lines = new TextDecoder().decode(answer?.body).split("\r\n");
    expect(lines.filter((line) => /^m=|^a=control|^a=rtpmap/.test(line))).toEqual([
      "a=control:*",
      "m=video 0 RTP/AVP 96",
      "a=rtpmap:96 H264/90000",
      "a=control:trackID=0",
      "m=audio 0 RTP/AVP 97",
      "a=rtpmap:97 mpeg4-generic/44100/2",
      "a=control:trackID=1",
    ]);
  });

  test("gets the cached frames behind the answer, reports first, with the numbers that it was told", () => {
    const { room } = withStream();
    const { client, answer } = playing(room);
    expect(answer?.status).toBe(200);
    expect(answer?.headers.get("Range")).toBe("npt=0.000-");
    expect(answer?.headers.get("Session")).toBe(`${client.session};timeout=60`);
    const media = client.frames.filter(({ channel }) => channel % 2 === 0);
    const view = (index: number) => new DataView(new Uint8Array(media[index]?.payload ?? []).buffer);
    expect(answer?.headers.get("RTP-Info")).toBe(
      [0, 1]
        .map((track) => {
          const first = media.findIndex(({ channel }) => channel === 2 * track);
          return `url=${url}/trackID=${track};seq=${view(first).getUint16(2)};rtptime=${view(first).getUint32(4)}`;
        })
        .join(","),
    );
    // Parameter sets in one packet, the picture, the sound.
    expect(client.frames.map(({ channel }) => channel)).toEqual([1, 3, 0, 0, 2]);
  });

  test("gets the same bytes as everybody else", () => {
    const { room, publication } = withStream();
    const { client: first } = playing(room);
    bring(publication, bodies.picture(), 40);
    publication.flush();
    const { client: second } = playing(room);
    bring(publication, bodies.picture(), 80);
    publication.flush();
    for (const client of [first, second]) client.answers();
    const mediaOf = ({ frames }: typeof first) => frames.filter(({ channel }) => channel % 2 === 0);
    expect(mediaOf(first).length).toBe(5);
    expect(mediaOf(second)).toEqual(mediaOf(first));
  });

  test("gets its tracks on the channels that it wants, and no others", () => {
    const { room, publication } = withStream();
    const client = room.client();
    client.setup(`${url}/trackID=1`, "6-7");
    client.ask("PLAY", url);
    bring(publication, bodies.picture(), 40);
    bring(publication, bodies.sound(), 41);
    publication.flush();
    client.answers();
    expect(client.frames.map(({ channel }) => channel)).toEqual([7, 6, 6]);
  });

  test("may set up without having asked what there is, where the stream is there", () => {
    const { room } = withStream();
    expect(room.client().setup(`${url}/trackID=0`)?.status).toBe(200);
    expect(room.client().setup(`${url}/trackID=7`)?.status).toBe(404);
    expect(room.client().setup(url)?.status).toBe(459);
  });

  test("hears 461 of transports that cannot be had, and may ask for another", () => {
    const { room } = withStream({ rtsp: { transports: ["tcp"] } });
    const client = room.client();
    const udp = ["Transport: RTP/AVP;unicast;client_port=5000-5001"];
    expect(client.status("SETUP", `${url}/trackID=0`, udp)).toBe(461);
    expect(client.status("SETUP", `${url}/trackID=0`, ["Transport: RTP/AVP;multicast"])).toBe(461);
    expect(client.status("SETUP", `${url}/trackID=0`)).toBe(461);
    expect(client.setup(`${url}/trackID=0`)?.status).toBe(200);
    expect(client.setup(`${url}/trackID=1`, "0-1")?.status).toBe(400);
    expect(client.setup(`${url}/trackID=0`, "2-3")?.status).toBe(455);
  });

  test("may pause, play on from where the stream is then, and end", () => {
    const { room, publication } = withStream();
    const { client } = playing(room);
    room.house.kinds();
    expect(client.status("PAUSE", url)).toBe(200);
    bring(publication, bodies.picture(), 40);
    publication.flush();
    client.frames.length = 0;
    client.answers();
    expect(client.frames).toEqual([]);
    expect(client.status("PLAY", url)).toBe(200);
    expect(client.frames.length).toBeGreaterThan(3);
    expect(client.status("PLAY", url)).toBe(200);
    expect(client.status("TEARDOWN", url)).toBe(200);
    client.session = "";
    expect(client.status("PLAY", url)).toBe(455);
    const kinds = room.house.kinds().filter((kind) => kind.startsWith("play"));
    expect(kinds).toEqual(["playStopped client_stop", "playStarted", "playStopped client_stop"]);
    expect(room.sessions.size).toBe(0);
  });

  test("waits for a stream that is not there yet, and what it asks for next waits too", () => {
    const room = new Room();
    const client = room.client();
    expect(client.ask("DESCRIBE", url, accept)).toEqual([]);
    expect(client.ask("OPTIONS", url)).toEqual([]);
    bringOpening(room.house.publish());
    expect(client.answers().map(({ status, headers }) => [status, headers.get("CSeq")])).toEqual([
      [200, "1"],
      [200, "2"],
    ]);
    expect(room.house.registry.find(room.house.path)?.playerCount).toBe(0);
  });

  test("hears 404 of a stream that does not come in time", () => {
    const room = new Room({ stream: { playWaitMs: 3_000 } });
    const client = room.client();
    expect(client.ask("DESCRIBE", url, accept)).toEqual([]);
    room.house.clock.advance(3_000);
    expect(client.answers().map(({ status }) => status)).toEqual([404]);
    expect([...room.house.registry.streams]).toEqual([]);
    expect(client.status("OPTIONS", url)).toBe(200);
  });

  test("that leaves while it waits leaves nothing behind", () => {
    const room = new Room();
    const client = room.client();
    client.ask("DESCRIBE", url, accept);
    client.connection.closed();
    expect([...room.house.registry.streams]).toEqual([]);
    expect(room.house.clock.timers).toBe(0);
  });

  test("hears goodbye for each track when the stream ends, and then the connection ends", () => {
    const { room, publication } = withStream({ stream: { republishGraceMs: 0 } });
    const { client } = playing(room);
    client.frames.length = 0;
    publication.end("client_stop");
    client.answers();
    expect(client.frames.map(({ channel, payload }) => [channel, payload.includes(203)])).toEqual([
      [1, true],
      [3, true],
    ]);
    expect(client.calls).toContain("end");
    client.connection.closed();
    expect(room.house.kinds().filter((kind) => kind.startsWith("play"))).toEqual([
      "playStarted",
      "playStopped unpublished",
    ]);
    expect(room.sessions.size).toBe(0);
  });

  test("stays while its publisher is away for a moment, and goes on with the next key frame", () => {
    const { room, publication } = withStream({ stream: { republishGraceMs: 5_000 } });
    const { client } = playing(room);
    const sequences = () => {
      client.answers();
      return client.frames
        .splice(0)
        .filter(({ channel }) => channel === 0)
        .map(({ payload }) => ((payload[2] ?? 0) << 8) | (payload[3] ?? 0));
    };
    const before = sequences();
    publication.end("client_disconnect");
    room.house.clock.advance(1_000);
    const next = room.house.publish();
    bring(next, bodies.avcConfig, 0);
    bring(next, bodies.aacConfig, 0);
    bring(next, bodies.picture(), 0);
    bring(next, bodies.picture({ isKey: true }), 40);
    next.flush();
    const after = sequences();
    // The picture in front of the key frame has a number, and is not sent; the key frame brings its parameters.
    expect(after.map((sequence) => (sequence - (before.at(-1) ?? 0)) & 0xffff)).toEqual([2, 3]);
    expect(client.calls).not.toContain("end");
  });

  test("is sent away when the sound becomes another: its description holds no more", () => {
    const { room, publication } = withStream();
    const { client } = playing(room);
    bring(
      publication,
      bodies.aacConfig.map((byte, index) => (index === 2 ? 0x11 : byte)),
      40,
    );
    publication.flush();
    expect(client.calls).toContain("end");
    expect(room.client().setup(`${url}/trackID=1`)?.status).toBe(200);
  });

  test("hears 404 when the stream has gone, or become another, between being described and being played", () => {
    const { room, publication } = withStream({ stream: { republishGraceMs: 0, playWaitMs: 1_000 } });
    const client = room.client();
    client.setup(`${url}/trackID=0`);
    publication.end("client_stop");
    expect(client.status("PLAY", url)).toBe(404);
    expect([...room.house.registry.streams]).toEqual([]);
    const next = room.house.publish();
    bringOpening(next);
    expect(client.status("PLAY", url)).toBe(404);
    expect(room.house.registry.find(room.house.path)?.playerCount).toBe(0);
    expect(client.status("TEARDOWN", url)).toBe(200);
    client.session = "";
    client.setup(`${url}/trackID=0`);
    expect(client.status("PLAY", url)).toBe(200);
  });

  test("whose packets cannot be delivered, by a fault of ours, is cut off and leaves nothing", () => {
    const defects: string[] = [];
    const log = { ...silentLogger, error: (message: string) => void defects.push(message) };
    const { room, publication } = withStream({ context: { log } });
    const client = room.client();
    client.setup(`${url}/trackID=0`);
    const session = [...room.sessions.values()][0];
    if (session?.kind !== "read") throw new Error("no session");
    session.share.number = () => {
      throw new TypeError("broken");
    };
    client.ask("PLAY", url);
    expect(defects.length).toBe(1);
    expect(client.calls).toContain("end");
    expect(session.share.readers).toBe(0);
    expect(room.house.registry.find(publication.path)?.playerCount).toBe(0);
    expect(room.sessions.size).toBe(0);
  });

  test("that stops reading loses whole frames, and then the connection", () => {
    const { room, publication } = withStream({ rtsp: { readerQueue: { maxBytes: 20_000, maxMs: 1_000 } } });
    const { client } = playing(room);
    client.answers();
    client.frames.length = 0;
    client.room = 1_000;
    for (let time = 40; time < 4_000; time += 40) {
      bring(publication, bodies.picture({ isKey: time % 1_000 === 0, size: 3_000 }), time);
      publication.flush();
    }
    const session = [...room.sessions.values()][0];
    expect(session?.counts.rtpPacketsDiscarded).toBeGreaterThan(50);
    for (let second = 0; second < 12; second++) {
      room.house.clock.advance(1_000);
      client.connection.tick(room.house.clock.now());
    }
    expect(client.calls).toContain("terminate");
    client.connection.closed();
    expect(room.house.kinds()).toContain("playStopped stalled");
    expect(room.house.registry.find(room.house.path)?.playerCount).toBe(0);
  });

  test("may send reports and noise between its requests", () => {
    const { room } = withStream();
    const { client } = playing(room);
    client.connection.data(new Uint8Array([0x24, 1, 0, 3, 1, 2, 3, 0x24, 99, 0, 1, 0]));
    expect(client.status("GET_PARAMETER", url)).toBe(200);
    expect([...room.sessions.values()][0]?.counts.rtcpPacketsInError).toBe(1);
  });
});

describe("somebody who publishes", () => {
  const announced = (room: Room) => {
    const client = room.client();
    expect(client.status("ANNOUNCE", url, sdp, announcement)).toBe(200);
    return client;
  };

  test("announces, sets up and records", () => {
    const room = new Room();
    const client = announced(room);
    expect(client.setup(`${url}/streamid=0`, "0-1", ";mode=record")?.headers.get("Transport")).toBe(
      "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record",
    );
    expect(client.setup(`${url}/streamid=1`, "2-3", ";mode=record")?.status).toBe(200);
    expect(room.house.registry.find(room.house.path)?.publication).toBeUndefined();
    expect(client.status("RECORD", url)).toBe(200);
    expect(room.house.registry.find(room.house.path)?.publication?.peer.kind).toBe("rtspSession");
    expect(client.status("RECORD", url)).toBe(455);
    expect(client.status("PAUSE", url)).toBe(455);
    expect(client.status("TEARDOWN", url)).toBe(200);
    expect(room.house.kinds()).toContain("publishStopped client_stop");
  });

  test("hears what is wrong with media that were not announced, or set up twice, or not at all", () => {
    const client = announced(new Room());
    expect(client.status("ANNOUNCE", url, sdp, announcement)).toBe(455);
    expect(client.status("RECORD", url)).toBe(455);
    expect(client.setup(`${url}/streamid=7`)?.status).toBe(404);
    expect(client.setup(`${url}/streamid=0`)?.status).toBe(200);
    expect(client.setup(`${url}/streamid=0`, "4-5")?.status).toBe(455);
    expect(client.status("PLAY", url)).toBe(455);
  });

  test("hears 403 of a name that is taken", () => {
    const { room } = withStream();
    const client = announced(room);
    client.setup(`${url}/streamid=0`);
    expect(client.status("RECORD", url)).toBe(403);
    expect(room.house.events).toContainEqual(
      expect.objectContaining({ kind: "requestRefused", action: "publish", code: "ALREADY_PUBLISHING" }),
    );
  });

  test("hears that it records once everybody is sure to hear of it", () => {
    const waiting: (() => void)[] = [];
    const room = new Room({ context: { whenSafe: (proceed) => void waiting.push(proceed) } });
    const client = announced(room);
    client.setup(`${url}/streamid=0`);
    expect(client.ask("RECORD", url)).toEqual([]);
    for (const proceed of waiting) proceed();
    expect(client.answers().map(({ status }) => status)).toEqual([200]);
  });

  test("that is replaced loses its connection, and readers go on", () => {
    const room = new Room({ stream: { overridePublisher: true } });
    const client = announced(room);
    client.setup(`${url}/streamid=0`);
    client.ask("RECORD", url);
    room.house.publish();
    expect(client.calls).toContain("end");
    client.connection.closed();
    expect(room.house.kinds()).toContain("publishStopped replaced");
    expect(room.house.registry.find(room.house.path)?.publication?.peer.kind).toBe("rtmpConn");
  });

  test("that sends nothing is gone", () => {
    const room = new Room({ rtsp: { idleTimeoutMs: 5_000 } });
    const client = announced(room);
    client.setup(`${url}/streamid=0`);
    client.ask("RECORD", url);
    for (let second = 0; second < 7; second++) {
      room.house.clock.advance(1_000);
      client.connection.tick(room.house.clock.now());
    }
    expect(room.house.kinds()).toContain("publishStopped idle_timeout");
  });
});

describe("a connection", () => {
  test("that asks for nothing ends; with a session, once that has lasted as long as the client was told", () => {
    const { room } = withStream();
    const silent = room.client();
    const halfWay = room.client();
    halfWay.setup(`${url}/trackID=0`);
    const player = playing(room).client;
    const endedAfter = (seconds: number): boolean[] => {
      for (let second = 0; second < seconds; second++) {
        room.house.clock.advance(1_000);
        for (const { connection } of [silent, halfWay, player]) connection.tick(room.house.clock.now());
      }
      return [silent, halfWay, player].map(({ calls }) => calls.includes("end"));
    };
    expect(endedAfter(12)).toEqual([true, false, false]);
    expect(endedAfter(55)).toEqual([true, true, false]);
    expect(room.sessions.size).toBe(1);
  });

  test("tells what it and its session do", () => {
    const { room } = withStream();
    const { client } = playing(room);
    const [session] = [...room.sessions.values()];
    expect(client.connection.view.session).toBe(session?.peer.id ?? "");
    expect(client.connection.view.bytesReceived).toBeGreaterThan(300);
    expect(session?.view).toMatchObject({
      state: "read",
      path: "live/a",
      transport: "TCP",
      conns: [client.connection.id],
      rtpPacketsSent: 3,
      rtcpPacketsSent: 1,
    });
  });
});
