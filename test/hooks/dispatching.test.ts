import { describe, expect, spyOn, test } from "bun:test";
import type { LogFields } from "../../src/base/log.ts";
import { silentLogger } from "../../src/base/log.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { DeliveryLink } from "../../src/hooks/delivery-link.ts";
import { HookDispatcher } from "../../src/hooks/dispatcher.ts";
import { Translator } from "../../src/hooks/event/translator.ts";
import type { HookDefinition, HookSettings } from "../../src/hooks/settings/settings.ts";
import { StdioHook } from "../../src/hooks/stdio/stdio-hook.ts";
import type { DomainEvent } from "../../src/stream/event.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { peerOf } from "../stream/peer.ts";
import { FakePorts, nextTurn } from "./fake-ports.ts";
import { durableWebhook, fleetingWebhook } from "./host-bench.ts";
import { settingsOf } from "./settings/command-line.ts";

const url = "http://127.0.0.1:9/";
const path = parseStreamPath("live/a");
const peer = peerOf("c1", "192.0.2.7:4000");
const totals = { durationMs: 5_000, bytesReceived: 6, audioPackets: 7, videoPackets: 8 };
const published: DomainEvent = {
  kind: "publishStarted",
  path,
  peer,
  publishType: "live",
  query: "",
  isContinued: false,
};
const unpublished: DomainEvent = { kind: "publishStopped", path, peer, reason: "client_stop", ...totals };
const created: DomainEvent = { kind: "streamCreated", path };

const none = settingsOf();
const withHooks = (...hooks: HookDefinition[]): HookSettings => ({ ...none, hooks });

/** A dispatcher over a thread that only writes down. */
const open = (settings: HookSettings, { isDebug = false } = {}) => {
  const clock = new FakeClock();
  const ports = new FakePorts();
  const lines: { message: string; fields: LogFields | undefined }[] = [];
  const log = {
    ...silentLogger,
    info: (message: string, fields?: LogFields) => void lines.push({ message, fields }),
  };
  let ids = 0;
  const dispatcher = new HookDispatcher({
    settings,
    translator: new Translator({ clock, serverId: "srv", newId: () => `${++ids}` }),
    envelope: "full",
    openLink: (wanted) =>
      new DeliveryLink({
        start: ports.start,
        settings: wanted,
        store: undefined,
        isDebug: false,
        hear: () => undefined,
        clock,
        log,
      }),
    storeFor: () => undefined,
    isDebug,
    clock,
    log,
  });
  /** What went over since the start: type and hooks of each event. */
  const posted = async (): Promise<string[]> => {
    await nextTurn();
    return ports.all.flatMap(({ sent }) =>
      sent.flatMap((message) =>
        message.kind === "events" ? message.events.map(({ type, hooks }) => `${type} > ${hooks.join()}`) : [],
      ),
    );
  };
  return { clock, ports, dispatcher, lines, posted };
};

const bound = (hook: HookDefinition, ...eventTypes: string[]): HookDefinition => ({ ...hook, eventTypes });

describe("an event", () => {
  test("goes to the hooks that are bound to it and whose filters let it, and to no thread where none wants it", async () => {
    const some = fleetingWebhook("some", url);
    const { dispatcher, posted, ports } = open(
      withHooks(
        bound(fleetingWebhook("bound", url), "stream_create"),
        bound(fleetingWebhook("other", url), "play_start"),
        { ...some, filter: { ...some.filter, streamPatterns: ["live/b"] } },
        { ...fleetingWebhook("off", url), isEnabled: false },
      ),
    );
    dispatcher.take(created);
    dispatcher.take({ kind: "streamCreated", path: parseStreamPath("live/b") });
    dispatcher.take({ kind: "streamDeleted", path, lifetimeMs: 1 });
    expect(await posted()).toEqual(["stream_create > bound", "stream_create > bound,some"]);
    expect(ports.all.length).toBe(1);
    const { generated, filtered, lastEventTime } = dispatcher.counts;
    expect([...generated]).toEqual([
      ["stream_create", 2],
      ["stream_delete", 1],
    ]);
    // Who never asked for an event does not filter it.
    expect([...filtered].reduce((sum, [, count]) => sum + count, 0)).toBe(2);
    expect(lastEventTime).toBe(Date.UTC(2026, 0, 1) / 1_000 + 1);
  });

  test("about a failing hook is not for that hook", async () => {
    const { dispatcher, posted } = open(withHooks(fleetingWebhook("a", url), fleetingWebhook("b", url)));
    for (const kind of ["hookFailing", "hookRecovered", "hookDisabled"] as const)
      dispatcher.take({ kind, hookId: "a", reason: "refused", failures: 5 });
    expect(await posted()).toEqual(["hook_failing > b", "hook_recovered > b", "hook_disabled > b"]);
  });

  test("is explained for each hook where hooks are looked into", () => {
    const hook = fleetingWebhook("a", url);
    const strict = { ...hook, filter: { ...hook.filter, streamPatterns: ["live/b"] } };
    const { dispatcher, lines } = open(withHooks(strict, fleetingWebhook("b", url)), { isDebug: true });
    dispatcher.take(created);
    expect(lines.map(({ fields }) => [fields?.hook_id, fields?.passes, fields?.filter])).toEqual([
      ["a", false, "stream_patterns"],
      ["b", true, undefined],
    ]);
  });

  test("is heard by listeners until they have enough, whatever the hooks want", () => {
    const { dispatcher } = open(none);
    const heard: string[] = [];
    const stop = dispatcher.listen(({ type }) => heard.push(type));
    dispatcher.take(created);
    stop();
    dispatcher.take(created);
    expect(heard).toEqual(["stream_create"]);
  });
});

