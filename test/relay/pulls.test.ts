import { describe, expect, test } from "bun:test";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { fromHex, share } from "../../src/base/bytes.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { Clock } from "../../src/base/time.ts";
import { tagType } from "../../src/flv/tag.ts";
import { Pulls } from "../../src/relay/pulls.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { needsTool } from "../base/tool.ts";
import { Certificate } from "../e2e/harness/certificate.ts";
import { until } from "../record/studio.ts";
import { publishTag, seconds, starting, tagOf } from "../record/tags.ts";
import { keptLog, Settings, Station, told } from "./station.ts";

/** How long a dial may take. */
const dialTimeoutMs = 10_000;

/** A clock that knows what it was asked for. */
class NotingClock extends FakeClock {
  readonly delays: number[] = [];

  override after(delayMs: number, run: () => void) {
    this.delays.push(delayMs);
    return super.after(delayMs, run);
  }
}

/** A server that pulls. Its pulls' clock is moved by the test; sockets are real. */
class Puller implements Disposable {
  readonly clock = new FakeClock();
  readonly settings = new Settings();
  readonly kept = keptLog();
  readonly station: Station;
  readonly pulls: Pulls;

  constructor(stream: ConstructorParameters<typeof Station>[0] = {}, clock: Clock = this.clock) {
    this.station = new Station(stream);
    const { registry, hub: events } = this.station;
    this.pulls = new Pulls({ registry, events, clock, log: this.kept.log, find: this.settings.find });
  }

  set(...paths: Parameters<Settings["set"]>): void {
    this.pulls.configure(this.settings.set(...paths));
  }

  /** The publication of a stream, once there is one. */
  async published(path: string) {
    await until(() => this.station.registry.find(parseStreamPath(path))?.publication !== undefined, path);
    return this.station.registry.find(parseStreamPath(path))!.publication!;
  }

  [Symbol.dispose](): void {
    this.pulls.close();
    this.station[Symbol.dispose]();
  }
}

const metadata = {
  type: tagType.script,
  timestamp: 0,
  payload: share(
    fromHex("02 000a 6f6e4d65746144617461 08 00000001 0005 7769647468 00 4084000000000000 000009"),
  ),
} as const;

const begin = (station: Station, path: string) => {
  const publication = station.publish(path);
  for (const tag of [metadata, ...starting, tagOf.key(0)]) publishTag(publication, tag);
  return publication;
};

describe("a pulled stream", () => {
  test("has the packets of its source, each byte and each time", async () => {
    using origin = new Station();
    using puller = new Puller();
    const atOrigin = origin.watch("live/a");
    const here = puller.station.watch("copy/b");
    const publication = begin(origin, "live/a");
    puller.set({ "copy/b": { source: origin.url("live/a") } });
    await until(() => here.packets.length > 0, "the pull begins");
    for (const tag of [...seconds(3, 40), tagOf.text(3_100)]) publishTag(publication, tag);
    await until(() => here.packets.length >= atOrigin.packets.length, "all packets are there");
    expect(here.packets.map(told)).toEqual(atOrigin.packets.map(told));
    expect(here.packets.length).toBe(4 + 30 + 1);
  });

  test("is published as a source: by nobody who has an id", async () => {
    using origin = new Station();
    using puller = new Puller({ stream: { acceptsPublishers: false } });
    begin(origin, "live/a");
    puller.set({ "copy/b": { source: origin.url("live/a") } });
    const { peer } = await puller.published("copy/b");
    expect(peer).toEqual({
      connId: "s000001",
      remote: `127.0.0.1:${origin.port}`,
      kind: "rtmpSource",
      id: "",
    });
  });

  test("is there only once media comes: a source that lets us play nothing makes no stream", async () => {
    using origin = new Station();
    using puller = new Puller();
    const publication = origin.publish("live/a");
    puller.set({ "copy/b": { source: origin.url("live/a") } });
    await until(() => origin.count("playStarted") === 1, "the play begins");
    publishTag(publication, metadata);
    expect(puller.station.registry.find(parseStreamPath("copy/b"))).toBeUndefined();
    publishTag(publication, starting[0]!);
    await puller.published("copy/b");
    const viewer = puller.station.watch("copy/b");
    expect(viewer.packets.map(({ role }) => role)).toEqual(["metadata", "config"]);
  });

  test("comes back when its source does, and readers stay meanwhile", async () => {
    using puller = new Puller();
    let port = 0;
    const viewer = puller.station.watch("copy/b");
    {
      using origin = new Station();
      port = origin.port;
      begin(origin, "live/a");
      puller.set({ "copy/b": { source: origin.url("live/a") } });
      await until(() => viewer.packets.length > 0, "the pull begins");
      origin.stop();
      await until(() => puller.station.count("publishStopped") === 1, "the source is lost");
    }
    using origin = new Station({ port });
    begin(origin, "live/a");
    expect(puller.kept.lines.at(-1)).toStartWith("source failed");
    puller.clock.advance(600);
    await until(() => puller.station.count("publishStarted") === 2, "it is back");
    expect(viewer.log.filter((call) => call.startsWith("end"))).toEqual([]);
    expect(viewer.log).toContain("interrupt");
  });

  test("is tried again for ever, at most five seconds and a fifth apart, and a failure is told once", async () => {
    const clock = new NotingClock();
    using puller = new Puller({}, clock);
    const free = new Station();
    const url = free.url("live/a");
    free[Symbol.dispose]();
    puller.set({ "copy/b": { source: url } });
    const pauses = (): number[] => clock.delays.filter((ms) => ms !== dialTimeoutMs);
    for (let attempt = 1; attempt <= 12; attempt++) {
      await until(() => pauses().length === attempt, "an attempt failed");
      clock.advance(pauses().at(-1)!);
    }
    expect(puller.kept.lines.map((line) => line.split(" {")[0])).toEqual(["source failed"]);
    expect(Math.max(...pauses())).toBeLessThanOrEqual(6_000);
    expect(Math.min(...pauses().slice(5))).toBeGreaterThanOrEqual(4_000);
  });

  test("of a server that falls silent is asked for again", async () => {
    using origin = new Station();
    using puller = new Puller();
    begin(origin, "live/a");
    puller.set({ "copy/b": { source: origin.url("live/a") } });
    await puller.published("copy/b");
    puller.clock.advance(12_000);
    await until(() => puller.station.count("publishStopped") === 1, "it is given up");
    expect(puller.kept.lines.at(-1)).toContain("the server sent nothing for 10000 ms");
    puller.clock.advance(600);
    await until(() => puller.station.count("publishStarted") === 2, "it is asked for again");
  });

  test("that an operator takes away comes back", async () => {
    using origin = new Station();
    using puller = new Puller();
    begin(origin, "live/a");
    puller.set({ "copy/b": { source: origin.url("live/a") } });
    await puller.published("copy/b");
    puller.station.registry.find(parseStreamPath("copy/b"))!.evict("kicked");
    expect(puller.station.count("publishStopped")).toBe(1);
    await until(() => origin.connections === 0, "the connection is cut");
    puller.clock.advance(600);
    await puller.published("copy/b");
  });
});

