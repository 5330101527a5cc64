import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeadLetterAnswer, DeadLetterQuestion } from "../../src/hooks/dead-letter-desk.ts";
import { deliveryMetrics } from "../../src/hooks/hook-metrics.ts";
import { DeadLetters } from "../../src/hooks/store/dead-letters.ts";
import { durableWebhook, fleetingWebhook, HostBench, Receiver, streamScript } from "./host-bench.ts";
import { outgoingEvent } from "./outgoing-event.ts";
import { ScriptFiles } from "./script/script-files.ts";
import { idsOf, openStore, temporaryDirectory } from "./store/stored-event.ts";
import { sampleSettings } from "./webhook/sample-webhook.ts";

const minuteMs = 60_000;

describe("events that come", () => {
  test("within two milliseconds are one transaction, and are taken when they are on disk", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a"))]);
    bench.raise(outgoingEvent("e1"), outgoingEvent("e2"));
    bench.clock.advance(1);
    bench.raise(outgoingEvent("e3"));
    expect(bench.taken).toBe(0);
    bench.clock.advance(1);
    expect(bench.of("taken").map(({ count }) => count)).toEqual([3]);
    const other = openStore(directory.path);
    expect(idsOf(other)).toEqual(["e1", "e2", "e3"]);
    other.close();
    await bench.until(() => receiver.idsOf("/a").length === 3, "all events");
    expect(await bench.close()).toBe(true);
    expect(receiver.idsOf("/a")).toEqual(["e1", "e2", "e3"]);
    const after = openStore(directory.path);
    expect([after.pending, after.wasClean]).toEqual([0, true]);
    after.close();
  });

  test("go to durable and other hooks alike, and only what was promised is stored", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    receiver.answer = () => 503;
    const bench = new HostBench(directory.path).open([
      durableWebhook("a", receiver.url("/a")),
      fleetingWebhook("b", receiver.url("/b")),
    ]);
    bench.raise(outgoingEvent("e1", { hooks: ["a", "b"] }), outgoingEvent("e2", { hooks: ["b"] }));
    await bench.until(() => receiver.posts.length >= 3, "first attempts");
    const stored = openStore(directory.path);
    expect([idsOf(stored, "a"), idsOf(stored, "b")]).toEqual([["e1"], []]);
    stored.close();
    expect(receiver.idsOf("/b")).toEqual(["e1", "e2"]);
    expect(bench.taken).toBe(2);
    await bench.close();
  });

  test("need no store where no hook is durable", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const bench = new HostBench(directory.path).open([fleetingWebhook("a", receiver.url("/a"))]);
    bench.raise(outgoingEvent("e1"));
    await bench.until(() => receiver.posts.length === 1, "the event");
    expect([existsSync(join(directory.path, "hooks.db")), bench.of("opened"), bench.taken]).toEqual([
      false,
      [],
      1,
    ]);
    expect(bench.report().store).toBeUndefined();
    expect(await bench.close()).toBe(true);
  });

  test("with a body full of quotes and line ends arrive byte for byte", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a"))]);
    const streamKey = `live/'";DROP TABLE events;-- \u2603`;
    const body = JSON.stringify({ id: "e1", stream_key: streamKey, text: "\u0000\n\\" });
    bench.raise(outgoingEvent("e1", { streamKey, lane: streamKey, body }));
    await bench.until(() => receiver.posts.length === 1, "the event");
    expect(receiver.posts[0]?.body).toBe(body);
    await bench.close();
  });
});

