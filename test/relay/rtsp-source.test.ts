import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { systemClock } from "../../src/base/time.ts";
import { Pulls } from "../../src/relay/pulls.ts";
import type { Access, Credentials } from "../../src/stream/admission.ts";
import { needsTool } from "../base/tool.ts";
import { Certificate } from "../e2e/harness/certificate.ts";
import { until } from "../record/studio.ts";
import { bodies, bring } from "../rtsp/io/bodies.ts";
import { RtspStation } from "../rtsp/io/rtsp-station.ts";
import { peerOf } from "../stream/peer.ts";
import { keptLog, Settings, Station } from "./station.ts";

/** A server that pulls. */
class Puller implements Disposable {
  readonly settings = new Settings();
  readonly kept = keptLog();
  readonly station = new Station();
  readonly pulls: Pulls;

  constructor() {
    const { registry, hub: events } = this.station;
    const { log } = this.kept;
    this.pulls = new Pulls({ registry, events, clock: systemClock, log, find: this.settings.find });
  }

  set(...paths: Parameters<Settings["set"]>): void {
    this.pulls.configure(this.settings.set(...paths));
  }

  [Symbol.dispose](): void {
    this.pulls.close();
    this.station[Symbol.dispose]();
  }
}

const publishAt = ({ registry }: RtspStation, path: string) =>
  registry.publish(parseStreamPath(path), {
    peer: peerOf("c7", "127.0.0.1:1"),
    publishType: "live",
    evicted: () => undefined,
  });

/** Pictures and sound of 400 ms; in the second picture the decoder is told to wait 40 ms. */
const frames = [...Array(10).keys()].flatMap((index) => [
  {
    body: bodies.picture({ isKey: index === 0, fill: index + 1, size: 30 + 500 * index, composition: 80 }),
    time: index * 40,
  },
  { body: bodies.sound(20, index + 1), time: index * 40 + 10 },
]);

const feed = (publication: ReturnType<typeof publishAt>): void => {
  bring(publication, bodies.avcConfig, 0);
  bring(publication, bodies.aacConfig, 0);
  for (const { body, time } of frames) bring(publication, body, time);
  publication.flush();
};

/** Lets in who has this user and password. */
const guarded = (user: string, password: string): Access => ({
  decide: ({ credentials }: { credentials: Credentials }) =>
    credentials.user === user && credentials.password === password
      ? { isAllowed: true, user }
      : {
          isAllowed: false,
          reason: credentials.user === "" ? "missing" : "denied",
          message: "no",
          delayMs: 0,
        },
});

