import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { RefusedError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/log.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { systemClock } from "../../src/base/time.ts";
import { readConfig } from "../../src/config/server/config.ts";
import type { HookEvent } from "../../src/hooks/event/hook-event.ts";
import { Translator } from "../../src/hooks/event/translator.ts";
import { Hooks } from "../../src/hooks/hooks.ts";
import { hookFlagsOf } from "../../src/hooks/settings/hook-flags.ts";
import { type DomainEvent, type EndReason, EventHub, type Peer } from "../../src/stream/event.ts";
import type { Publication } from "../../src/stream/publication.ts";
import type { Stream } from "../../src/stream/stream.ts";
import { holds } from "../base/property.ts";
import { House, opening, send, Viewer } from "../stream/house.ts";
import { peerOf } from "../stream/peer.ts";

describe("without a hook", () => {
  test("nothing of the hooks exists, and an event costs next to nothing", () => {
    const directory = join(tmpdir(), `rtmp-no-hooks-${process.pid}`);
    const hooks = Hooks.open(
      {
        flags: hookFlagsOf(readConfig(new Map()).hooks),
        file: undefined,
        store: { directory, maxBytes: 1e9, maxRows: 1e6 },
        envelope: "full",
        isDebug: false,
      },
      {
        clock: systemClock,
        log: silentLogger,
        events: new EventHub(),
        version: "test",
        start: () => {
          throw new Error("a thread without a hook");
        },
      },
    );
    expect(hooks).toBeUndefined();
    expect(existsSync(directory)).toBe(false);

    // As the server does it: a hub that the hooks do not listen to.
    const hub = new EventHub();
    if (hooks) hub.listen((event) => hooks.dispatcher.take(event));
    const event: DomainEvent = {
      kind: "playStarted",
      path: parseStreamPath("live/a"),
      peer: clientOf(1),
      query: "",
    };
    const times = 1_000_000;
    for (let round = 0; round < times; round++) hub.emit(event);
    const startedAt = Bun.nanoseconds();
    for (let round = 0; round < times; round++) hub.emit(event);
    const each = (Bun.nanoseconds() - startedAt) / times;
    console.info(`an event without hooks costs ${each.toFixed(1)} ns`);
    expect(each).toBeLessThan(1_000);
  });
});

const clientOf = (number: number): Peer => peerOf(`c${number}`, "192.0.2.7:4000");

const paths = ["live/a", "live/b"].map(parseStreamPath);
const reasons: readonly EndReason[] = ["client_stop", "client_disconnect", "idle_timeout", "error"];

type Action =
  | { readonly do: "publish" | "play"; readonly path: number; readonly peer: number }
  | { readonly do: "kill"; readonly peer: number; readonly reason: number }
  | { readonly do: "send" | "wait"; readonly path: number };

const peers = 4;
const nth = (count: number): fc.Arbitrary<number> => fc.nat({ max: count - 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom("publish" as const, "play" as const),
    path: nth(2),
    peer: nth(peers),
  }),
  fc.record({ do: fc.constant("kill" as const), peer: nth(peers), reason: nth(reasons.length) }),
  fc.record({ do: fc.constantFrom("send" as const, "wait" as const), path: nth(2) }),
);

/** A player that tells of its play what a connection tells: that it has started, and that it has ended if it had. */
class Player extends Viewer {
  readonly #tell: (kind: "playStarted" | "playStopped", reason: EndReason) => void;
  #isOpen = false;

  constructor(tell: (kind: "playStarted" | "playStopped", reason: EndReason) => void) {
    super();
    this.#tell = tell;
  }

  override start(): void {
    this.#isOpen = true;
    this.#tell("playStarted", "client_stop");
  }

  override end(reason: EndReason): void {
    if (this.#isOpen) this.#tell("playStopped", reason);
    this.#isOpen = false;
  }
}

/** Registry and translator, and connections that publish and play as often as they like. */
class Theatre {
  readonly house: House;
  readonly events: HookEvent[] = [];
  readonly publications: Publication[] = [];
  /** Publishes that were admitted. */
  admitted = 0;
  readonly #places = new Map<number, { stream: Stream; player: Player }[]>();
  readonly #published = new Map<number, Publication[]>();

  constructor(overridePublisher: boolean) {
    this.house = new House({ overridePublisher });
    let ids = 0;
    const translator = new Translator({ clock: this.house.clock, serverId: "srv", newId: () => `${++ids}` });
    this.house.hub.listen((event) => this.events.push(...translator.translate(event)));
  }

