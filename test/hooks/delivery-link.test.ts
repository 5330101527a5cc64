import { describe, expect, test } from "bun:test";
import type { LogFields, Logger } from "../../src/base/log.ts";
import { DeliveryLink, type DeliveryLinkOptions } from "../../src/hooks/delivery-link.ts";
import type { DeliveryReport, DeliverySettings, FromDelivery } from "../../src/hooks/messages.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { FakePorts, nextTurn } from "./fake-ports.ts";
import { outgoingEvent } from "./outgoing-event.ts";

const settings: DeliverySettings = { hooks: [], concurrency: 10, deadLetter: undefined };
const store = { directory: "/nowhere", maxBytes: 1, maxRows: 1 };

/** A link, and everything it speaks with. */
const open = (changes: Partial<DeliveryLinkOptions> = {}) => {
  const clock = new FakeClock();
  const ports = new FakePorts();
  const lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
  const heard: FromDelivery[] = [];
  const note =
    (level: string) =>
    (message: string, fields?: LogFields): void =>
      void lines.push({ level, message, fields });
  const log: Logger = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  const link = new DeliveryLink({
    start: ports.start,
    settings,
    store,
    isDebug: false,
    hear: (message) => void heard.push(message),
    clock,
    log,
    ...changes,
  });
  const post = (...ids: string[]): void => {
    for (const id of ids) link.post(outgoingEvent(id));
  };
  return { clock, ports, lines, heard, link, post };
};

const hookReport = (id: string): DeliveryReport =>
  ({
    engine: { hooks: [{ id }], concurrency: 1, running: 0 },
    store: undefined,
    tokens: { done: 0, failed: 0 },
  }) as unknown as DeliveryReport;

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `e${index}`);

describe("events go over to the other thread", () => {
  test("in one message for all of a turn, in their order, behind the settings", async () => {
    const { ports, post } = open();
    post("e1", "e2");
    post("e3");
    expect(ports.last.kinds).toEqual(["open"]);
    await nextTurn();
    post("e4");
    await nextTurn();
    await nextTurn();
    expect(ports.last.batches).toEqual([["e1", "e2", "e3"], ["e4"]]);
    expect(ports.last.sent[0]).toEqual({ kind: "open", settings, store });
  });

  test("some hundreds at a time, so that no turn is long", async () => {
    const { ports, post } = open();
    const ids = numbered(1_201);
    post(...ids);
    for (let turn = 0; turn < 3; turn++) {
      const before = ports.last.batches.length;
      await nextTurn();
      expect(ports.last.batches.length).toBeLessThanOrEqual(before + 1);
    }
    await nextTurn();
    expect(ports.last.batches.map(({ length }) => length)).toEqual([500, 500, 201]);
    expect(ports.last.ids).toEqual(ids);
  });

  test("before new settings, where they came before", () => {
    const { ports, link, post } = open();
    post(...numbered(600));
    link.configure({ ...settings, concurrency: 3 }, undefined);
    expect(ports.last.kinds).toEqual(["open", "events", "events", "configure"]);
  });
});

describe("a thread that dies", () => {
  test("is started again a second later, and gets what it had not taken, once and in order", async () => {
    const { clock, ports, link, post, lines } = open();
    post("e1", "e2", "e3");
    await nextTurn();
    const first = ports.last;
    first.take(2);
    first.listener.died("boom");
    post("e4");
    await nextTurn();
    clock.advance(999);
    expect(ports.all.length).toBe(1);
    clock.advance(1);
    await nextTurn();
    expect(ports.last.kinds).toEqual(["open", "events"]);
    expect(ports.last.ids).toEqual(["e3", "e4"]);
    expect(first.isTerminated).toBe(true);
    expect(lines.map(({ level }) => level)).toEqual(["error"]);
    ports.last.take(2);
    let isSafe = false;
    link.whenTaken(() => {
      isSafe = true;
    });
    expect(isSafe).toBe(true);
  });

  test("has its death told twice, and its last words heard no more", async () => {
    const { clock, ports, link, post } = open();
    post("e1", "e2");
    await nextTurn();
    const first = ports.last;
    first.listener.died("boom");
    first.listener.died("it ended by itself");
    clock.advance(5_000);
    await nextTurn();
    expect(ports.all.length).toBe(2);
    first.take(2);
    let isSafe = false;
    link.whenTaken(() => {
      isSafe = true;
    });
    expect(isSafe).toBe(false);
    ports.last.take(2);
    expect(isSafe).toBe(true);
  });

  test("is replaced by one with the settings of today, and with the store that was open", () => {
    const { clock, ports, link } = open();
    const changed = { ...settings, concurrency: 3 };
    link.configure(changed, undefined);
    ports.last.listener.died("boom");
    clock.advance(1_000);
    expect(ports.last.sent).toEqual([{ kind: "open", settings: changed, store }]);
  });

  test("just before the end is replaced at once, so that the rest is stored", async () => {
    const { clock, ports, link, post } = open();
    post("e1");
    await nextTurn();
    ports.last.listener.died("boom");
    const closed = link.close(10_000);
    expect(ports.last.kinds).toEqual(["open", "events", "close"]);
    expect(ports.last.ids).toEqual(["e1"]);
    ports.last.sayGoodbye();
    expect(await closed).toBe(true);
    clock.advance(60_000);
    expect(ports.all.length).toBe(2);
    expect(clock.timers).toBe(0);
  });
});

