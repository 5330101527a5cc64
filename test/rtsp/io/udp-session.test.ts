import { describe, expect, test } from "bun:test";
import type { UdpFlow, UdpPorts } from "../../../src/rtsp/io/udp-ports.ts";
import { decodeRtcp, encodeRtcp } from "../../../src/rtsp/rtcp.ts";
import { decodeRtp, encodeRtp } from "../../../src/rtsp/rtp.ts";
import { Viewer } from "../../stream/house.ts";
import { bodies, bring, bringOpening } from "./bodies.ts";
import { announcement, Room, type RoomClient } from "./room.ts";

const url = "rtsp://192.0.2.1:8554/live/a";

/** The ports of UDP, as far as a session knows them: what was sent, and who listens to whom. */
class Ports {
  readonly sent: { flow: UdpFlow; port: number; bytes: Uint8Array }[] = [];
  readonly listeners = new Map<string, (bytes: Uint8Array) => void>();

  port(flow: UdpFlow): number {
    return flow === "rtp" ? 8_000 : 8_001;
  }

  listen(flow: UdpFlow, { host, port }: { host: string; port: number }, take: (bytes: Uint8Array) => void) {
    const key = `${flow} ${host}:${port}`;
    if (this.listeners.has(key)) return undefined;
    this.listeners.set(key, take);
    return () => this.listeners.delete(key);
  }

  send(flow: UdpFlow, { port }: { port: number }, datagrams: readonly Uint8Array[]): number {
    for (const bytes of datagrams) this.sent.push({ flow, port, bytes: new Uint8Array(bytes) });
    return datagrams.length;
  }

  whenRoom(): void {
    // There always is.
  }
}

const open = (options: ConstructorParameters<typeof Room>[0] = {}) => {
  const ports = new Ports();
  const room = new Room({ ...options, context: { udp: () => ports as unknown as UdpPorts } });
  return { ports, room };
};

const setup = (client: RoomClient, control: string, ports: string, mode = "") => {
  const [answer] = client.ask("SETUP", `${url}/${control}`, [
    `Transport: RTP/AVP;unicast;client_port=${ports}${mode}`,
  ]);
  client.session = answer?.headers.get("Session")?.split(";")[0] ?? client.session;
  return answer;
};

const pass = (room: Room, client: RoomClient, seconds: number): void => {
  for (let second = 0; second < seconds; second++) {
    room.house.clock.advance(1_000);
    client.connection.tick(room.house.clock.now());
  }
};