describe("a source on demand", () => {
  const settings = (origin: Station) => ({
    "~^copy/(.*)$": {
      source: origin.url("live/$G1?$MTX_QUERY"),
      sourceOnDemand: true,
      sourceOnDemandCloseAfter: 2_000,
    },
  });

  test("is pulled while somebody wants it, and a while longer", async () => {
    using origin = new Station();
    using puller = new Puller();
    begin(origin, "live/a");
    puller.set(settings(origin));
    expect(puller.clock.timers).toBe(0);
    const viewer = puller.station.watch("copy/a");
    await until(() => viewer.packets.length > 0, "it is pulled");
    viewer.leave();
    puller.clock.advance(1_900);
    const again = puller.station.watch("copy/a");
    puller.clock.advance(1_900);
    expect([again.packets.length > 0, origin.count("playStarted")]).toEqual([true, 1]);
    again.leave();
    puller.clock.advance(2_000);
    await until(() => origin.connections === 0 && puller.clock.timers === 0, "it is let go");
    expect(puller.station.count("streamDeleted")).toBe(1);
  });

  test("gets the query of its first reader", async () => {
    using origin = new Station();
    using puller = new Puller();
    begin(origin, "live/a");
    puller.set(settings(origin));
    const { registry } = puller.station;
    const reader = Object.assign(puller.station.watch("other"), { query: "token=x#y" });
    registry.subscribe(parseStreamPath("copy/a"), reader);
    await until(() => origin.count("playStarted") === 1, "it is played");
    expect(origin.events.find(({ kind }) => kind === "playStarted")).toMatchObject({
      path: "live/a",
      query: "token=x%23y",
    });
  });

  test("that readers wait for already is pulled once it is configured", async () => {
    using origin = new Station();
    using puller = new Puller();
    begin(origin, "live/a");
    const viewer = puller.station.watch("copy/a");
    puller.set(settings(origin));
    await until(() => viewer.packets.length > 0, "it is pulled");
  });
});

