import { describe, expect, test } from "bun:test";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TransportError } from "../../src/base/errors.ts";
import { stateFile } from "../../src/orchestrator/store/state-store.ts";
import { Workshop } from "./workshop.ts";

const a = "0f5a0b54-3c0c-4a39-9d8e-1f2b6b0f7a01";
const b = "7e1d2c3b-9f8e-4d7c-8b6a-5a4b3c2d1e02";

/** An orchestrator that asks a media server. */
const withServer = (settings = "") => {
  const shop = new Workshop({ settings });
  const { server } = shop;
  if (!server) throw new Error("no server");
  return { shop, server, [Symbol.dispose]: () => shop[Symbol.dispose]() };
};

describe("a stream that is told of", () => {
  test("gets a worker, whose command and environment say which it is", async () => {
    using shop = new Workshop({ hasServer: false });
    const outcome = shop.tell("ready", "live/abc/in", a, { query: "lang=es&x={path}" });
    expect(outcome).toMatchObject({ kind: "heard", id: "abc", verdict: "accepted" });
    await shop.turn();
    const { command, environment } = shop.machine.of("abc");
    expect(command).toEqual(["work", "abc", "live/abc/in", "lang=es&x={path}", a]);
    expect(environment).toMatchObject({
      PATH: "/bin",
      INPUT: "rtsp://x/live/abc/in",
      ORCHESTRATOR_STREAM: "abc",
      ORCHESTRATOR_ROLE: "worker",
    });
    expect(environment).not.toHaveProperty("SECRET");
    expect(shop.stream("abc").state).toBe("running");
  });

  test("has one worker, however often that is told", async () => {
    using shop = new Workshop({ hasServer: false });
    for (let count = 0; count < 5; count++) shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    for (let count = 0; count < 5; count++) shop.tell("ready", "live/abc/in", a);
    await shop.pass(5);
    expect(shop.machine.processes.length).toBe(1);
    expect(shop.orchestrator.events(100).map(({ verdict }) => verdict)).toEqual([
      ...new Array(9).fill("duplicate"),
      "accepted",
    ]);
  });

  test("keeps its worker over a pause shorter than the grace, and loses it after a longer one", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    shop.tell("not-ready", "live/abc/in", a);
    expect(shop.stream("abc").state).toBe("draining");
    await shop.pass(29);
    shop.tell("ready", "live/abc/in", b);
    await shop.pass(60);
    expect([shop.machine.processes.length, shop.stream("abc").state]).toEqual([1, "running"]);
    shop.tell("not-ready", "live/abc/in", b);
    await shop.pass(29);
    expect(shop.machine.living.length).toBe(1);
    await shop.pass(2);
    expect([shop.machine.living.length, shop.stream("abc").state]).toEqual([0, "idle"]);
  });

  test("that flaps every 5 s for 10 minutes has its worker started once", async () => {
    using shop = new Workshop({ hasServer: false });
    for (let cycle = 0; cycle < 60; cycle++) {
      const id = `${cycle}`.padStart(2, "0") + a.substring(2);
      shop.tell("ready", "live/abc/in", id);
      await shop.pass(5);
      shop.tell("not-ready", "live/abc/in", id);
      await shop.pass(5);
    }
    expect(shop.machine.processes.length).toBe(1);
    await shop.pass(31);
    expect([shop.machine.processes.length, shop.machine.living.length]).toEqual([1, 0]);
  });

  test("that flaps, with a worker that dies each time, is not given up", async () => {
    using shop = new Workshop({ hasServer: false });
    for (let cycle = 0; cycle < 60; cycle++) {
      const id = `${cycle}`.padStart(2, "0") + a.substring(2);
      shop.tell("ready", "live/abc/in", id);
      await shop.pass(5);
      shop.machine.of("abc").end({ code: 1 });
      await shop.turn();
      shop.tell("not-ready", "live/abc/in", id);
      await shop.pass(5);
    }
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    expect(shop.stream("abc").state).toBe("running");
  });

  test("is not stopped by the end of the source before, which is heard late", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    shop.tell("ready", "live/abc/in", b);
    expect(shop.tell("not-ready", "live/abc/in", a)).toMatchObject({ verdict: "outdated" });
    await shop.pass(60);
    expect(shop.machine.living.length).toBe(1);
  });

  test("is not started by a ready that comes after its not-ready", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("not-ready", "live/abc/in", a);
    expect(shop.tell("ready", "live/abc/in", a)).toMatchObject({ verdict: "outdated" });
    await shop.pass(60);
    expect(shop.machine.processes.length).toBe(0);
  });

  test("is not started by a ready that comes half a minute after its not-ready", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("not-ready", "live/abc/in", a);
    await shop.pass(30);
    expect(shop.tell("ready", "live/abc/in", a)).toMatchObject({ verdict: "outdated" });
    await shop.pass(90);
    expect(shop.orchestrator.streams).toEqual([]);
  });

  for (const path of ["live/abc/out", "live/abc", "live/-rf/in", "cameras/1", "live/a/b/in"])
    test(`is none where it is called ${path}`, async () => {
      using shop = new Workshop({ hasServer: false });
      shop.tell("ready", path, a);
      await shop.pass(5);
      expect(shop.machine.processes.length).toBe(0);
      expect(shop.orchestrator.events(10).length).toBe(1);
    });

  test("whose state cannot be written is not taken, and may be told again", async () => {
    using shop = new Workshop({ hasServer: false });
    const write = shop.store.saveStream.bind(shop.store);
    shop.store.saveStream = () => {
      throw new TransportError("DISK", "disk full");
    };
    expect(() => shop.tell("ready", "live/abc/in", a)).toThrow("disk full");
    await shop.pass(2);
    expect(shop.machine.processes.length).toBe(0);
    shop.store.saveStream = write;
    expect(shop.tell("ready", "live/abc/in", a)).toMatchObject({ verdict: "accepted" });
    await shop.turn();
    expect(shop.machine.living.length).toBe(1);
  });
});