describe("a thread that takes nothing", () => {
  test("lets telemetry be dropped at 10,000 events, everything at 200,000, and both are counted", () => {
    const { link } = open();
    const [quiet, loud] = [outgoingEvent("t", { class: "telemetry" }), outgoingEvent("l")];
    for (let count = 0; count < 10_002; count++) link.post(quiet);
    expect(link.dropped).toEqual({ telemetry: 2, other: 0 });
    for (let count = 0; count < 190_003; count++) link.post(loud);
    expect(link.dropped).toEqual({ telemetry: 2, other: 3 });
  });

  test("takes up with telemetry once it has taken something", async () => {
    const { ports, link } = open();
    const quiet = outgoingEvent("t", { class: "telemetry" });
    for (let count = 0; count < 10_000; count++) link.post(quiet);
    for (let turn = 0; turn < 25; turn++) await nextTurn();
    ports.last.take(1);
    link.post(quiet);
    link.post(quiet);
    expect(link.dropped.telemetry).toBe(1);
  });
});

describe("who waits until everything is taken", () => {
  test("goes on at once where nothing is on its way", () => {
    const { link } = open();
    const calls: string[] = [];
    link.whenTaken(() => calls.push("now"));
    expect(calls).toEqual(["now"]);
  });

  test("goes on when what was posted before is taken, whatever was posted since", async () => {
    const { ports, link, post, clock } = open();
    const calls: string[] = [];
    post("e1");
    link.whenTaken(() => calls.push("first"));
    post("e2");
    link.whenTaken(() => calls.push("second"));
    await nextTurn();
    expect(calls).toEqual([]);
    ports.last.take(1);
    expect(calls).toEqual(["first"]);
    ports.last.take(1);
    expect(calls).toEqual(["first", "second"]);
    clock.advance(5_000);
    expect(calls).toEqual(["first", "second"]);
  });

  test("goes on after a second in any case, and once only", async () => {
    const { ports, link, post, clock } = open();
    const calls: string[] = [];
    post("e1");
    link.whenTaken(() => calls.push("late"));
    await nextTurn();
    clock.advance(999);
    expect(calls).toEqual([]);
    clock.advance(1);
    expect(calls).toEqual(["late"]);
    ports.last.take(1);
    expect([calls, clock.timers]).toEqual([["late"], 0]);
  });
});

describe("who asks how delivery does", () => {
  const report: DeliveryReport = {
    engine: { hooks: [], concurrency: 1, running: 0 },
    store: undefined,
    tokens: { done: 0, failed: 0 },
  };

  test("gets the answer to the own question", async () => {
    const { ports, link, clock } = open();
    const asked = [link.report(1_000), link.report(1_000)];
    ports.last.listener.message({ kind: "report", id: 2, report });
    ports.last.listener.message({ kind: "report", id: 1, report: { ...report, store: undefined } });
    expect(await Promise.all(asked)).toEqual([report, report]);
    expect(clock.timers).toBe(0);
  });

  test("gets nothing where there is no answer in time, and a late one does no harm", async () => {
    const { ports, link, clock } = open();
    const asked = link.report(1_000);
    clock.advance(1_000);
    expect(await asked).toBeUndefined();
    ports.last.listener.message({ kind: "report", id: 1, report });
  });
});