  /** Does it, and checks that a refused publish is neither begun nor ended. */
  act(each: Action): void {
    const path = paths["path" in each ? each.path : 0] ?? paths[0]!;
    if (each.do === "publish") this.#publish(path, each.peer);
    else if (each.do === "play") this.#play(path, each.peer);
    else if (each.do === "kill") this.#kill(each.peer, reasons[each.reason]!);
    else if (each.do === "wait") this.house.clock.advance(each.path === 0 ? 100 : 12_000);
    else {
      const live = this.publications.findLast((publication) => publication.path === path);
      if (live) send(live, ...opening(this.house.clock.now()));
    }
  }

  close(): void {
    this.house.registry.shutdown();
    this.house.clock.advance(60_000);
  }

  #publish(path: (typeof paths)[number], number: number): void {
    const before = this.events.length;
    try {
      const publication = this.house.registry.publish(path, {
        peer: clientOf(number),
        publishType: "live",
        evicted: () => undefined,
      });
      this.admitted++;
      this.publications.push(publication);
      this.#published.set(number, [...(this.#published.get(number) ?? []), publication]);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      expect(this.events.slice(before)).toEqual([]);
    }
  }

  #play(path: (typeof paths)[number], number: number): void {
    const { hub, registry } = this.house;
    const peer = clientOf(number);
    const player = new Player((kind, reason) => {
      const totals = { durationMs: 0, bytesSent: 0, droppedFrames: 0 };
      hub.emit(
        kind === "playStarted" ? { kind, path, peer, query: "" } : { kind, path, peer, reason, ...totals },
      );
    });
    const place = { stream: registry.subscribe(path, player), player };
    this.#places.set(number, [...(this.#places.get(number) ?? []), place]);
  }

  /** The connection is lost with all it did. */
  #kill(number: number, reason: EndReason): void {
    for (const publication of this.#published.get(number) ?? []) publication.end(reason);
    for (const { stream, player } of this.#places.get(number) ?? []) {
      stream.unsubscribe(player);
      player.end(reason);
    }
    this.#published.delete(number);
    this.#places.delete(number);
  }
}

/** Sessions that did not start once and then stop once, of the same connection and stream; empty where all did. */
const brokenSessions = (events: readonly HookEvent[], action: "publish" | "play"): string[] => {
  const open = new Map<string, string>();
  const known = new Set<string>();
  const broken: string[] = [];
  for (const { type, session_id: id, conn_id, stream_key } of events) {
    const owner = `${conn_id} ${stream_key}`;
    if (type === `${action}_start`) {
      if (!/^ses_./.test(id) || known.has(id)) broken.push(`${type} ${id}`);
      known.add(id);
      open.set(id, owner);
    } else if (type === `${action}_stop`) {
      if (open.get(id) !== owner) broken.push(`${type} ${id}`);
      open.delete(id);
    }
  }
  return [...broken, ...[...open.keys()].map((id) => `${id} without end`)];
};

describe("in 1,000 random lives of connections", () => {
  test("each publish and play starts and stops once, a takeover stops before it starts, and a refusal is neither", () => {
    const seen = { takeovers: 0, publishes: 0, plays: 0, refusals: 0 };
    holds(
      fc.property(
        fc.array(action, { minLength: 5, maxLength: 60 }),
        fc.boolean(),
        (actions, overridePublisher) => {
          const theatre = new Theatre(overridePublisher);
          for (const each of actions) theatre.act(each);
          theatre.close();
          const { events, admitted } = theatre;
          expect(brokenSessions(events, "publish")).toEqual([]);
          expect(brokenSessions(events, "play")).toEqual([]);
          expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
          const starts = events.filter(({ type }) => type === "publish_start");
          expect(starts.length).toBe(admitted);
          for (const path of paths) {
            const turns = events.filter(
              ({ type, stream_key }) => type.startsWith("publish_") && stream_key === path,
            );
            for (const [index, event] of turns.entries()) {
              expect(event.type).toBe(index % 2 === 0 ? "publish_start" : "publish_stop");
              if (event.data.reason !== "replaced") continue;
              expect(turns[index + 1]?.type).toBe("publish_start");
              seen.takeovers++;
            }
          }
          seen.publishes += starts.length;
          seen.plays += events.filter(({ type }) => type === "play_start").length;
          seen.refusals += actions.filter((each) => each.do === "publish").length - admitted;
        },
      ),
      { numRuns: 1_000 },
    );
    // Else nothing was tested.
    for (const [what, count] of Object.entries(seen)) expect([what, count > 100]).toEqual([what, true]);
  });
});