describe("a process after a crash", () => {
  test("tells once what was left, and delivers it", async () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    const start = outgoingEvent("s1", { type: "publish_start", sessionId: "cut", hooks: [] });
    store.commit({ events: [start, outgoingEvent("e1")] });
    store.abandon();
    await using receiver = new Receiver();
    const hooks = [durableWebhook("a", receiver.url("/a"))];
    const bench = new HostBench(directory.path).open(hooks);
    expect(bench.of("opened")).toMatchObject([
      { isRecovery: true, pending: 1, openSessions: [{ sessionId: "cut" }] },
    ]);
    await bench.until(() => receiver.posts.length === 1, "the event");
    bench.configure(hooks);
    bench.clock.advance(5_000);
    expect(bench.of("opened").length).toBe(1);
    await bench.close();
  });

  test("tells so too where the first durable hook comes with a later configuration", async () => {
    using directory = temporaryDirectory();
    const store = openStore(directory.path);
    store.commit({ events: [outgoingEvent("s1", { type: "publish_start", sessionId: "cut", hooks: [] })] });
    store.abandon();
    await using receiver = new Receiver();
    const bench = new HostBench(directory.path).open([fleetingWebhook("b", receiver.url("/b"))]);
    expect(bench.of("opened")).toEqual([]);
    bench.configure([durableWebhook("a", receiver.url("/a"))]);
    expect(bench.of("opened")).toMatchObject([{ openSessions: [{ sessionId: "cut" }] }]);
    await bench.close();
  });
});

describe("a dead letter", () => {
  test("is stored, and posted with the event's own bytes and the attempts", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    receiver.answer = (path) => (path === "/dead" ? 200 : path === "/a" ? 500 : 200);
    const hooks = [durableWebhook("a", receiver.url("/a"), { maxAttempts: 2, initialDelayMs: 10 })];
    const deadLetter = sampleSettings({ url: receiver.url("/dead") });
    const bench = new HostBench(directory.path).open(hooks, { deadLetter });
    // Not what JSON.stringify would write.
    const body = '{ "id" : "e1", "n": 1.0e2, "k": "\\u00e9" }';
    bench.raise(outgoingEvent("e1", { body }));
    await bench.until(() => receiver.idsOf("/dead").length === 1, "the dead letter");
    const [post] = receiver.posts.filter(({ path }) => path === "/dead");
    expect(post?.body).toEndWith(`,"event":${body}}`);
    expect(JSON.parse(post!.body)).toMatchObject({
      type: "hook_dead_letter",
      id: "e1-a",
      hook_id: "a",
      reason: "exhausted",
      attempt_count: 2,
      attempts: [{ status: 500 }, { status: 500 }],
    });
    // The wrapper is no event of the other thread's.
    expect(bench.taken).toBe(1);
    expect(await bench.close()).toBe(true);
    using letters = DeadLetters.open(directory.path);
    expect(letters.list({})).toMatchObject([{ eventId: "e1", hookId: "a", reason: "exhausted", body }]);
  });

  test("that cannot be posted rests in the store, and makes no dead letter of its own", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    receiver.answer = (path) => (path === "/dead" ? 400 : 500);
    const hooks = [durableWebhook("a", receiver.url("/a"), { maxAttempts: 1 })];
    const deadLetter = sampleSettings({ url: receiver.url("/dead") });
    const bench = new HostBench(directory.path).open(hooks, { deadLetter });
    bench.raise(outgoingEvent("e1"));
    await bench.until(() => receiver.idsOf("/dead").length === 1, "the dead letter");
    await bench.pause();
    await bench.close();
    expect(receiver.idsOf("/dead")).toEqual(["e1-a"]);
    using letters = DeadLetters.open(directory.path);
    expect(letters.list({}).map(({ eventId, hookId }) => [eventId, hookId])).toEqual([
      ["e1", "a"],
      ["e1-a", "hook_dead_letter"],
    ]);
  });

  test("of a hook without a guarantee is posted once, without a store", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    receiver.answer = () => 500;
    const deadLetter = sampleSettings({ url: receiver.url("/dead") });
    const bench = new HostBench(directory.path).open([fleetingWebhook("a", receiver.url("/a"))], {
      deadLetter,
    });
    bench.raise(outgoingEvent("e1"));
    await bench.until(() => receiver.idsOf("/dead").length === 1, "the dead letter");
    await bench.pause();
    expect(receiver.posts.length).toBe(2);
    await bench.close();
  });

  test("that a command line sends again is noticed and delivered", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    receiver.answer = (_path, count) => (count === 1 ? 400 : 200);
    const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a"))]);
    bench.raise(outgoingEvent("e1"));
    await bench.until(() => receiver.posts.length === 1, "the first attempt");
    await bench.pause();
    using letters = DeadLetters.open(directory.path);
    expect(letters.replay({})).toBe(1);
    bench.clock.advance(1_000);
    await bench.until(() => receiver.posts.length === 2, "the replay");
    expect(await bench.close()).toBe(true);
  });
});