describe("a worker", () => {
  test("that dies is started again, and given up at the tenth time in ten minutes, until the next source", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    for (let count = 0; count < 10; count++) {
      shop.machine.of("abc").end({ code: 3 });
      await shop.turn();
      if (count < 9) {
        expect(shop.stream("abc").state).toBe("backoff");
        await shop.pass(31);
      }
    }
    expect(shop.stream("abc").state).toBe("failed");
    expect(shop.log.messages("error")).toEqual(["worker given up, somebody has to look at it"]);
    expect(await shop.registry.scrape()).toContain(
      'orchestrator_alerts_total{reason="failures",role="worker"} 1',
    );
    await shop.pass(600);
    expect(shop.machine.processes.length).toBe(10);
    shop.tell("ready", "live/abc/in", b);
    await shop.turn();
    expect([shop.machine.processes.length, shop.stream("abc").state]).toEqual([11, "running"]);
  });

  test("that cannot be started is tried again", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.machine.fault = new Error("no such program");
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    expect(shop.stream("abc").worker.record).toMatchObject({
      phase: "waiting",
      lastError: "no such program",
    });
    expect(shop.store.launches()).toEqual([]);
    shop.machine.fault = undefined;
    await shop.pass(2);
    expect(shop.stream("abc").state).toBe("running");
  });

  test("that cannot be started as there are no file descriptors waits, too, and leaves no note of a start", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.machine.fault = Object.assign(new Error("too many open files"), { code: "EMFILE" });
    shop.tell("ready", "live/abc/in", a);
    await shop.pass(900);
    expect(shop.stream("abc").worker.record.phase).toBe("waiting");
    expect(shop.store.launches()).toEqual([]);
    shop.machine.fault = undefined;
    await shop.pass(2);
    expect(shop.stream("abc").state).toBe("running");
  });

  test("that cannot be started as the disk is full waits for room, and is not given up", async () => {
    using shop = new Workshop({ hasServer: false });
    const begin = shop.store.beginLaunch.bind(shop.store);
    shop.store.beginLaunch = () => {
      throw new TransportError("DISK", "disk full");
    };
    shop.tell("ready", "live/abc/in", a);
    await shop.pass(900);
    expect(shop.stream("abc").worker.record).toMatchObject({ phase: "waiting", lastError: "disk full" });
    shop.store.beginLaunch = begin;
    await shop.pass(2);
    expect(shop.stream("abc").state).toBe("running");
  });

  test("that is given up runs again on demand", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.machine.fault = new Error("no such program");
    shop.tell("ready", "live/abc/in", a);
    await shop.pass(400);
    expect(shop.stream("abc").state).toBe("failed");
    shop.machine.fault = undefined;
    shop.stream("abc").worker.restart();
    await shop.turn();
    expect(shop.stream("abc").state).toBe("running");
  });

  test("has no room where as many run as may, and gets it when one ends", async () => {
    using shop = new Workshop({ hasServer: false, settings: "maxWorkers: 2\ngrace: 1s\n" });
    for (const name of ["a", "b", "c"]) shop.tell("ready", `live/${name}/in`, name);
    await shop.pass(30);
    expect(shop.machine.living.length).toBe(2);
    expect(shop.stream("c").worker.record).toMatchObject({ phase: "waiting", failures: [] });
    shop.tell("not-ready", "live/a/in", "a");
    await shop.pass(5);
    expect(shop.stream("c").state).toBe("running");
  });

  test("that waits for room has nothing written for as long as it waits", async () => {
    using shop = new Workshop({ hasServer: false, settings: "maxWorkers: 1\n" });
    for (const name of ["a", "b"]) shop.tell("ready", `live/${name}/in`, name);
    await shop.pass(5);
    const writes: string[] = [];
    shop.store.saveKeeper = ({ stream }) => void writes.push(stream);
    await shop.pass(60);
    expect(writes).toEqual([]);
  });

  test("that does not end when it is asked is waited for before the next one is started", async () => {
    using shop = new Workshop({ hasServer: false, settings: "grace: 1s\n" });
    shop.tell("ready", "live/abc/in", "1");
    await shop.turn();
    const worker = shop.machine.of("abc");
    worker.isObedient = false;
    shop.tell("not-ready", "live/abc/in", "1");
    await shop.pass(2);
    shop.tell("ready", "live/abc/in", "2");
    await shop.pass(5);
    expect([worker.stops, shop.machine.processes.length, shop.stream("abc").state]).toEqual([
      1,
      1,
      "stopping",
    ]);
    worker.end({ signal: "SIGKILL" });
    await shop.turn();
    expect([shop.machine.processes.length, shop.stream("abc").state]).toEqual([2, "running"]);
  });
});