describe("publishes", () => {
  test("are noted where any hook is durable, though none hears of them", async () => {
    const { dispatcher, posted } = open(withHooks(bound(durableWebhook("a", url), "play_start")));
    dispatcher.take(published);
    dispatcher.take(created);
    dispatcher.take(unpublished);
    expect(await posted()).toEqual(["publish_start > ", "publish_stop > "]);
  });

  test("are noted to their end though the durable hook is taken away meanwhile", async () => {
    const { dispatcher, posted, ports } = open(withHooks(bound(durableWebhook("a", url), "play_start")));
    dispatcher.take(published);
    dispatcher.configure(withHooks(bound(fleetingWebhook("b", url), "play_start")));
    dispatcher.progress([{ path, totals }]);
    dispatcher.take(unpublished);
    expect(await posted()).toEqual(["publish_start > ", "publish_stop > "]);
    expect(ports.last.sent.find(({ kind }) => kind === "progress")).toBeDefined();
  });

  test("are not noted where no hook is durable", async () => {
    const { dispatcher, posted } = open(withHooks(bound(fleetingWebhook("a", url), "play_start")));
    dispatcher.take(published);
    dispatcher.progress([{ path, totals }]);
    dispatcher.whenSafe(() => undefined);
    expect(await posted()).toEqual([]);
  });

  test("under way tell how far they are, each by its session, and those that ended do not", () => {
    const { dispatcher, ports } = open(withHooks(durableWebhook("a", url)));
    const sessions: string[] = [];
    dispatcher.listen(({ session_id }) => sessions.push(session_id));
    dispatcher.take(published);
    dispatcher.progress([
      { path, totals },
      { path: parseStreamPath("live/unknown"), totals },
    ]);
    dispatcher.take(unpublished);
    dispatcher.progress([{ path, totals }]);
    const told = ports.last.sent.filter((message) => message.kind === "progress");
    expect(told).toEqual([{ kind: "progress", sessions: [{ sessionId: sessions[0]!, ...totals }] }]);
  });

  test("go on being noted when the end of an earlier one, cut by a crash, comes late", () => {
    const { dispatcher, ports } = open(withHooks(durableWebhook("a", url)));
    dispatcher.take(published);
    dispatcher.take({
      kind: "publishRecovered",
      ...totals,
      path,
      connId: "c9",
      sessionId: "ses_old",
      eventId: "evt_old",
      publishedAt: 1,
    });
    dispatcher.progress([{ path, totals }]);
    expect(ports.last.sent.filter(({ kind }) => kind === "progress").length).toBe(1);
  });

  test("are confirmed once a durable hook's thread has taken them, else at once", async () => {
    const durable = open(withHooks(durableWebhook("a", url)));
    durable.dispatcher.take(published);
    const calls: string[] = [];
    durable.dispatcher.whenSafe(() => calls.push("durable"));
    await nextTurn();
    expect(calls).toEqual([]);
    durable.ports.last.take(1);
    const fleeting = open(withHooks(fleetingWebhook("a", url)));
    fleeting.dispatcher.take(published);
    fleeting.dispatcher.whenSafe(() => calls.push("fleeting"));
    expect(calls).toEqual(["durable", "fleeting"]);
  });
});