/** What a script wrote: the process and the event's id of each line. */
const linesOf = (file: string): [pid: string, id: string][] =>
  !existsSync(file)
    ? []
    : readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => [line.split(" ", 1)[0] ?? "", /"id":"(e\d)"/.exec(line)?.[1] ?? ""]);

describe("a new configuration", () => {
  test("leaves a script alone that is the same, and starts one anew that changed, or went and came back", async () => {
    using directory = temporaryDirectory();
    using files = new ScriptFiles();
    const out = files.path("out");
    const script = files.script(`while read -r line; do echo "$$ $line" >> '${out}'; done\n`);
    const hook = streamScript("a", script);
    const bench = new HostBench(directory.path).open([hook]);
    const send = async (id: string, count: number): Promise<void> => {
      bench.raise(outgoingEvent(id));
      await bench.until(() => linesOf(out).length === count, id);
    };
    await send("e1", 1);
    bench.configure([{ ...hook, eventTypes: ["stream_create"], policy: { ...hook.policy, maxDelayMs: 5 } }]);
    await send("e2", 2);
    bench.configure([{ ...hook, timeoutMs: 4_000 }]);
    await send("e3", 3);
    bench.configure([]);
    bench.configure([{ ...hook, timeoutMs: 4_000 }]);
    await send("e4", 4);
    bench.configure([{ ...hook, isEnabled: false, timeoutMs: 4_000 }]);
    bench.configure([{ ...hook, timeoutMs: 4_000 }]);
    await send("e5", 5);
    const lines = linesOf(out);
    expect(lines.map(([, id]) => id)).toEqual(["e1", "e2", "e3", "e4", "e5"]);
    const [first, second, third, fourth, fifth] = lines.map(([pid]) => pid);
    expect([first === second, new Set([second, third, fourth, fifth]).size]).toEqual([true, 4]);
    await bench.close();
  });

  test("keeps the queue of a hook that is gone for ten minutes, and then makes dead letters of it", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    receiver.answer = () => 503;
    const hook = durableWebhook("a", receiver.url("/a"));
    const bench = new HostBench(directory.path).open([hook]);
    bench.raise(outgoingEvent("e1"));
    await bench.until(() => receiver.posts.length === 1, "the first attempt");
    await bench.pause(5);
    bench.configure([]);
    bench.clock.advance(10 * minuteMs - 20_000);
    expect(bench.report().store).toMatchObject({ pending: 1, deadLetters: 0 });
    bench.clock.advance(40_000);
    expect(bench.report().store).toMatchObject({ pending: 0, deadLetters: 1 });
    using letters = DeadLetters.open(directory.path);
    expect(letters.list({})).toMatchObject([{ eventId: "e1", reason: "hook_removed" }]);
    await bench.close();
  });

  test("that brings a hook back begins its ten minutes anew", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    receiver.answer = () => 503;
    const hook = durableWebhook("a", receiver.url("/a"));
    const bench = new HostBench(directory.path).open([hook]);
    bench.raise(outgoingEvent("e1"));
    await bench.until(() => receiver.posts.length === 1, "the first attempt");
    await bench.pause(5);
    bench.configure([]);
    bench.clock.advance(30_000);
    receiver.answer = () => 200;
    bench.configure([hook]);
    await bench.until(() => bench.report().store?.pending === 0, "the delivery");
    bench.clock.advance(11 * minuteMs);
    receiver.answer = () => 503;
    bench.raise(outgoingEvent("e2"));
    await bench.until(() => receiver.idsOf("/a").includes("e2"), "the next event");
    await bench.pause(5);
    bench.configure([]);
    bench.clock.advance(minuteMs);
    expect(bench.report().store).toMatchObject({ pending: 1, deadLetters: 0 });
    await bench.close();
  });

  test("without a hook keeps what it executed in the sums of its kind", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const hooks = ["a", "b"].map((id) => fleetingWebhook(id, receiver.url("/all")));
    const bench = new HostBench(directory.path).open(hooks);
    const sum = (): number | undefined => {
      const [done] = deliveryMetrics(bench.report())[0]?.samples ?? [];
      return done && "value" in done ? done.value : undefined;
    };
    for (const [round, left] of [hooks.slice(1), hooks, []].entries()) {
      bench.raise(outgoingEvent(`e${round}`, { hooks: ["b"] }), outgoingEvent(`f${round}`));
      await bench.until(() => bench.report().engine.running === 0 && sum() !== undefined, "an execution");
      await bench.pause(10);
      const before = sum();
      bench.configure(left);
      expect([round, sum()]).toEqual([round, before]);
    }
    expect(sum()).toBe(receiver.posts.length);
    expect(receiver.posts.length).toBe(5);
    await bench.close();
  });

  test("with a thousand hooks is in force at once, and each of them gets its event", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const hooks = Array.from({ length: 1_000 }, (_, index) =>
      durableWebhook(`h${index}`, receiver.url("/all")),
    );
    const bench = new HostBench(directory.path).open(hooks, { concurrency: 100 });
    bench.raise(outgoingEvent("e1", { hooks: hooks.map(({ id }) => id) }));
    await bench.until(() => receiver.posts.length === 1_000, "all of them");
    await bench.until(() => bench.report().store?.pending === 0, "all settled");
    expect(bench.report().engine.hooks.every(({ delivered }) => delivered === 1)).toBe(true);
    expect(await bench.close()).toBe(true);
  });
});

