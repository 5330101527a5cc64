import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { Forwards } from "../../src/relay/forwards.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { until } from "../record/studio.ts";
import { publishTag, seconds, starting, tagOf } from "../record/tags.ts";
import { keptLog, Settings, Station, told } from "./station.ts";

/** A server that forwards. The clock of its pushes is moved by the test; sockets are real. */
class Sender implements Disposable {
  readonly clock = new FakeClock();
  readonly settings = new Settings();
  readonly kept = keptLog();
  readonly station = new Station();
  readonly forwards: Forwards;

  constructor() {
    const { registry, hub: events } = this.station;
    this.forwards = new Forwards({
      ...{ registry, events, clock: this.clock, log: this.kept.log, find: this.settings.find },
      options: () => ({ chunkSize: 4_096, queue: { maxBytes: 1e7, maxMs: 5_000 } }),
    });
    registry.attach(this.forwards);
  }

  set(...paths: Parameters<Settings["set"]>): void {
    this.forwards.configure(this.settings.set(...paths));
  }

  begin(path: string) {
    const publication = this.station.publish(path);
    for (const tag of [...starting, tagOf.key(0)]) publishTag(publication, tag);
    return publication;
  }

  states(path: string): string[] {
    return this.forwards.list(path).map(({ pos, state }) => `${pos} ${state}`);
  }

  [Symbol.dispose](): void {
    this.station[Symbol.dispose]();
  }
}

const to = (dest: string) => ({ dest, destFingerprint: "", whipBearerToken: "" });

const isLive = (station: Station, path: string): boolean =>
  station.registry.find(parseStreamPath(path))?.publication !== undefined;

describe("a path that is forwarded", () => {
  test("arrives with each byte and each time, under the name that its variables make", async () => {
    using other = new Station();
    using sender = new Sender();
    const there = other.watch("copy/live/a/a");
    const here = sender.station.watch("live/a");
    sender.set({ "~^live/(.*)$": { forward: [to(other.url("copy/$MTX_PATH/$G1"))] } });
    const publication = sender.begin("live/a");
    await until(() => there.packets.length > 0, "it begins");
    for (const tag of seconds(3, 40)) publishTag(publication, tag);
    await until(() => there.packets.length >= here.packets.length, "all packets are there");
    expect(there.packets.map(told)).toEqual(here.packets.map(told));
  });

  test("shows its destinations, whether they work or not", async () => {
    using other = new Station();
    using sender = new Sender();
    const gone = new Station();
    const goneUrl = gone.url("live/SECRETKEY");
    gone[Symbol.dispose]();
    sender.set({
      a: {
        forward: [
          to(other.url("live/SECRETKEY")),
          to(goneUrl.replace("//", "//u:hunter2@")),
          { dest: "whip://h/whip/SECRETKEY", destFingerprint: "", whipBearerToken: "hunter2" },
        ],
      },
    });
    const idle = sender.forwards.list("a");
    expect(sender.states("a")).toEqual(["1 idle", "2 idle", "3 error"]);
    const publication = sender.begin("a");
    await until(() => sender.states("a")[1] === "2 error", "the second fails");
    await until(() => isLive(other, "live/SECRETKEY"), "the first arrives");
    const views = sender.forwards.list("a");
    expect(views.map(({ id }) => id)).toEqual(idle.map(({ id }) => id));
    expect(sender.states("a")).toEqual(["1 forwarding", "2 error", "3 error"]);
    expect(views.map(({ protocol }) => protocol)).toEqual(["rtmp", "rtmp", "whip"]);
    expect(views[0]!.outboundBytes).toBeGreaterThan(3_000);
    expect(views[0]!.conf.dest).toBe(`rtmp://127.0.0.1:${other.port}/live/***`);
    expect(views[1]!.lastError).not.toBe("");
    expect(views[2]!.lastError).toBe(
      "this server cannot forward to whip:// yet, expected rtmp:// or rtmps://",
    );
    const shown = JSON.stringify([views, sender.kept.lines, sender.station.events]);
    expect(shown).not.toContain("hunter2");
    expect(shown).not.toContain("SECRETKEY");
    expect(sender.kept.lines.length).toBe(1);
    expect(sender.forwards.get("a", idle[0]!.id)?.pos).toBe(1);
    expect(sender.forwards.get("b", idle[0]!.id)).toBeUndefined();
    publication.end("client_stop");
    expect(sender.states("a")).toEqual(["1 idle", "2 idle", "3 error"]);
  });

  test("by a pattern has destinations as long as there is a stream", () => {
    using sender = new Sender();
    sender.set({ all_others: { forward: [to("rtmp://127.0.0.1:1/x/$MTX_PATH")] } });
    expect([...sender.forwards.all()]).toEqual([]);
    const viewer = sender.station.watch("b");
    expect(sender.states("b")).toEqual(["1 idle"]);
    expect([...sender.forwards.all()].map(({ path }) => path)).toEqual(["b"]);
    viewer.leave();
    expect(sender.forwards.list("b")).toEqual([]);
  });
});

