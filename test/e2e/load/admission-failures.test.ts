import { describe, expect } from "bun:test";
import type { Socket } from "node:net";
import { share } from "../../../src/base/bytes.ts";
import { readAudioHeader } from "../../../src/flv/audio-header.ts";
import { tagType } from "../../../src/flv/tag.ts";
import { readVideoHeader } from "../../../src/flv/video-header.ts";
import { Packet } from "../../../src/media/packet.ts";
import { mediaForm } from "../../../src/rtmp/media-form.ts";
import { type Backend, nobodyUrl, openBackend, response } from "../../access/backend.ts";
import { parsePage, valueIn } from "../../base/exposition.ts";
import { curl } from "../harness/curl.ts";
import { TempDirectory } from "../harness/directory.ts";
import { type EagerEnd, publishEagerly } from "../harness/eager-publisher.ts";
import { mediaTags } from "../harness/flv-tags.ts";
import { MeasuredCrowd } from "../harness/measured-crowd.ts";
import { clip } from "../harness/media.ts";
import { OwnPlayer } from "../harness/own-client.ts";
import { Server } from "../harness/server.ts";
import { needsTools } from "../harness/tools.ts";

const test = needsTools("ffmpeg", "curl");

const promisedMs = 3_000;
const attemptsAtOnce = 100;

/** How an access server may fail, by what it does with a question that is whole. */
const failures: Readonly<Record<string, (socket: Socket) => void>> = {
  "never answers": () => undefined,
  "answers after 30 s": (socket) => {
    setTimeout(() => socket.writable && socket.end(response(200)), 30_000).unref();
  },
  "answers with no HTTP": (socket) => socket.end("\x00\xff\x17garbage\r\n\r\nyes yes yes\r\n"),
  "answers 500": (socket) => socket.end(response(500, "Traceback (most recent call last)")),
  "stops in the middle of a yes": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of i");
  },
  "cuts the connection in the middle of a yes": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of i", () => socket.destroy());
  },
  "answers a byte a second": (socket) => {
    const bytes = [...response(200)];
    const timer = setInterval(() => {
      if (socket.writable) socket.write(bytes.shift() ?? "");
      else clearInterval(timer);
    }, 1_000).unref();
  },
  "says yes with a body without end": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const pour = (): void => {
      while (socket.writable && socket.write(`1000\r\n${"x".repeat(4096)}\r\n`));
    };
    socket.on("drain", pour);
    pour();
  },
  "hangs up at once": (socket) => socket.destroy(),
};

/** A clip as a publisher sends it: bytes of RTMP. */
const mediaBytes = async (): Promise<Uint8Array> => {
  const packets = mediaTags(await clip()).flatMap(({ type, timestamp, payload }) => {
    const shared = share(payload);
    const facts = type === tagType.video ? readVideoHeader(shared) : readAudioHeader(shared);
    return facts ? [new Packet(facts, timestamp, shared)] : [];
  });
  return mediaForm({ chunkSize: 4096, streamId: 1, toward: "publisher" }).encode(packets);
};

const config = (backend: string): string => `
playWait: 100s
authMethod: http
authHTTPAddress: ${backend}
authHTTPExclude:
  - {action: publish, path: "~^free/"}
  - {action: read}
  - {action: api}
  - {action: metrics}
paths: {all_others: }
`;

/** Tries to publish many streams at once, with media right behind the question. */
const storm = async (server: Server, media: Uint8Array, prefix: string): Promise<EagerEnd[]> =>
  Promise.all(
    Array.from({ length: attemptsAtOnce }, (_, index) =>
      publishEagerly(`${server.url(`guarded/${prefix}-${index}`)}?user=jo&pass=open-sesame`, media),
    ),
  );