test("a hook whose receiver was gone gets what waits once it is told to go on", async () => {
  using directory = temporaryDirectory();
  await using receiver = new Receiver();
  receiver.answer = (_, count) => (count === 1 ? 410 : 200);
  const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a"))]);
  const isOff = (): boolean | undefined => bench.report().engine.hooks[0]?.isDisabled;
  bench.raise(outgoingEvent("e1"));
  await bench.until(() => isOff() === true, "that it is switched off");
  bench.raise(outgoingEvent("e2"));
  bench.clock.advance(60 * minuteMs);
  bench.host.receive({ kind: "resume", hookId: "b" });
  expect([isOff(), receiver.posts.length]).toEqual([true, 1]);
  bench.host.receive({ kind: "resume", hookId: "a" });
  await bench.until(() => receiver.idsOf("/a").includes("e2"), "what waited");
  expect(isOff()).toBe(false);
  await bench.close();
});

describe("the end", () => {
  test("waits for what runs, writes it down, and says so", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a"))]);
    bench.raise(outgoingEvent("e1"));
    expect(await bench.close()).toBe(true);
    expect([receiver.idsOf("/a"), bench.taken]).toEqual([["e1"], 1]);
    const store = openStore(directory.path);
    expect([store.pending, store.wasClean]).toEqual([0, true]);
    store.close();
  });

  test("leaves a script behind that does not end, and is still a clean one", async () => {
    using directory = temporaryDirectory();
    using files = new ScriptFiles();
    await using receiver = new Receiver();
    receiver.answer = () => 503;
    const begun = files.path("begun");
    const script = streamScript(
      "b",
      files.script(`trap '' TERM\ntouch '${begun}'\nwhile :; do sleep 1; done\n`),
    );
    const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a")), script]);
    bench.raise(outgoingEvent("e1", { hooks: ["a", "b"] }));
    await bench.until(() => existsSync(begun) && receiver.posts.length > 0, "both to begin");
    const before = bench.clock.now();
    await bench.close(100);
    expect(bench.clock.now() - before).toBeLessThan(1_000);
    const store = openStore(directory.path);
    expect([store.pending, store.wasClean]).toEqual([1, true]);
    store.close();
    // What it began ends by itself: asked, and then killed.
    for (let second = 0; second < 15; second++) {
      bench.clock.advance(1_000);
      await Bun.sleep(5);
    }
  });

  test("pulses once a second until then, with what was executed", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a"))]);
    bench.raise(outgoingEvent("e1"));
    await bench.until(() => receiver.posts.length === 1, "the event");
    await bench.pause(5);
    bench.clock.advance(1_000);
    const pulses = bench.of("pulse");
    expect(pulses.flatMap(({ pulse }) => pulse.executions).map(({ hookId }) => hookId)).toEqual(["a"]);
    expect(pulses.at(-1)?.pulse).toMatchObject({ waiting: 0, storePercent: 0 });
    await bench.close();
    const count = bench.of("pulse").length;
    bench.clock.advance(10_000);
    expect(bench.of("pulse").length).toBe(count);
  });
});