describe("a stream pulled by RTSP", () => {
  for (const rtspTransport of ["tcp", "udp", "automatic"] as const)
    test(`over ${rtspTransport} has all pictures and sounds of its source, each at its time`, async () => {
      using origin = new RtspStation({ rtsp: { transports: ["tcp", "udp"] } });
      using puller = new Puller();
      const here = puller.station.watch("copy/b");
      feed(publishAt(origin, "live/a"));
      puller.set({ "copy/b": { source: origin.rtsp("live/a"), rtspTransport } });
      const mediaHere = () => here.packets.filter(({ role, kind }) => kind !== "data" && role !== "config");
      await until(() => mediaHere().length >= frames.length, "all packets came");
      // Decoding times are not told by RTP, and a publisher's are not asked for.
      const [first] = mediaHere();
      const origins = frames.map(({ body }) => Buffer.from(body).toString("hex").substring(10)).sort();
      expect(
        mediaHere()
          .map(({ payload }) => Buffer.from(payload).toString("hex").substring(10))
          .sort(),
      ).toEqual(origins);
      const sounds = mediaHere()
        .filter(({ kind }) => kind === "audio")
        .map(({ timestamp }) => timestamp);
      expect(sounds.map((time) => time - (sounds[0] ?? 0))).toEqual(
        [...Array(10).keys()].map((index) => index * 40),
      );
      expect(first?.kind).toBe("video");
      const stream = puller.station.registry.find(parseStreamPath("copy/b"));
      expect(stream?.publication?.peer).toMatchObject({ kind: "rtspSource", id: "" });
    });

  test("by UDP alone is got from a server that has nothing else", async () => {
    using origin = new RtspStation({ rtsp: { transports: ["udp"] } });
    using puller = new Puller();
    feed(publishAt(origin, "live/a"));
    puller.set({ "copy/b": { source: origin.rtsp("live/a") } });
    await until(() => puller.station.count("publishStarted") === 1, "it is pulled");
  });

  test("shows user and password to a server that asks, and comes back when the source does", async () => {
    using origin = new RtspStation({ context: { access: guarded("u", "p@ss") } });
    using puller = new Puller();
    const publication = publishAt(origin, "live/a");
    feed(publication);
    const source = origin.rtsp("live/a").replace("rtsp://", "rtsp://u:p%40ss@");
    puller.set({ "copy/b": { source } });
    await until(() => puller.station.count("publishStarted") === 1, "it is pulled");
    publication.end("client_stop");
    await until(() => puller.station.count("publishStopped") === 1, "it ends with its source");
    feed(publishAt(origin, "live/a"));
    await until(() => puller.station.count("publishStarted") === 2, "it is pulled again");
  });

  test("that the server refuses is told without secrets", async () => {
    using origin = new RtspStation({ context: { access: guarded("u", "right") } });
    using puller = new Puller();
    const source = `${origin.rtsp("live/a").replace("rtsp://", "rtsp://u:wrong-one@")}?token=my-token`;
    puller.set({ "copy/b": { source } });
    await until(() => puller.kept.lines.length > 0, "it is told");
    expect(puller.kept.lines[0]).toContain("the server refuses this user and password");
    expect(puller.kept.lines.join()).not.toMatch(/wrong-one|my-token/);
  });

  test("of a server that does not have it is asked for again", async () => {
    using origin = new RtspStation({ stream: { playWaitMs: 0 } });
    using puller = new Puller();
    puller.set({ "copy/b": { source: origin.rtsp("live/a") } });
    await until(() => puller.kept.lines.some((line) => line.includes("404")), "it is told");
    feed(publishAt(origin, "live/a"));
    await until(() => puller.station.count("publishStarted") === 1, "it is pulled");
  });

  needsTool("openssl")(
    "by RTSPS is got from the server with the right certificate, and from no other",
    async () => {
      using certificate = await Certificate.make();
      const [cert, key] = [await Bun.file(certificate.cert).text(), await Bun.file(certificate.key).text()];
      using origin = new RtspStation({ tls: { cert, key } });
      using puller = new Puller();
      feed(publishAt(origin, "live/a"));
      const source = origin.rtsps("live/a");
      puller.set({
        "copy/unknown": { source },
        "copy/wrong": { source, sourceFingerprint: "00".repeat(32) },
        "copy/right": {
          source,
          sourceFingerprint: new X509Certificate(cert).fingerprint256.replaceAll(":", ""),
        },
      });
      await until(
        () => puller.kept.lines.filter((line) => line.includes("TLS")).length === 2,
        "two are refused",
      );
      await until(() => puller.station.count("publishStarted") === 1, "one is pulled");
      expect(puller.station.registry.find(parseStreamPath("copy/right"))?.publication).toBeDefined();
    },
  );

  test("on demand is asked for while somebody wants it", async () => {
    using origin = new RtspStation();
    using puller = new Puller();
    feed(publishAt(origin, "live/a"));
    puller.set({
      "copy/b": { source: origin.rtsp("live/a"), sourceOnDemand: true, sourceOnDemandCloseAfter: 1 },
    });
    expect(origin.sessions.size).toBe(0);
    const viewer = puller.station.watch("copy/b");
    await until(() => viewer.packets.length > 0, "it is pulled");
    viewer.leave();
    await until(() => origin.sessions.size === 0, "it is left");
  });
});