describe("what a worker writes", () => {
  const settings = "worker: { command: [work], logSize: 64K }\n";

  /** Makes it longer than it may be. */
  const flood = (shop: Workshop, stream: string): string => {
    const file = join(shop.directory, `logs/workers/${stream}.log`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "x".repeat(200_000));
    return file;
  };

  test("is kept within its bound while it runs, though something else cannot be put in order", async () => {
    using shop = new Workshop({ hasServer: false, settings });
    for (const name of ["a", "b"]) shop.tell("ready", `live/${name}/in`, name);
    await shop.turn();
    const [first, second] = [flood(shop, "a"), flood(shop, "b")];
    mkdirSync(`${first}.1`);
    shop.store.deleteStream = () => {
      throw new TransportError("DISK", "disk full");
    };
    shop.tell("not-ready", "live/c/in", "c");
    await shop.pass(3_700);
    expect([first, second, `${second}.1`].map((file) => statSync(file).size)).toEqual([0, 0, 65_536]);
  });

  test("is kept within its bound where it comes and goes", async () => {
    using shop = new Workshop({ hasServer: false, settings });
    shop.tell("ready", "live/a/in", "a");
    await shop.turn();
    const file = flood(shop, "a");
    shop.machine.of("a").end({ code: 1 });
    await shop.turn();
    expect(statSync(file).size).toBe(0);
  });
});