describe("an access server that fails", () => {
  test("lets nobody publish, holds nobody up, and those who need not ask notice nothing", async () => {
    const media = await mediaBytes();
    using directory = new TempDirectory();
    let answer: (socket: Socket) => void = () => undefined;
    using backend: Backend = await openBackend((socket) => answer(socket));
    const file = directory.file("rtmp-server.yml");
    await Bun.write(file, config(backend.url));
    const pages = ["--api-address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0"];
    await using server = await Server.start({ flags: ["--config", file, ...pages] });
    const api = `${await server.pages("control API")}/v3`;
    using crowd = new MeasuredCrowd(mediaTags(await clip()));
    await crowd.join((stream) => server.url(`free/${stream}`), { count: 10, players: 19 });

    const rounds = [...Object.entries(failures), ["is not there", undefined] as const];
    for (const [round, [name, behaviour]] of rounds.entries()) {
      if (behaviour) answer = behaviour;
      else {
        const nobody = JSON.stringify({ authHTTPAddress: await nobodyUrl() });
        expect((await curl(`${api}/config/global/patch`, ["-X", "PATCH", "-d", nobody])).status).toBe(200);
      }
      using waiting = new OwnPlayer(server.url(`guarded/${round}-0`));
      const ends = await storm(server, media, String(round));
      const times = ends.map(({ ms }) => ms).sort((a, b) => a - b);
      const sent = Math.max(...ends.map(({ sentBytes }) => sentBytes));
      const figures = `${times[0]!.toFixed(0)} to ${times.at(-1)!.toFixed(0)} ms`;
      console.info(
        `one that ${name}: ${ends.length} publishes end after ${figures}, up to ${sent} bytes sent`,
      );
      expect(times.filter((ms) => ms > promisedMs)).toEqual([]);
      expect(ends.filter(({ sentBytes }) => sentBytes === 0)).toEqual([]);
      expect(new Set(ends.map(({ code }) => code))).toEqual(new Set(["NetStream.Publish.Unauthorized"]));
      expect(waiting.arrivals).toEqual([]);
    }

    const { body } = await curl(`${await server.pages("metrics and health pages")}/metrics`);
    const { families } = parsePage(body);
    const refused = attemptsAtOnce * rounds.length;
    const decided = (result: string): number | undefined =>
      valueIn(families, "rtmp_access_decisions_total", { action: "publish", result });
    expect([decided("unavailable"), decided("denied")]).toEqual([refused, 0]);
    expect(valueIn(families, "rtmp_publishes_started_total")).toBe(10);
    expect(server.matching({ msg: "publish refused", code: "ACCESS_UNAVAILABLE" }).length).toBe(refused);
    expect(server.logText).not.toContain("open-sesame");
    const lag = valueIn(families, "rtmp_event_loop_lag_seconds") ?? 0;
    const read = server
      .matching({ msg: "connection disconnected", reason: "refused" })
      .map(({ bytes_received }) => Number(bytes_received));
    expect(read.length).toBe(refused);
    console.info(
      `the server read up to ${Math.max(...read)} bytes of each; its event loop lagged ${(lag * 1000).toFixed(0)} ms at most`,
    );
    // What has come while nobody has decided stays in the system's buffers.
    expect(Math.max(...read)).toBeLessThan(media.length / 4);

    const { connections, framesSent, faults, delay } = await crowd.finish();
    const [p50, p99, max] = [delay.p50, delay.p99, delay.max].map((ms) => ms.toFixed(1));
    console.info(
      `${connections} others, ${framesSent} frames published meanwhile, delay p50 ${p50}, p99 ${p99}, max ${max} ms`,
    );
    expect(connections).toBe(200);
    expect(faults).toEqual([]);
  });

  for (const { name, start } of [
    {
      name: "keys of tokens",
      start: async (directory: TempDirectory, url: string): Promise<Server> => {
        const file = directory.file("rtmp-server.yml");
        await Bun.write(file, `authMethod: jwt\nauthJWTJWKS: ${url}\npaths: {all_others: }\n`);
        return await Server.start({ flags: ["--config", file] });
      },
    },
    {
      name: "tokens of streams",
      start: (_directory: TempDirectory, url: string): Promise<Server> =>
        Server.start({ flags: ["--auth-mode", "callback", "--auth-callback", url] }),
    },
  ])
    test(`and was asked for ${name} lets nobody publish or play either, and says so in time`, async () => {
      const media = (await mediaBytes()).subarray(0, 200_000);
      using directory = new TempDirectory();
      using backend = await openBackend(() => undefined);
      await using server = await start(directory, backend.url);
      const url = `${server.url("live/x")}?token=eyJhbGciOiJSUzI1NiJ9.e30.c2ln`;
      const begun = performance.now();
      using player = new OwnPlayer(url);
      const [end, error] = await Promise.all([publishEagerly(url, media), player.ended]);
      expect(performance.now() - begun).toBeLessThan(promisedMs + 500);
      expect(end.ms).toBeLessThan(promisedMs);
      expect(end.code).toBe("NetStream.Publish.Unauthorized");
      expect(error?.message).toBe("NetStream.Play.Failed: authentication failed");
      expect(player.arrivals).toEqual([]);
      expect(server.matching({ code: "ACCESS_UNAVAILABLE" }).length).toBe(2);
      console.info(
        `a server asked for ${name} that never answers: a publish ends after ${end.ms.toFixed(0)} ms`,
      );
    });
});
