import { describe, expect, test } from "bun:test";
import { existsSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HookRequest, Hooks } from "../../src/hooks/hooks.ts";
import type { DeliveryPulse } from "../../src/hooks/messages.ts";
import { takeOwnership } from "../../src/hooks/store/owner-lock.ts";
import type { OpenSession } from "../../src/hooks/store/session-journal.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";
import { FakePorts, nextTurn } from "./fake-ports.ts";
import { flagsOf } from "./settings/command-line.ts";
import { temporaryDirectory } from "./store/stored-event.ts";

const url = "http://127.0.0.1:9/";
const fleetingFile = `hooks: { webhooks: [{ id: a, event_types: ["*"], url: "${url}" }] }\n`;
const durableFile = `hooks:
  default_config: { delivery: { guarantee_level: at-least-once } }
  webhooks: [{ id: a, event_types: ["*"], url: "${url}" }]
`;

/** Hooks of a directory of their own, and everything around them. */
class Bench implements Disposable {
  readonly clock = new FakeClock();
  readonly ports = new FakePorts();
  readonly hub = new EventHub();
  readonly events: DomainEvent[] = [];
  readonly pulses: DeliveryPulse[] = [];
  readonly #log = new KeptLog();
  readonly lines = this.#log.lines;
  readonly #directory = temporaryDirectory();
  readonly file = join(this.#directory.path, "hooks.yaml");
  readonly data = join(this.#directory.path, "data");
  #hooks: Hooks | undefined;

  /** Reads the flags, and the file where it has a text. @throws ConfigError */
  open(text: string | undefined, ...flags: string[]): Hooks | undefined {
    if (text !== undefined) writeFileSync(this.file, text);
    const request: HookRequest = {
      flags: flagsOf(...flags),
      file: text === undefined ? undefined : this.file,
      store: { directory: this.data, maxBytes: 1e9, maxRows: 1e6 },
      envelope: "full",
      isDebug: false,
    };
    this.hub.listen((event) => this.events.push(event));
    this.#hooks = Hooks.open(request, {
      clock: this.clock,
      log: this.#log,
      events: this.hub,
      version: "1.2.3",
      start: this.ports.start,
      pulse: (pulse) => void this.pulses.push(pulse),
    });
    const hooks = this.#hooks;
    if (hooks) this.hub.listen((event) => hooks.dispatcher.take(event));
    return hooks;
  }