describe("an orchestrator that dies", () => {
  test("leaves 20 workers, which the next one takes over, and starts none", async () => {
    using shop = new Workshop({ hasServer: false });
    for (let count = 0; count < 20; count++) shop.tell("ready", `live/s${count}/in`, `id${count}`);
    await shop.turn();
    expect(shop.machine.living.length).toBe(20);
    shop.crash();
    shop.boot();
    await shop.pass(60);
    expect([shop.machine.adopted, shop.machine.processes.length, shop.machine.living.length]).toEqual([
      20, 20, 20,
    ]);
    await shop.orchestrator.stop();
    expect(shop.machine.living.length).toBe(0);
  });

  test("has a grace that goes on", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    shop.tell("not-ready", "live/abc/in", a);
    await shop.pass(20);
    shop.crash();
    await shop.pass(5);
    shop.boot();
    await shop.pass(4);
    expect(shop.machine.living.length).toBe(1);
    await shop.pass(2);
    expect(shop.machine.living.length).toBe(0);
  });

  test("has workers started again, at once, that ended meanwhile", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    shop.crash();
    shop.machine.of("abc").end();
    shop.boot();
    await shop.turn();
    expect([shop.stream("abc").state, shop.machine.processes.length]).toEqual(["running", 2]);
  });

  test("between a start and its note has the process found by its mark", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.store.noteProcess = () => {
      throw new Error("dead");
    };
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    expect(shop.store.launches()).toMatchObject([{ process: undefined }]);
    shop.crash();
    shop.boot();
    await shop.pass(5);
    expect([shop.machine.adopted, shop.machine.processes.length]).toEqual([1, 1]);
    expect(shop.store.launches()).toMatchObject([{ process: shop.machine.of("abc").id }]);
  });

  test("before a start it had noted leaves nothing behind", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    const [launch] = shop.store.launches();
    shop.store.endLaunch(launch?.launch ?? "");
    shop.store.beginLaunch({ ...launch!, process: undefined });
    shop.crash();
    shop.machine.processes.length = 0;
    shop.boot();
    await shop.pass(3);
    expect([shop.machine.adopted, shop.machine.processes.length]).toEqual([0, 1]);
  });

  test("has processes of its own killed that belong to no start, and those of others left alone", async () => {
    using shop = new Workshop({ hasServer: false });
    const env = { ORCHESTRATOR_INSTANCE: shop.store.instance, ORCHESTRATOR_LAUNCH: "gone" };
    const orphan = shop.machine.spawn({ command: ["x"], env });
    const other = shop.machine.spawn({ command: ["x"], env: { ...env, ORCHESTRATOR_INSTANCE: "other" } });
    shop.crash();
    shop.boot();
    expect([orphan.isAlive, other.isAlive]).toEqual([false, true]);
  });

  test("has no process killed that is at work, and those that left their group when their worker ends", async () => {
    using shop = new Workshop({ hasServer: false, settings: "grace: 1s\n" });
    shop.tell("ready", "live/abc/in", "1");
    await shop.turn();
    const { environment } = shop.machine.of("abc");
    const daemon = shop.machine.spawn({
      command: ["daemon"],
      env: { ...environment, ORCHESTRATOR_STREAM: "x" },
    });
    await shop.pass(30);
    expect([shop.machine.living.length, shop.machine.killed]).toEqual([2, []]);
    shop.tell("not-ready", "live/abc/in", "1");
    await shop.pass(15);
    expect(shop.machine.killed).toEqual([daemon.id.pid]);
    expect(shop.log.messages("warn")).toEqual(["a process that belongs to nothing is killed"]);
  });

  test("and had given a worker up still has, while one that was told to end has another try", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.machine.fault = new Error("no such program");
    shop.tell("ready", "live/abc/in", a);
    await shop.pass(400);
    shop.machine.fault = undefined;
    shop.crash();
    shop.boot();
    await shop.pass(60);
    expect(shop.stream("abc").state).toBe("failed");
    await shop.orchestrator.stop();
    shop.crash();
    shop.boot();
    await shop.turn();
    expect(shop.stream("abc").state).toBe("running");
  });

  test("and whose state is damaged has its workers killed by the next one, and new ones started", async () => {
    using both = withServer();
    const { shop, server } = both;
    server.paths.set("live/abc/in", a);
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    const worker = shop.machine.of("abc");
    shop.crash();
    writeFileSync(stateFile(shop.directory), "no database, but long enough to be looked at".repeat(100));
    shop.boot();
    await shop.turn();
    expect(worker.isAlive).toBe(false);
    await shop.pass(11);
    expect([shop.machine.living.length, shop.machine.processes.length]).toEqual([1, 2]);
  });

  test("does not take a process for its own that has only the number of one", async () => {
    using shop = new Workshop({ hasServer: false });
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    shop.crash();
    const { id } = shop.machine.of("abc");
    shop.machine.of("abc").end();
    const stranger = shop.machine.spawn({ command: ["stranger"], env: {} });
    Object.assign(stranger, { id: { ...id, startTime: id.startTime + 1 } });
    shop.boot();
    await shop.pass(3);
    expect(shop.machine.adopted).toBe(0);
    await shop.orchestrator.stop();
    expect(stranger.isAlive).toBe(true);
  });

  test("is followed by one to which a clock that was set back a day means nothing", async () => {
    using shop = new Workshop({ hasServer: false });
    const day = 86_400_000;
    shop.tell("ready", "live/abc/in", a, { at: shop.clock.date().getTime() });
    shop.machine.fault = new Error("no such program");
    await shop.pass(40);
    expect(shop.stream("abc").state).toBe("backoff");
    shop.crash();
    shop.machine.fault = undefined;
    shop.clock.set(-day);
    shop.boot();
    await shop.pass(31);
    expect(shop.stream("abc").state).toBe("running");
    const told = shop.tell("ready", "live/abc/in", b, { at: shop.clock.date().getTime() });
    expect(told).toMatchObject({ verdict: "accepted" });
  });

  test("starts nothing any more that the media server tells while it is told to end", async () => {
    using both = withServer('forward: [{ to: "rtmp://a/b/c" }]\n');
    const { shop, server } = both;
    shop.tell("ready", "live/one/in", a);
    await shop.turn();
    server.paths.set("live/abc/in", a).set("live/abc/out", b);
    const late = Promise.withResolvers<void>();
    server.answer = late.promise;
    await shop.pass(11);
    shop.machine.of("one").isObedient = false;
    const stopped = shop.orchestrator.stop();
    late.resolve();
    await shop.turn();
    expect(shop.machine.living.length).toBe(1);
    shop.machine.of("one").end();
    await stopped;
    expect(shop.machine.living).toEqual([]);
  });

  test("that is told to end ends all of its processes; with keepWorkers it leaves them", async () => {
    for (const keeps of [false, true]) {
      using shop = new Workshop({ hasServer: false, settings: `keepWorkers: ${keeps}\n` });
      for (const name of ["a", "b", "c"]) shop.tell("ready", `live/${name}/in`, name);
      await shop.turn();
      await shop.orchestrator.stop();
      expect(shop.machine.living.length).toBe(keeps ? 3 : 0);
      expect(shop.store.launches().length).toBe(keeps ? 3 : 0);
    }
  });
});