describe("who lets a hook go on", () => {
  test("hears whether there is such a hook", async () => {
    const { ports, link } = open();
    const asked = [link.resume("a", 1_000), link.resume("b", 1_000)];
    expect(ports.last.sent.filter(({ kind }) => kind === "resume")).toEqual([
      { kind: "resume", hookId: "a" },
      { kind: "resume", hookId: "b" },
    ]);
    for (const id of [1, 2]) ports.last.listener.message({ kind: "report", id, report: hookReport("a") });
    expect(await Promise.all(asked)).toEqual([true, false]);
  });

  test("hears that there is none where the thread does not answer", async () => {
    const { link, clock } = open();
    const asked = link.resume("a", 1_000);
    clock.advance(1_000);
    expect(await asked).toBe(false);
  });
});

describe("who asks about dead letters", () => {
  const question = { kind: "replay", filter: { hookId: "a" } } as const;

  test("hears the answer to the question", async () => {
    const { ports, link } = open();
    const asked = [link.deadLetters(question, 1_000), link.report(1_000)];
    expect(ports.last.sent.at(-2)).toEqual({ kind: "deadLetters", id: 1, question });
    ports.last.listener.message({ kind: "report", id: 2, report: hookReport("a") });
    ports.last.listener.message({ kind: "deadLetters", id: 1, answer: { kind: "replay", count: 3 } });
    expect(await Promise.all(asked)).toEqual([{ kind: "replay", count: 3 }, hookReport("a")]);
  });

  test("hears nothing where the thread does not answer", async () => {
    const { link, clock } = open();
    const asked = link.deadLetters(question, 1_000);
    clock.advance(1_000);
    expect(await asked).toBeUndefined();
  });
});

describe("what the thread has to tell", () => {
  test("goes to whoever hears, and its log lines to the log", () => {
    const { ports, heard, lines } = open();
    const notice = {
      kind: "notice",
      notice: { kind: "hookFailing", hookId: "a", reason: "refused", failures: 5 },
    } as const;
    ports.last.listener.message(notice);
    ports.last.listener.message({ kind: "log", level: "debug", message: "quiet", fields: { a: 1 } });
    expect(heard).toEqual([notice]);
    expect(lines).toEqual([{ level: "debug", message: "quiet", fields: { a: 1 } }]);
  });

  test("is told at info where hooks are looked into", () => {
    const { ports, lines } = open({ isDebug: true });
    ports.last.listener.message({ kind: "log", level: "debug", message: "quiet", fields: {} });
    expect(lines.map(({ level }) => level)).toEqual(["info"]);
  });

  test("is how far publishes are, unless there is none", () => {
    const { ports, link } = open();
    const session = { sessionId: "s", durationMs: 1, bytesReceived: 2, audioPackets: 3, videoPackets: 4 };
    link.progress([]);
    link.progress([session]);
    expect(ports.last.sent.at(-1)).toEqual({ kind: "progress", sessions: [session] });
    expect(ports.last.kinds).toEqual(["open", "progress"]);
  });
});

describe("the end", () => {
  test("hands over what is left, waits for the goodbye, and takes nothing more", async () => {
    const { ports, link, post, clock } = open();
    post(...numbered(1_100));
    const closed = link.close(10_000);
    expect(ports.last.kinds).toEqual(["open", "events", "events", "events", "close"]);
    post("late");
    ports.last.sayGoodbye();
    expect(await closed).toBe(true);
    expect(ports.last.isTerminated).toBe(true);
    expect([link.dropped.other, ports.last.ids.length, clock.timers]).toEqual([1, 1_100, 0]);
  });

  test("comes a second after its time though the thread hangs, and says that something is lost", async () => {
    const { ports, link, clock } = open();
    const closed = link.close(10_000);
    clock.advance(10_999);
    expect(ports.last.isTerminated).toBe(false);
    clock.advance(1);
    expect(await closed).toBe(false);
    expect(ports.last.isTerminated).toBe(true);
  });

  test("says so too where not everything was delivered, or the thread died over it", async () => {
    const left = open();
    const closed = left.link.close(10);
    left.ports.last.sayGoodbye(false);
    expect(await closed).toBe(false);

    const dying = open();
    const died = dying.link.close(10);
    dying.ports.last.listener.died("boom");
    expect(await died).toBe(false);
    dying.clock.advance(60_000);
    expect(dying.ports.all.length).toBe(1);
  });
});
