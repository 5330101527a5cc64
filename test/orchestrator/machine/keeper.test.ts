import { describe, expect, test } from "bun:test";
import { Keeper, type KeeperPolicy } from "../../../src/orchestrator/machine/keeper.ts";

const policy: KeeperPolicy = {
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
  healthyMs: 60_000,
  giveUp: { failures: 10, withinMs: 600_000 },
  readyMs: 15_000,
};

/** A keeper with a time, that does its deeds at once. */
class Bench {
  now = 0;
  starts = 0;
  stops = 0;
  readonly keeper: Keeper;

  constructor(own: KeeperPolicy = policy) {
    this.keeper = new Keeper(own);
  }

  settle(): void {
    const deed = this.keeper.deed(this.now);
    if (deed === "start") {
      this.starts++;
      this.keeper.started(this.now);
    }
    if (deed === "stop") {
      this.stops++;
      this.keeper.stopping(this.now);
    }
  }

  wait(ms: number): void {
    this.now += ms;
    this.settle();
  }

  want(want: "run" | "keep" | "end"): void {
    this.keeper.wants(want, this.now);
    this.settle();
  }

  fail(error = "code 1"): void {
    this.keeper.ended("failure", error, this.now);
    this.settle();
  }
}

describe("a process that is kept running", () => {
  test("is started when it is wanted, and asked to end when it is not", () => {
    const bench = new Bench();
    bench.want("run");
    bench.keeper.works(true, bench.now);
    expect([bench.starts, bench.keeper.phase]).toEqual([1, "ready"]);
    bench.want("end");
    expect([bench.stops, bench.keeper.phase]).toEqual([1, "stopping"]);
    bench.fail("code 0");
    expect([bench.starts, bench.keeper.phase]).toEqual([1, "none"]);
  });

  test("that is stopped for doing nothing, and is not wanted any more when it has ended, has not failed", () => {
    const bench = new Bench();
    bench.want("run");
    bench.wait(15_000);
    expect(bench.keeper.judge(bench.now)).toBe(true);
    bench.settle();
    bench.want("end");
    bench.fail("code 0");
    expect(bench.keeper.record).toMatchObject({ phase: "none", failures: [], starts: 0 });
  });

  test("is started again after 1, 2, 4 ... 30 s, and given up at the tenth failure in ten minutes", () => {
    const bench = new Bench();
    bench.want("run");
    const pauses: number[] = [];
    while (bench.keeper.phase !== "failed") {
      bench.fail();
      const { deadline } = bench.keeper;
      if (deadline === undefined) break;
      pauses.push((deadline - bench.now) / 1_000);
      bench.wait(deadline - bench.now - 1);
      expect(bench.keeper.phase).toBe("waiting");
      bench.wait(1);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30]);
    expect(bench.keeper.record).toMatchObject({ phase: "failed", starts: 10, lastError: "code 1" });
    bench.wait(3_600_000);
    expect(bench.starts).toBe(10);
    bench.keeper.forgive(bench.now);
    bench.settle();
    expect([bench.starts, bench.keeper.phase]).toEqual([11, "unready"]);
  });

  test("begins with the first pause again once it was healthy for a minute", () => {
    const bench = new Bench();
    bench.want("run");
    for (const pause of [1_000, 2_000, 4_000]) {
      bench.fail();
      bench.wait(pause);
    }
    bench.keeper.works(true, bench.now);
    bench.wait(60_000);
    bench.fail();
    expect(bench.keeper.deadline).toBe(bench.now + 1_000);
  });

  test("that fails now and then is not given up", () => {
    const bench = new Bench();
    bench.want("run");
    for (let count = 0; count < 50; count++) {
      bench.keeper.works(true, bench.now);
      bench.wait(59_000);
      bench.fail();
      bench.keeper.works(false, bench.now);
      bench.wait(30_000);
      expect(bench.keeper.phase).toBe("unready");
    }
  });

  test("is stopped and started anew when it does not do its work in time, which is a failure", () => {
    const bench = new Bench();
    bench.want("run");
    bench.wait(14_999);
    expect(bench.keeper.judge(bench.now)).toBe(false);
    bench.wait(1);
    expect(bench.keeper.judge(bench.now)).toBe(true);
    bench.settle();
    expect(bench.keeper.phase).toBe("stopping");
    bench.fail("signal SIGTERM");
    expect(bench.keeper.record).toMatchObject({
      phase: "waiting",
      lastError: "did not do its work within 15 s",
      streak: 1,
    });
  });

  test("whose work is there before it counts as doing it, until that goes", () => {
    const bench = new Bench();
    bench.keeper.works(true, 0);
    bench.want("run");
    expect(bench.keeper.phase).toBe("ready");
    bench.wait(10_000);
    bench.keeper.works(false, bench.now);
    bench.wait(14_999);
    expect([bench.keeper.phase, bench.keeper.judge(bench.now)]).toEqual(["unready", false]);
  });

  test("has its time again when its source comes back", () => {
    const bench = new Bench();
    bench.want("run");
    bench.wait(10_000);
    bench.want("keep");
    bench.wait(20_000);
    expect(bench.keeper.judge(bench.now)).toBe(false);
    bench.want("run");
    bench.wait(10_000);
    expect(bench.keeper.judge(bench.now)).toBe(false);
    expect(bench.starts).toBe(1);
  });

  test("is not started again while it is only kept, and at once when it is wanted", () => {
    const bench = new Bench();
    bench.want("run");
    bench.want("keep");
    bench.fail();
    bench.wait(60_000);
    expect([bench.starts, bench.keeper.phase]).toEqual([1, "none"]);
    bench.want("run");
    expect(bench.starts).toBe(2);
  });

  test("that died of the end of its source, shortly before that was heard, has not failed", () => {
    const bench = new Bench();
    bench.want("run");
    for (let count = 0; count < 30; count++) {
      bench.fail();
      bench.want("keep");
      bench.wait(5_000);
      bench.want("run");
    }
    expect(bench.keeper.record).toMatchObject({ phase: "unready", streak: 0, failures: [] });
  });

  test("that is wanted again while it ends is started when it has", () => {
    const bench = new Bench();
    bench.want("run");
    bench.want("end");
    bench.want("run");
    expect([bench.starts, bench.keeper.phase]).toEqual([1, "stopping"]);
    bench.fail("signal SIGTERM");
    expect([bench.starts, bench.keeper.phase]).toEqual([2, "unready"]);
  });

  test("is restarted on demand: at once where it waits or was given up, else after its end", () => {
    const bench = new Bench();
    bench.want("run");
    bench.fail();
    bench.keeper.restart(bench.now);
    bench.settle();
    expect(bench.starts).toBe(2);
    bench.keeper.restart(bench.now);
    bench.settle();
    expect(bench.keeper.phase).toBe("stopping");
    bench.fail("signal SIGTERM");
    expect([bench.starts, bench.keeper.phase]).toEqual([3, "unready"]);
  });

  test("that would fail in the same way again is given up at once", () => {
    const bench = new Bench();
    bench.want("run");
    bench.keeper.ended("hopeless", "refused", bench.now);
    bench.wait(3_600_000);
    expect([bench.starts, bench.keeper.phase]).toEqual([1, "failed"]);
  });

  test("for which there is no room waits, and has not failed", () => {
    const bench = new Bench();
    bench.keeper.wants("run", 0);
    for (let count = 0; count < 20; count++) bench.keeper.postpone("full", bench.now);
    expect(bench.keeper.record).toMatchObject({ phase: "waiting", streak: 0, failures: [] });
  });

  test("counts as ready at once where nobody can say whether it works", () => {
    const { readyMs: _, ...blind } = policy;
    const bench = new Bench(blind);
    bench.want("run");
    bench.keeper.works(false, 0);
    expect(bench.keeper.phase).toBe("ready");
    expect(bench.keeper.judge(1e9)).toBe(false);
  });
});