describe("a reader by UDP", () => {
  const reading = () => {
    const { ports, room } = open({ stream: { republishGraceMs: 0 } });
    const publication = room.house.publish();
    bringOpening(publication);
    const client = room.client();
    const transport = setup(client, "trackID=0", "5000-5001")?.headers.get("Transport");
    setup(client, "trackID=1", "5002-5003");
    client.ask("PLAY", url);
    return { ports, room, publication, client, transport };
  };

  test("gets the packets of each track at the ports that it named, and reports beside them", () => {
    const { ports, room, publication, transport } = reading();
    expect(transport).toBe("RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001");
    bring(publication, bodies.picture({ size: 3_000 }), 40);
    publication.flush();
    expect(ports.sent.map(({ flow, port }) => `${flow} ${port}`)).toEqual([
      "rtcp 5001",
      "rtcp 5003",
      "rtp 5000",
      "rtp 5000",
      "rtp 5002",
      ...["rtp 5000", "rtp 5000", "rtp 5000"],
    ]);
    const pictures = ports.sent
      .filter(({ port }) => port === 5_000)
      .map(({ bytes }) => decodeRtp(bytes).sequence);
    expect(pictures.map((sequence) => (sequence - pictures[0]!) & 0xffff)).toEqual([0, 1, 2, 3, 4]);
    expect([...room.sessions.values()][0]?.view).toMatchObject({ transport: "UDP", state: "read" });
  });

  test("is there as long as it gives a sign, by requests or by reports", () => {
    const { ports, room, client } = reading();
    const report = encodeRtcp([{ kind: "receiverReport", ssrc: 1, blocks: [] }]);
    pass(room, client, 60);
    ports.listeners.get("rtcp 192.0.2.7:5001")?.(report);
    pass(room, client, 60);
    expect(client.status("GET_PARAMETER", url)).toBe(200);
    pass(room, client, 60);
    expect(client.calls).not.toContain("end");
    pass(room, client, 10);
    expect(client.calls).toContain("end");
    client.connection.closed();
    expect(ports.listeners.size).toBe(0);
    expect(room.house.kinds()).toContain("playStopped idle_timeout");
  });

  test("tells how much it lost of what it was sent", () => {
    const { ports, room } = reading();
    const ours = decodeRtp(ports.sent.find(({ port, flow }) => port === 5_000 && flow === "rtp")!.bytes).ssrc;
    const block = { fractionLost: 0, highestSequence: 0, jitter: 0, lastReport: 0, delay: 0 };
    const blocks = [
      { ...block, ssrc: ours, lost: 7 },
      { ...block, ssrc: (ours + 1) % 2 ** 32, lost: 100 },
    ];
    ports.listeners.get("rtcp 192.0.2.7:5001")?.(encodeRtcp([{ kind: "receiverReport", ssrc: 1, blocks }]));
    expect([...room.sessions.values()][0]?.counts.rtpPacketsReportedLost).toBe(7);
  });

  test("hears of the end a moment after the last packet, and then the connection ends", () => {
    const { ports, room, publication, client } = reading();
    ports.sent.length = 0;
    publication.end("client_stop");
    expect(ports.sent).toEqual([]);
    room.house.clock.advance(200);
    expect(ports.sent.map(({ bytes }) => decodeRtcp(bytes).at(-1)?.kind)).toEqual(["goodbye", "goodbye"]);
    expect(client.calls).not.toContain("end");
    room.house.clock.advance(300);
    expect(client.calls).toContain("end");
    expect(room.house.kinds()).toContain("playStopped unpublished");
  });

  test("cannot have TCP for another track, nor UDP where the connection is encrypted", () => {
    const { ports: _ports, room } = open();
    bringOpening(room.house.publish());
    const client = room.client();
    setup(client, "trackID=0", "5000-5001");
    expect(client.setup(`${url}/trackID=1`)?.status).toBe(461);
    expect(setup(room.client({ isTls: true }), "trackID=0", "5000-5001")?.status).toBe(461);
  });
});

describe("a publisher by UDP", () => {
  test("is heard at its own ports alone, and told how its packets arrive", () => {
    const { ports, room } = open();
    const client = room.client();
    client.ask("ANNOUNCE", url, ["Content-Type: application/sdp"], announcement);
    expect(setup(client, "streamid=0", "6000-6001", ";mode=record")?.status).toBe(200);
    client.ask("RECORD", url);
    const viewer = new Viewer();
    room.house.registry.subscribe(room.house.path, viewer);
    const payload = new Uint8Array(20).fill(0x80);
    payload[0] = 0x65;
    const packet = encodeRtp({ payloadType: 96, marker: true, sequence: 1, ssrc: 9, timestamp: 0, payload });
    expect([...ports.listeners.keys()]).toEqual(["rtp 192.0.2.7:6000", "rtcp 192.0.2.7:6001"]);
    ports.listeners.get("rtp 192.0.2.7:6000")?.(packet);
    pass(room, client, 1);
    expect(viewer.packets.map(({ kind, role }) => `${kind} ${role}`)).toEqual(["video config", "video key"]);
    pass(room, client, 4);
    const [report] = ports.sent;
    expect([report?.flow, report?.port]).toEqual(["rtcp", 6_001]);
    expect(decodeRtcp(report?.bytes ?? new Uint8Array())[0]).toMatchObject({
      blocks: [{ ssrc: 9, lost: 0 }],
    });
    client.connection.closed();
    expect(ports.listeners.size).toBe(0);
  });

  test("cannot have ports that another session has", () => {
    const { room } = open();
    const [first, second] = [room.client(), room.client()];
    for (const client of [first, second])
      client.ask("ANNOUNCE", url, ["Content-Type: application/sdp"], announcement);
    expect(setup(first, "streamid=0", "6000-6001", ";mode=record")?.status).toBe(200);
    expect(setup(second, "streamid=0", "6000-6001", ";mode=record")?.status).toBe(403);
  });
});