test("dead letters are listed from the newest, and delivered once they are sent again", async () => {
  using directory = temporaryDirectory();
  await using receiver = new Receiver();
  receiver.answer = () => 400;
  const bench = new HostBench(directory.path).open([durableWebhook("a", receiver.url("/a"))]);
  const ask = (question: DeadLetterQuestion): DeadLetterAnswer => {
    bench.host.receive({ kind: "deadLetters", id: 9, question });
    const answer = bench.of("deadLetters").at(-1);
    expect(answer?.id).toBe(9);
    return answer!.answer;
  };
  const list = { kind: "list", filter: {}, limit: 2, offset: 0 } as const;
  bench.raise(outgoingEvent("e1"), outgoingEvent("e2"), outgoingEvent("e3"));
  await bench.until(() => bench.report().store?.deadLetters === 3, "three dead letters");
  expect(ask(list)).toMatchObject({
    kind: "list",
    total: 3,
    letters: [{ eventId: "e3" }, { eventId: "e2" }],
  });
  expect(ask({ ...list, offset: 2 })).toMatchObject({ total: 3, letters: [{ eventId: "e1", hookId: "a" }] });
  receiver.answer = () => 200;
  expect(ask({ kind: "replay", filter: { id: "e2" } })).toEqual({ kind: "replay", count: 1 });
  bench.clock.advance(1_000);
  await bench.until(() => bench.report().store?.pending === 0, "its delivery");
  expect(receiver.idsOf("/a").at(-1)).toBe("e2");
  expect(ask({ kind: "replay", filter: { id: "e2" } })).toEqual({ kind: "replay", count: 0 });
  expect(ask(list)).toMatchObject({ total: 2, letters: [{ eventId: "e3" }, { eventId: "e1" }] });
  await bench.close();
});

test("without a store there are no dead letters", () => {
  using directory = temporaryDirectory();
  const bench = new HostBench(directory.path).open([fleetingWebhook("a", "http://127.0.0.1:1")]);
  const question = { kind: "list", filter: {}, limit: 2, offset: 0 } as const;
  bench.host.receive({ kind: "deadLetters", id: 1, question });
  bench.host.receive({ kind: "deadLetters", id: 2, question: { kind: "replay", filter: {} } });
  expect(bench.of("deadLetters").map(({ answer }) => answer)).toEqual([
    { kind: "list", total: 0, letters: [] },
    { kind: "replay", count: 0 },
  ]);
});