describe("the media server's own list", () => {
  test("makes up for a ready that never came, and for a not-ready", async () => {
    using both = withServer();
    const { shop, server } = both;
    await shop.turn();
    server.paths.set("live/abc/in", a);
    await shop.pass(11);
    expect(shop.stream("abc").state).toBe("starting");
    server.paths.set("live/abc/out", b);
    await shop.pass(2);
    expect(shop.stream("abc").state).toBe("running");
    server.paths.clear();
    await shop.pass(11);
    expect(shop.stream("abc").state).toBe("draining");
    await shop.pass(31);
    expect([shop.machine.processes.length, shop.machine.living.length]).toEqual([1, 0]);
  });

  test("leaves a source to its event, which says more, and asks for its query where none comes", async () => {
    using both = withServer();
    const { shop, server } = both;
    await shop.pass(9);
    server.paths.set("live/told/in", a).set("live/missed/in", b);
    await shop.pass(1);
    expect(shop.machine.processes.length).toBe(0);
    shop.tell("ready", "live/told/in", a, { query: "lang=es" });
    await shop.pass(2);
    expect(shop.machine.of("told").command).toContain("lang=es");
    expect(shop.machine.of("missed").command).toContain("from=7e1d");
  });

  test("tells an orchestrator that begins of sources that have changed meanwhile, before it starts anything", async () => {
    using both = withServer();
    const { shop, server } = both;
    server.paths.set("live/abc/in", a);
    shop.tell("ready", "live/abc/in", a, { query: "old" });
    await shop.turn();
    await shop.orchestrator.stop();
    shop.crash();
    server.paths.set("live/abc/in", b);
    shop.boot();
    await shop.turn();
    expect(shop.machine.of("abc").command).toContain("from=7e1d");
  });

  test("changes nothing while it cannot be had", async () => {
    using both = withServer();
    const { shop, server } = both;
    shop.tell("ready", "live/abc/in", a);
    server.paths.set("live/abc/in", a).set("live/abc/out", b);
    await shop.pass(12);
    server.isReachable = false;
    server.paths.clear();
    await shop.pass(600);
    expect([shop.stream("abc").state, shop.machine.processes.length]).toEqual(["running", 1]);
    expect(shop.log.messages("warn")).toEqual(["media server cannot be asked, everything stays as it is"]);
  });

  test("is not said to be out of reach where only the disk is full", async () => {
    using both = withServer();
    const { shop, server } = both;
    await shop.turn();
    shop.store.saveStream = () => {
      throw new TransportError("DISK", "disk full");
    };
    server.paths.set("live/abc/in", a);
    await shop.pass(11);
    expect(shop.orchestrator.server).toMatchObject({ isReachable: true, error: "" });
    expect(shop.log.messages("error")).toContain("state cannot be written");
  });

  test("is believed after the server was started anew: who comes back keeps the worker, who does not loses it", async () => {
    using both = withServer();
    const { shop, server } = both;
    for (const name of ["a", "b"]) {
      shop.tell("ready", `live/${name}/in`, `${name}${a}`);
      server.paths.set(`live/${name}/in`, `${name}${a}`).set(`live/${name}/out`, `${name}out`);
    }
    await shop.pass(12);
    server.isReachable = false;
    server.paths.clear();
    await shop.pass(15);
    server.isReachable = true;
    await shop.pass(11);
    expect([shop.stream("a").state, shop.stream("b").state]).toEqual(["draining", "draining"]);
    server.paths.set("live/a/in", `a${b}`).set("live/a/out", "aout2");
    await shop.pass(45);
    expect([shop.stream("a").state, shop.stream("b").state]).toEqual(["running", "idle"]);
    expect(shop.machine.processes.length).toBe(2);
  });

  test("counts less than what was heard since it was asked for", async () => {
    using both = withServer();
    const { shop, server } = both;
    await shop.turn();
    const late = Promise.withResolvers<void>();
    server.answer = late.promise;
    await shop.pass(11);
    shop.clock.advance(1);
    shop.tell("ready", "live/abc/in", a);
    late.resolve();
    await shop.turn();
    expect(shop.stream("abc").source.state).toBe("present");
  });

  test("is asked again about a path that it leaves out", async () => {
    using both = withServer();
    const { shop, server } = both;
    shop.tell("ready", "live/abc/in", a);
    server.paths.set("live/abc/in", a).set("live/abc/out", b);
    server.overlooked.add("live/abc/in");
    await shop.pass(60);
    expect(shop.stream("abc").state).toBe("running");
  });

  test("does not take what a worker publishes for what starts one", async () => {
    using both = withServer("ingest: live/{streamId}\nprocessed: live/{streamId}-out\n");
    const { shop, server } = both;
    server.paths.set("live/a", a).set("live/a-out", b);
    await shop.pass(30);
    expect(shop.orchestrator.streams.map(({ id }) => String(id))).toEqual(["a"]);
  });

  test("has workers wait that were not there any more when an orchestrator began", async () => {
    using both = withServer();
    const { shop, server } = both;
    shop.tell("ready", "live/abc/in", a);
    await shop.turn();
    shop.crash();
    shop.machine.of("abc").end();
    server.isReachable = false;
    shop.boot();
    await shop.pass(30);
    expect(shop.machine.living.length).toBe(0);
    server.isReachable = true;
    server.paths.set("live/abc/in", a);
    await shop.pass(11);
    expect(shop.machine.living.length).toBe(1);
  });

  test("shows a worker that publishes nothing, which is started anew, and given up in the end", async () => {
    using both = withServer();
    const { shop, server } = both;
    server.paths.set("live/abc/in", a);
    shop.tell("ready", "live/abc/in", a);
    await shop.pass(14);
    expect([shop.machine.processes.length, shop.stream("abc").state]).toEqual([1, "starting"]);
    await shop.pass(4);
    expect(shop.stream("abc").worker.record.lastError).toBe("did not do its work within 15 s");
    await shop.pass(400);
    expect([shop.machine.processes.length, shop.stream("abc").state]).toEqual([10, "failed"]);
    expect(shop.machine.living.length).toBe(0);
  });

  test("of which nothing can be had has no worker judged", async () => {
    using both = withServer();
    const { shop, server } = both;
    server.isReachable = false;
    shop.tell("ready", "live/abc/in", a);
    await shop.pass(120);
    expect([shop.machine.processes.length, shop.stream("abc").state]).toEqual([1, "starting"]);
  });
});