describe("other destinations", () => {
  test("begin and end at once, and those that stay keep their connection", async () => {
    using one = new Station();
    using two = new Station();
    using three = new Station();
    using sender = new Sender();
    const urls = [one, two, three].map((station) => to(station.url("live/a")));
    sender.set({ a: { forward: [urls[0]!, urls[1]!] } });
    sender.begin("a");
    await until(() => isLive(one, "live/a") && isLive(two, "live/a"), "both arrive");
    const before = sender.forwards.list("a");
    sender.set({ a: { forward: [urls[2]!, urls[1]!] } });
    await until(() => isLive(three, "live/a") && one.connections === 0, "one goes, one comes");
    const after = sender.forwards.list("a");
    expect(after[1]!.id).toBe(before[1]!.id);
    expect([two.count("publishStarted"), two.count("publishStopped")]).toEqual([1, 0]);
    expect(one.events.find(({ kind }) => kind === "publishStopped")).toMatchObject({ reason: "client_stop" });
    expect(sender.states("a")).toEqual(["1 forwarding", "2 forwarding"]);
    expect([sender.station.count("publishStopped"), sender.forwards.list("a").length]).toEqual([0, 2]);
  });

  test("that end while they connect leave nothing behind", async () => {
    using one = new Station();
    using sender = new Sender();
    sender.begin("a");
    sender.set({ a: { forward: [to(one.url("live/a"))] } });
    sender.set({ a: {} });
    await until(() => one.connections === 0 && sender.clock.timers === 0, "it is over");
    let open = 0;
    const count = (change: number) => (): void => {
      open += change;
    };
    const silent = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { open: count(1), close: count(-1), data: () => undefined },
    });
    sender.set({ a: { forward: [to(`rtmp://127.0.0.1:${silent.port}/live/a`)] } });
    await until(() => open === 1, "it connects");
    sender.set({ a: {} });
    sender.clock.advance(1_000);
    await until(() => open === 0 && sender.clock.timers === 0, "it is over");
    silent.stop(true);
    expect([sender.station.count("relayStarted"), sender.station.count("relayFailed")]).toEqual([0, 0]);
    expect(isLive(one, "live/a")).toBe(false);
  });

  test("of a path that is gone end, whoever they are", async () => {
    using one = new Station();
    using sender = new Sender();
    sender.set({ a: { forward: [to(one.url("live/a"))] } });
    sender.begin("a");
    await until(() => isLive(one, "live/a"), "it arrives");
    sender.set({});
    await until(() => one.connections === 0, "it is over");
    expect(sender.forwards.list("a")).toEqual([]);
  });

  test("for all streams come and go as well", async () => {
    using one = new Station();
    using sender = new Sender();
    sender.set({ all_others: {} });
    sender.begin("live/a");
    sender.set({ all_others: {} }, [one.url("live")]);
    await until(() => isLive(one, "live/a"), "it arrives");
    expect(sender.forwards.relays("live/a").map(({ state }) => state)).toEqual(["forwarding"]);
    expect(sender.forwards.list("live/a")).toEqual([]);
    expect(() => sender.set({}, ["rtmp://h"])).toThrow("has no application");
    expect(sender.forwards.relays("live/a").map(({ state }) => state)).toEqual(["forwarding"]);
    sender.set({ all_others: {} });
    await until(() => one.connections === 0, "it is over");
  });

  test("that cannot be reached are tried again, and found when they are there", async () => {
    using sender = new Sender();
    const free = new Station();
    const { port } = free;
    free[Symbol.dispose]();
    sender.set({ a: { forward: [to(`rtmp://127.0.0.1:${port}/live/a`)] } });
    sender.begin("a");
    await until(() => sender.states("a")[0] === "1 error", "it fails");
    using there = new Station({ port });
    sender.clock.advance(600);
    await until(() => isLive(there, "live/a"), "it arrives");
    await until(() => sender.states("a")[0] === "1 forwarding", "the answer is back");
  });

  test("are looked into again only where their path, or where all go, is another", () => {
    using sender = new Sender();
    const looks: string[] = [];
    const watched = (name: string) => ({
      ...sender.settings.set({ [name]: {} }).paths[name]!,
      get forward() {
        looks.push(name);
        return [];
      },
    });
    const [a, b] = [watched("a"), watched("b")];
    const configure = (paths: Record<string, typeof a>, relayTo: readonly string[]): string[] => {
      sender.settings.conf = { paths, relayTo };
      sender.forwards.configure(sender.settings.conf);
      return looks.splice(0);
    };
    expect(configure({ a, b }, [])).toEqual(["a", "b"]);
    expect(configure({ a, b }, [])).toEqual([]);
    expect(configure({ a, b: watched("b") }, [])).toEqual(["b"]);
    expect(configure({ a }, ["rtmp://h/live"])).toEqual(["a"]);
    expect(configure({ a }, ["rtmp://h/live"])).toEqual([]);
  });
});
