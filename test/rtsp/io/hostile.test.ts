import { describe, expect, test } from "bun:test";
import { RtspReader } from "../../../src/rtsp/request-reader.ts";
import { until } from "../../record/studio.ts";
import { request } from "./room.ts";
import { RtspStation } from "./rtsp-station.ts";

/** A socket that says something and listens. */
const dial = async (port: number, text: string) => {
  const reader = new RtspReader();
  const state = { statuses: [] as number[], isClosed: false };
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_socket, bytes) => {
        reader.receive(bytes);
        for (let unit = reader.next(); unit; unit = reader.next())
          if (unit.kind === "response") state.statuses.push(unit.status);
      },
      close: () => {
        state.isClosed = true;
      },
    },
  });
  socket.write(text);
  return Object.assign(state, { socket });
};

describe("strangers", () => {
  test("who stop half-way, a thousand of them, are gone after their time, and nothing is left of them", async () => {
    using station = new RtspStation({ rtsp: { requestTimeoutMs: 1_500 } });
    const port = station.ports.port("rtsp") ?? 0;
    const url = station.rtsp("live/a");
    const beginnings = [
      "",
      "DESC",
      `OPTIONS ${url} RTSP/1.0\r\nCSeq: 1\r\n`,
      request("OPTIONS", url, ["CSeq: 1"]),
      request("ANNOUNCE", url, ["CSeq: 1", "Content-Type: application/sdp"], "v=0").slice(0, -1),
    ];
    const all = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => dial(port, beginnings[index % beginnings.length] ?? "")),
    );
    await until(() => station.sessions.size === 1_000, "all are there");
    await until(() => all.every(({ isClosed }) => isClosed), "all are gone");
    await until(() => station.sessions.size === 0, "nothing is left");
    expect([...station.registry.streams]).toEqual([]);
    expect(station.events.filter(({ kind }) => kind === "connectionClosed").length).toBe(1_000);
  }, 30_000);

  test("who send noise, browsers among them, hear 400 and are cut off", async () => {
    using station = new RtspStation();
    const port = station.ports.port("rtsp") ?? 0;
    const noise = [
      "\x16\x03\x01\x02\x00\x01\x00",
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n\x00",
      "A".repeat(70_000),
    ];
    for (const text of noise) {
      const stranger = await dial(port, text);
      await until(() => stranger.isClosed, "it is cut off");
      expect(stranger.statuses.at(-1)).toBe(400);
    }
    expect(station.sessions.size).toBe(0);
  });

  test("who wait for streams that do not come are told, and leave no stream behind", async () => {
    using station = new RtspStation({ stream: { playWaitMs: 300 } });
    const port = station.ports.port("rtsp") ?? 0;
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        dial(port, request("DESCRIBE", station.rtsp(`live/${index}`), ["CSeq: 1"])),
      ),
    );
    await until(() => all.every(({ statuses }) => statuses.length === 1), "all are told");
    expect(new Set(all.flatMap(({ statuses }) => statuses))).toEqual(new Set([404]));
    expect([...station.registry.streams]).toEqual([]);
    for (const { socket } of all) socket.end();
  });
});