describe("another configuration", () => {
  test("does not touch a source that stays as it is", async () => {
    using origin = new Station();
    using puller = new Puller();
    begin(origin, "live/a");
    const source = origin.url("live/a");
    puller.set({ a: { source } });
    const publication = await puller.published("a");
    for (const more of [{ b: {} }, { b: { source: "rtmp://127.0.0.1:1/x" } }, {}]) {
      puller.set({ a: { source, sourceOnDemandCloseAfter: 5 }, ...more });
      expect(await puller.published("a")).toBe(publication);
    }
    puller.set({ "~^a$": { source, sourceOnDemand: true } });
    puller.set({ a: { source } });
    expect(await puller.published("a")).toBe(publication);
    expect(origin.connections).toBe(1);
  });

  test("gives readers another source without sending them away", async () => {
    using one = new Station();
    using two = new Station();
    using puller = new Puller();
    begin(one, "live/a");
    begin(two, "live/a");
    puller.set({ a: { source: one.url("live/a") } });
    const viewer = puller.station.watch("a");
    await until(() => viewer.packets.length > 0, "the first comes");
    puller.set({ a: { source: two.url("live/a") } });
    await until(() => puller.station.count("publishStarted") === 2, "the second comes");
    await until(() => one.connections === 0, "the first is left");
    expect(viewer.log.filter((call) => call.startsWith("end"))).toEqual([]);
  });

  test("without the source ends it", async () => {
    using origin = new Station();
    using puller = new Puller();
    begin(origin, "live/a");
    puller.set({ a: { source: origin.url("live/a") } });
    await puller.published("a");
    puller.set({ a: {} });
    await until(() => origin.connections === 0 && puller.clock.timers === 0, "it is left");
    expect(puller.station.count("publishStopped")).toBe(1);
  });

  test("with sources that are not served says so once each, and pulls nothing", () => {
    using puller = new Puller();
    const paths = { cam: { source: "srt://u:secret@127.0.0.1:1" } };
    puller.set(paths);
    puller.set(paths);
    expect(puller.kept.lines).toEqual([
      'this server cannot pull srt:// sources yet, nothing is pulled {"path":"cam"}',
    ]);
    expect(puller.clock.timers).toBe(0);
  });
});

describe("a server that asks for a login", () => {
  const md5 = (text: string): string => createHash("md5").update(text).digest("base64");

  /** Wants to know who comes, then a proof, and checks that. */
  const guard = (password: string): ConstructorParameters<typeof Station>[0] => ({
    screen: ({ app }) => {
      const values = new URLSearchParams(app.split("?")[1]?.replaceAll("+", "%2B") ?? "");
      const challenge = (description: string) => ({ kind: "challenged", description }) as const;
      const user = values.get("user");
      if (user === null)
        return challenge("[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ");
      const response = values.get("response");
      if (response === null)
        return challenge(
          `[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=${user}&salt=SaLt&challenge=ChAl==&opaque=OpAq==`,
        );
      const expected = md5(`${md5(`${user}SaLt${password}`)}OpAq==${values.get("challenge")}`);
      if (response === expected && values.get("opaque") === "OpAq==") return { kind: "welcome" } as const;
      return challenge("[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed&opaque=OpAq==");
    },
  });

  test("gets user and password of the URL, as a proof", async () => {
    using origin = new Station(guard("p@ss:word"));
    using puller = new Puller();
    begin(origin, "live/a");
    puller.set({ a: { source: origin.url("live/a").replace("//", "//me:p%40ss:word@") } });
    await puller.published("a");
    expect(origin.events.filter(({ kind }) => kind === "connectionAccepted").length).toBe(3);
  });

  test("that refuses them, or asks for none that are there, is told without secrets", async () => {
    for (const [login, text] of [
      ["me:wrongword@", "the server refuses this user and password"],
      ["", "the server wants a user and a password"],
    ] as const) {
      using origin = new Station(guard("right"));
      using puller = new Puller();
      puller.set({ a: { source: origin.url("live/a").replace("//", `//${login}`) } });
      await until(() => puller.kept.lines.length > 0, "it is told");
      expect(puller.kept.lines[0]).toContain(text);
      expect(puller.kept.lines[0]).not.toContain("wrongword");
      expect(puller.kept.lines[0]).not.toContain("SaLt");
    }
  });
});

describe("a source by RTMPS", () => {
  const withOpenssl = needsTool("openssl");

  withOpenssl("is known by its fingerprint, whoever signed its certificate", async () => {
    using certificate = await Certificate.make();
    const pem = { cert: readFileSync(certificate.cert, "utf8"), key: readFileSync(certificate.key, "utf8") };
    using origin = new Station({ tls: pem });
    begin(origin, "live/a");
    const right = new X509Certificate(pem.cert).fingerprint256.replaceAll(":", "");
    using puller = new Puller();
    puller.set({ a: { source: origin.url("live/a"), sourceFingerprint: right } });
    await puller.published("a");
    for (const [sourceFingerprint, text] of [
      ["0".repeat(64), "the certificate has another fingerprint"],
      ["", "TLS: "],
    ] as const) {
      using other = new Puller();
      other.set({ a: { source: origin.url("live/a"), sourceFingerprint } });
      await until(() => other.kept.lines.length > 0, "it is told");
      expect(other.kept.lines[0]).toContain(text);
      expect(other.station.count("publishStarted")).toBe(0);
    }
  });
});