describe("what is held back", () => {
  test("comes behind what is raised at its release, in its order, and the start of the server before both", async () => {
    const { dispatcher, posted } = open(withHooks(durableWebhook("a", url)));
    const calls: string[] = [];
    dispatcher.hold();
    dispatcher.take({ kind: "serverStarted", version: "1" });
    dispatcher.take(created);
    dispatcher.whenSafe(() => calls.push("safe"));
    dispatcher.take(published);
    expect(await posted()).toEqual(["server_start > a"]);
    dispatcher.release(() => dispatcher.take({ kind: "streamDeleted", path, lifetimeMs: 1 }));
    expect(await posted()).toEqual([
      "server_start > a",
      "stream_delete > a",
      "stream_create > a",
      "publish_start > a",
    ]);
    expect(calls).toEqual([]);
    dispatcher.release(() => dispatcher.take(unpublished));
    expect((await posted()).at(-1)).toBe("publish_stop > a");
  });

  test("is not lost at the end", async () => {
    const { dispatcher, posted, ports } = open(withHooks(durableWebhook("a", url)));
    dispatcher.hold();
    dispatcher.take(created);
    const closed = dispatcher.close(1_000);
    ports.last.sayGoodbye();
    await closed;
    expect(await posted()).toEqual(["stream_create > a"]);
  });
});

describe("a new configuration", () => {
  test("opens a thread for the first webhook, and keeps it from then on", async () => {
    const { dispatcher, ports, posted } = open(none);
    dispatcher.take(created);
    expect(ports.all.length).toBe(0);
    dispatcher.configure(withHooks(fleetingWebhook("a", url)));
    dispatcher.take(created);
    dispatcher.configure(none);
    dispatcher.take(created);
    dispatcher.configure(withHooks(fleetingWebhook("b", url)));
    dispatcher.take(created);
    expect(await posted()).toEqual(["stream_create > a", "stream_create > b"]);
    expect(ports.all.length).toBe(1);
  });

  test("keeps a rate limit counting that is the same", async () => {
    const hook = fleetingWebhook("a", url);
    const rateLimit = { maxEvents: 1, windowMs: 60_000, burst: 1, key: "hook", isStrict: false } as const;
    const limited = { ...hook, filter: { ...hook.filter, rateLimit } };
    const { dispatcher, posted } = open(withHooks(limited));
    dispatcher.take(created);
    dispatcher.configure(withHooks({ ...limited, timeoutMs: 1 }));
    dispatcher.take(created);
    expect((await posted()).length).toBe(1);
    expect([...dispatcher.counts.filtered]).toEqual([["rate_limit rate_limit", 1]]);
  });

  test("that cannot be used changes nothing of the old one", async () => {
    const hook = fleetingWebhook("a", url);
    const { dispatcher, posted } = open(withHooks(hook));
    const broken = settingsOf("--hook-stdio-format", "json");
    const stdio = { ...broken.stdio!, filter: { ...broken.stdio!.filter, streamPatterns: ["live/["] } };
    expect(() => dispatcher.configure({ ...none, stdio })).toThrow();
    dispatcher.take(created);
    expect(await posted()).toEqual(["stream_create > a"]);
    expect(dispatcher.settings.hooks).toEqual([hook]);
  });

  test("keeps the writer of standard output, unless it is to be written in another way", () => {
    const execute = spyOn(StdioHook.prototype, "execute").mockResolvedValue({ kind: "done" });
    try {
      const json = settingsOf("--hook-stdio-format", "json");
      const { dispatcher } = open(json);
      dispatcher.take(created);
      dispatcher.configure(settingsOf("--hook-stdio-format", "json", "--hook-filter-events", "play_start"));
      dispatcher.take(created);
      dispatcher.configure(json);
      dispatcher.take(created);
      dispatcher.configure(settingsOf("--hook-stdio-format", "json", "--hook-stdio-prefix", "E: "));
      dispatcher.take(created);
      dispatcher.configure(none);
      dispatcher.take(created);
      const [first, second, third, ...more] = execute.mock.contexts;
      expect([first === second, second === third, more]).toEqual([true, false, []]);
    } finally {
      execute.mockRestore();
    }
  });
});

describe("the end", () => {
  test("hands over viewer counts that were still to be joined, then waits for the thread", async () => {
    const { dispatcher, posted, ports } = open(withHooks(fleetingWebhook("a", url)));
    dispatcher.take({ kind: "subscriberCount", path, count: 1, previous: 0 });
    dispatcher.take({ kind: "subscriberCount", path, count: 2, previous: 1 });
    dispatcher.take({ kind: "subscriberCount", path, count: 3, previous: 2 });
    expect((await posted()).length).toBe(1);
    const closed = dispatcher.close(1_000);
    ports.last.sayGoodbye();
    await closed;
    expect(await posted()).toEqual(["subscriber_count > a", "subscriber_count > a"]);
  });
});