describe("what a worker publishes", () => {
  const settings = `forward:
  - { streams: "*", to: ["rtmps://live.example.com/app/{streamId}-KEY", "rtmp://other.example.com/x/KEY2"] }
  - { streams: "vip-*", to: "rtmp://vip.example.com/x/KEY3" }
`;

  test("is pushed to every target, each by a process that has the credentials in its environment alone", async () => {
    using shop = new Workshop({ hasServer: false, settings });
    shop.tell("ready", "live/vip-1/in", a);
    await shop.turn();
    expect(shop.machine.living.length).toBe(1);
    shop.tell("ready", "live/vip-1/out", b);
    await shop.turn();
    expect(shop.machine.living.length).toBe(4);
    const first = shop.machine.of("vip-1", "f0.0");
    expect(first.command.at(-1)).toBe("forward");
    expect(first.command.join(" ")).not.toContain("KEY");
    expect(first.environment).toMatchObject({
      FORWARD_SOURCE: "rtmp://127.0.0.1:1935/live/vip-1/out",
      FORWARD_TARGET: "rtmps://live.example.com/app/vip-1-KEY",
    });
    expect(shop.machine.of("vip-1", "f1.0").environment.FORWARD_TARGET).toBe("rtmp://vip.example.com/x/KEY3");
    shop.tell("not-ready", "live/vip-1/out", b);
    await shop.turn();
    expect(shop.machine.living.length).toBe(1);
  });

  test("is pushed again after 1 to 30 s where that ends, and its worker does not notice", async () => {
    using shop = new Workshop({ hasServer: false, settings });
    shop.tell("ready", "live/abc/in", a);
    shop.tell("ready", "live/abc/out", b);
    await shop.turn();
    const worker = shop.machine.of("abc");
    const pauses: number[] = [];
    for (let count = 0; count < 12; count++) {
      shop.machine.of("abc", "f0.0").end({ code: 75 });
      await shop.turn();
      const { record } = shop.stream("abc").forwardings.get("f0.0")!.process;
      pauses.push(((record.until ?? 0) - record.since) / 1_000);
      await shop.pass(37);
    }
    const expected = [1, 2, 4, 8, 16, ...new Array(7).fill(30)];
    pauses.forEach((pause, index) => {
      expect(pause).toBeGreaterThanOrEqual(expected[index]! * 0.79);
      expect(pause).toBeLessThanOrEqual(expected[index]! * 1.21);
    });
    expect([shop.machine.of("abc"), worker.stops]).toEqual([worker, 0]);
  });

  test("is pushed no more to a target that refuses, until the next stream", async () => {
    using shop = new Workshop({ hasServer: false, settings });
    shop.tell("ready", "live/abc/in", a);
    shop.tell("ready", "live/abc/out", b);
    await shop.turn();
    shop.machine.of("abc", "f0.0").end({ code: 77 });
    await shop.pass(300);
    expect(shop.machine.living.length).toBe(2);
    expect(shop.stream("abc").forwardings.get("f0.0")!.process.record).toMatchObject({
      phase: "failed",
      lastError: "a side refuses these credentials (code 77)",
    });
    expect(shop.log.messages("error")).toEqual(["forwarder given up, somebody has to look at it"]);
    shop.tell("not-ready", "live/abc/in", a);
    shop.tell("ready", "live/abc/in", `${b}2`);
    await shop.pass(2);
    expect(shop.machine.living.length).toBe(2);
    shop.tell("not-ready", "live/abc/in", `${b}2`);
    await shop.pass(31);
    shop.tell("not-ready", "live/abc/out", b);
    shop.tell("ready", "live/abc/in", `${b}3`);
    shop.tell("ready", "live/abc/out", `${b}4`);
    await shop.turn();
    expect(shop.machine.living.length).toBe(3);
  });

  test("is pushed to targets of the API, over restarts, until they are removed", async () => {
    using shop = new Workshop({ hasServer: false });
    const { id } = { id: "abc" as never };
    await shop.orchestrator.putTarget(id, { name: "twitch", url: "rtmp://t.example.com/app/KEY" });
    shop.tell("ready", "live/abc/in", a);
    shop.tell("ready", "live/abc/out", b);
    await shop.turn();
    expect(shop.machine.of("abc", "twitch").environment.FORWARD_TARGET).toBe("rtmp://t.example.com/app/KEY");
    shop.crash();
    shop.boot();
    await shop.turn();
    expect([shop.machine.living.length, shop.machine.processes.length]).toEqual([2, 2]);
    await shop.orchestrator.putTarget(id, { name: "twitch", url: "rtmp://t.example.com/app/OTHER" });
    await shop.turn();
    expect(shop.machine.of("abc", "twitch").environment.FORWARD_TARGET).toBe(
      "rtmp://t.example.com/app/OTHER",
    );
    expect(shop.machine.living.length).toBe(2);
    expect(await shop.orchestrator.deleteTarget(id, "twitch")).toBe(true);
    expect(await shop.orchestrator.deleteTarget(id, "twitch")).toBe(false);
    expect(shop.machine.living.length).toBe(1);
    shop.crash();
    shop.boot();
    expect(shop.stream("abc").forwardings.size).toBe(0);
  });

  test("has one push at a time to a target that is set again and again while the one before ends, and the last counts", async () => {
    using shop = new Workshop({ hasServer: false });
    const { id } = { id: "abc" as never };
    const set = (key: string) =>
      shop.orchestrator.putTarget(id, { name: "twitch", url: `rtmp://t.example.com/app/${key}` });
    const pushes = (): string[] =>
      shop.machine.living.map(({ environment }) => environment.FORWARD_TARGET?.split("/").at(-1) ?? "");
    await set("FIRST");
    shop.tell("ready", "live/abc/out", b);
    await shop.turn();
    const first = shop.machine.of("abc", "twitch");
    first.isObedient = false;
    const changes = [set("SECOND"), set("THIRD")];
    await shop.turn();
    expect(pushes()).toEqual(["FIRST"]);
    first.end({ signal: "SIGKILL" });
    await Promise.all(changes);
    await shop.pass(30);
    expect(pushes()).toEqual(["THIRD"]);
    expect([shop.machine.processes.length, shop.machine.killed]).toEqual([2, []]);
    expect(shop.store.targets().map(({ url }) => url)).toEqual(["rtmp://t.example.com/app/THIRD"]);
  });

  test("is pushed to a target that is set anew while its removal is waited for", async () => {
    using shop = new Workshop({ hasServer: false });
    const { id } = { id: "abc" as never };
    const target = { name: "twitch", url: "rtmp://t.example.com/app/KEY" };
    await shop.orchestrator.putTarget(id, target);
    shop.tell("ready", "live/abc/out", b);
    await shop.turn();
    const before = shop.machine.of("abc", "twitch");
    before.isObedient = false;
    const removed = shop.orchestrator.deleteTarget(id, "twitch");
    const set = shop.orchestrator.putTarget(id, target);
    before.end();
    expect(await removed).toBe(true);
    await set;
    await shop.turn();
    expect(shop.machine.living.length).toBe(1);
    shop.crash();
    shop.boot();
    expect([...shop.stream("abc").forwardings.keys()]).toEqual(["twitch"]);
  });

  test("is pushed no more to a target that the file had before, whose push has its time to end", async () => {
    using shop = new Workshop({ hasServer: false, settings });
    shop.tell("ready", "live/abc/out", b);
    await shop.turn();
    shop.crash();
    shop.settings = "";
    const push = shop.machine.of("abc", "f0.0");
    push.isObedient = false;
    shop.boot();
    await shop.pass(15);
    expect([push.stops, shop.machine.killed]).toEqual([1, []]);
    let hasStopped = false;
    const stopped = shop.orchestrator.stop().then(() => {
      hasStopped = true;
    });
    await shop.pass(1);
    expect(hasStopped).toBe(false);
    push.end();
    await stopped;
    expect(shop.store.launches()).toEqual([]);
  });

  test("is pushed by a new process where the target of the file has changed while no orchestrator ran", async () => {
    using shop = new Workshop({ hasServer: false, settings });
    shop.tell("ready", "live/abc/out", b);
    await shop.turn();
    shop.crash();
    shop.settings = settings.replace("KEY2", "KEY4");
    shop.boot();
    await shop.turn();
    expect([shop.machine.living.length, shop.machine.processes.length]).toEqual([2, 3]);
    expect(shop.machine.of("abc", "f0.1").environment.FORWARD_TARGET).toBe("rtmp://other.example.com/x/KEY4");
    shop.crash();
    shop.settings = "";
    shop.boot();
    await shop.turn();
    expect(shop.machine.living.length).toBe(0);
  });
});