  /** The hooks; there are some. */
  get hooks(): Hooks {
    if (!this.#hooks) throw new Error("there are no hooks");
    return this.#hooks;
  }

  /** Has the file read again. */
  async reload(text?: string): Promise<void> {
    if (text !== undefined) writeFileSync(this.file, text);
    let isDone = false;
    const done = this.hooks.reload().finally(() => {
      isDone = true;
    });
    for (let round = 0; round < 500 && !isDone; round++) {
      await Bun.sleep(1);
      this.clock.advance(50);
    }
    await done;
  }

  /** Kinds of what was raised. */
  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  /** Types of what went over to the thread. */
  async posted(): Promise<string[]> {
    await nextTurn();
    return this.ports.all.flatMap(({ sent }) =>
      sent.flatMap((message) => (message.kind === "events" ? message.events.map(({ type }) => type) : [])),
    );
  }

  [Symbol.dispose](): void {
    for (const { listener } of this.ports.all) listener.message({ kind: "closed", isDrained: true });
    void this.#hooks?.close(0);
    this.#directory[Symbol.dispose]();
  }
}

/** Whether somebody else could take the directory. */
const isFree = (directory: string): boolean => {
  try {
    takeOwnership(directory).release();
    return true;
  } catch {
    return false;
  }
};

const cut = (sessionId: string, changes: Partial<OpenSession> = {}): OpenSession => ({
  sessionId,
  streamKey: "live/a",
  startedAt: 5,
  body: JSON.stringify({ conn_id: "c7", data: { client_ip: "192.0.2.7" } }),
  durationMs: 1,
  bytesReceived: 2,
  audioPackets: 3,
  videoPackets: 4,
  ...changes,
});
const opened = (...openSessions: OpenSession[]) =>
  ({ kind: "opened", openSessions, isRecovery: true, pending: 9 }) as const;

describe("hooks", () => {
  test("are nothing where nobody asks for one, and something with an empty file", () => {
    using without = new Bench();
    expect(without.open(undefined)).toBeUndefined();
    using empty = new Bench();
    expect(empty.open("hooks: {}\n")?.hasFile).toBe(true);
    expect([empty.ports.all.length, empty.hooks.dispatcher.link]).toEqual([0, undefined]);
  });

  test("without a guarantee take no directory", () => {
    using bench = new Bench();
    bench.open(fleetingFile);
    expect(existsSync(bench.data)).toBe(false);
    expect(bench.ports.last.sent[0]).toMatchObject({ kind: "open", store: undefined });
  });

  test("with a guarantee take a directory, keep others out of it, and let go of it at the end", async () => {
    using bench = new Bench();
    bench.open(durableFile);
    expect(isFree(bench.data)).toBe(false);
    expect(bench.ports.last.sent[0]).toMatchObject({ kind: "open", store: { directory: bench.data } });
    const closed = bench.hooks.close(1_000);
    bench.ports.last.sayGoodbye();
    await closed;
    expect([isFree(bench.data), bench.clock.timers]).toEqual([true, 0]);
  });

  test("of a directory that another server has are a fault of the configuration", () => {
    using bench = new Bench();
    using lock = new (class {
      readonly #lock = takeOwnership(bench.data);
      [Symbol.dispose](): void {
        this.#lock.release();
      }
    })();
    expect(lock).toBeDefined();
    expect(() => bench.open(durableFile)).toThrow("is in use by another server");
  });

  test("of a file that is not there are one too", () => {
    using bench = new Bench();
    bench.open("hooks: {}\n");
    unlinkSync(bench.file);
    expect(() =>
      Hooks.open(
        {
          flags: flagsOf(),
          file: bench.file,
          store: { directory: "", maxBytes: 1, maxRows: 1 },
          envelope: "full",
          isDebug: false,
        },
        {} as never,
      ),
    ).toThrow("cannot be read");
  });
});

describe("a file that is read again", () => {
  test("comes into force, is told of, and takes the directory with its first durable hook", async () => {
    using bench = new Bench();
    bench.open(fleetingFile);
    const configured: number[] = [];
    bench.hooks.onConfigured(({ concurrency }) => configured.push(concurrency));
    await bench.reload(durableFile);
    expect(bench.kinds()).toEqual(["configReloaded"]);
    expect(isFree(bench.data)).toBe(false);
    expect(bench.ports.last.sent.filter(({ kind }) => kind === "configure")).toMatchObject([
      { store: { directory: bench.data } },
    ]);
    expect(configured.length).toBe(1);
    expect(bench.hooks.settings.hooks[0]?.policy.guarantee).toBe("at-least-once");
  });

  test("is told of to the new hooks", async () => {
    using bench = new Bench();
    bench.open("hooks: {}\n");
    await bench.reload(fleetingFile);
    expect(await bench.posted()).toEqual(["config_reloaded"]);
  });

  const bad: { name: string; text: string; reason: string }[] = [
    { name: "no YAML", text: "hooks: [", reason: "hooks.yaml" },
    { name: "an unknown key", text: "hooks: { webhookz: [] }\n", reason: "webhookz" },
    {
      name: "a pattern that cannot be used",
      text: `hooks: { webhooks: [{ id: a, event_types: ["*"], url: "${url}", filter: { stream_patterns: ["live/["] } }] }\n`,
      reason: "live/[",
    },
    {
      name: "a variable that is not set",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what stands in the file
      text: 'hooks: { webhooks: [{ event_types: ["*"], url: "${NO_SUCH_VARIABLE}" }] }\n',
      reason: "NO_SUCH_VARIABLE",
    },
  ];
  test.each(bad)("with $name changes nothing, and says why", async ({ text, reason }) => {
    using bench = new Bench();
    bench.open(fleetingFile);
    const before = bench.hooks.settings;
    await bench.reload(text);
    expect(bench.events).toMatchObject([{ kind: "configRejected", file: bench.file }]);
    expect(JSON.stringify(bench.events[0])).toContain(reason);
    expect(bench.hooks.settings).toBe(before);
    expect(bench.ports.last.kinds.filter((kind) => kind !== "events")).toEqual(["open"]);
    await bench.reload(fleetingFile);
    expect(bench.kinds()).toEqual(["configRejected", "configReloaded"]);
  });

  test("whose durable hooks may not have the directory changes nothing", async () => {
    using bench = new Bench();
    bench.open(fleetingFile);
    const lock = takeOwnership(bench.data);
    await bench.reload(durableFile);
    expect(bench.kinds()).toEqual(["configRejected"]);
    expect(bench.hooks.settings.hooks[0]?.policy.guarantee).toBe("none");
    lock.release();
    await bench.reload();
    expect(bench.kinds()).toEqual(["configRejected", "configReloaded"]);
  });

  test("and brings out a defect of ours does not end the server", async () => {
    using bench = new Bench();
    bench.open(fleetingFile);
    bench.hooks.onConfigured(() => {
      throw new TypeError("defect");
    });
    await bench.reload(durableFile);
    expect(bench.lines.filter(({ level }) => level === "error").map(({ fields }) => fields?.error)).toEqual([
      "defect",
    ]);
    expect(bench.kinds()).toEqual(["configRejected"]);
  });

  test("shows no secret of it in what is told", async () => {
    using bench = new Bench();
    bench.open(fleetingFile);
    const secret = "s3cr3t-of-mine-0123456789";
    await bench.reload(`hooks:
  webhooks:
    - { id: a, event_types: ["*"], url: "http://user:${secret}@127.0.0.1:9/", auth: { type: hmac, secret: "${secret}", algorythm: x } }
`);
    expect(bench.kinds()).toEqual(["configRejected"]);
    expect(JSON.stringify([bench.events, bench.lines])).not.toContain(secret);
  });
});

describe("after a crash", () => {
  test("publishes that it cut are ended once, before anything new, and then the server is said to be back", async () => {
    using bench = new Bench();
    bench.open(durableFile);
    bench.hub.emit({ kind: "serverStarted", version: "1.2.3" });
    bench.hub.emit({ kind: "configReloaded", file: "x" });
    expect(await bench.posted()).toEqual(["server_start"]);
    bench.ports.last.listener.message(opened(cut("ses_1"), cut("ses_2", { streamKey: "live/b" })));
    expect(await bench.posted()).toEqual([
      "server_start",
      "publish_stop",
      "publish_stop",
      "server_recovered",
      "config_reloaded",
    ]);
    expect(bench.events.filter(({ kind }) => kind !== "configReloaded")).toMatchObject([
      { kind: "serverStarted" },
      {
        kind: "publishRecovered",
        path: "live/a",
        connId: "c7",
        remote: "192.0.2.7:0",
        sessionId: "ses_1",
        eventId: "evt_1",
        publishedAt: 5,
        durationMs: 1,
        bytesReceived: 2,
        audioPackets: 3,
        videoPackets: 4,
      },
      { kind: "publishRecovered", path: "live/b", eventId: "evt_2" },
      { kind: "serverRecovered", version: "1.2.3", sessionsRecovered: 2, deliveriesPending: 9 },
    ]);
    // A thread that is started anew finds the publishes of today.
    bench.ports.last.listener.message(opened(cut("ses_today")));
    expect(bench.events.filter(({ kind }) => kind === "publishRecovered").length).toBe(2);
  });

  test("a note that is damaged does not keep the others from their end, nor the server from starting", async () => {
    using bench = new Bench();
    bench.open(durableFile);
    bench.ports.last.listener.message(
      opened(
        cut("ses_1", { body: "{" }),
        cut("ses_2", { streamKey: "live/\\" }),
        cut("ses_3", { body: '{"v":1}' }),
      ),
    );
    const ended = bench.events.filter(({ kind }) => kind === "publishRecovered");
    expect(ended).toMatchObject([{ sessionId: "ses_3", connId: "" }]);
    expect(
      bench.lines.filter(({ level }) => level === "error").map(({ fields }) => fields?.session_id),
    ).toEqual(["ses_1", "ses_2"]);
  });

  test("new events wait a second at most for a store that is slow", async () => {
    using bench = new Bench();
    bench.open(durableFile);
    bench.hub.emit({ kind: "configReloaded", file: "x" });
    bench.clock.advance(999);
    expect(await bench.posted()).toEqual([]);
    bench.clock.advance(1);
    expect(await bench.posted()).toEqual(["config_reloaded"]);
    bench.ports.last.listener.message(opened(cut("ses_1")));
    expect(await bench.posted()).toEqual(["config_reloaded", "publish_stop", "server_recovered"]);
  });
});

describe("news of the thread that delivers", () => {
  test("of a store that fails and works again are an alert, a line, and no event is held back for it", async () => {
    using bench = new Bench();
    bench.open(durableFile);
    const { listener } = bench.ports.last;
    listener.message({ kind: "store", isWritable: false, reason: "disk full" });
    listener.message({ kind: "store", isWritable: true, reason: "better" });
    expect(bench.events).toMatchObject([
      { kind: "resourceAlert", resource: "hook_store", state: "raised", severity: "critical", value: 100 },
      { kind: "resourceAlert", resource: "hook_store", state: "cleared", severity: "info", value: 0 },
    ]);
    expect(bench.lines.map(({ level }) => level)).toEqual(["error", "info"]);
    expect(await bench.posted()).toEqual(["resource_alert", "resource_alert"]);
  });

  test("of hooks are events, and of the last second go to who asked for them", () => {
    using bench = new Bench();
    bench.open(fleetingFile);
    const { listener } = bench.ports.last;
    const notice = { kind: "hookFailing", hookId: "a", reason: "refused", failures: 5 } as const;
    const pulse: DeliveryPulse = { executions: [], waiting: 3, storePercent: undefined };
    listener.message({ kind: "notice", notice });
    listener.message({ kind: "pulse", pulse });
    expect([bench.events, bench.pulses]).toEqual([[notice], [pulse]]);
  });
});
