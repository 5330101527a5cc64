import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { RefusedError } from "../../src/base/errors.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { DomainEvent, EndReason } from "../../src/stream/event.ts";
import type { Publication } from "../../src/stream/publication.ts";
import type { Stream } from "../../src/stream/stream.ts";
import { holds } from "../base/property.ts";
import { House, opening, send, Viewer } from "./house.ts";

const paths = ["live/a", "live/b"].map(parseStreamPath);
const reasons: readonly EndReason[] = ["client_stop", "client_disconnect", "idle_timeout", "error"];
const throwing = ["start", "deliver", "interrupt", "end"];

type Action =
  | { readonly do: "publish" | "subscribe" | "send"; readonly path: number; readonly fault: number }
  | { readonly do: "end"; readonly which: number; readonly reason: number }
  | { readonly do: "leave"; readonly which: number }
  | { readonly do: "wait"; readonly ms: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom("publish" as const, "subscribe" as const, "send" as const),
    path: fc.nat({ max: 1 }),
    fault: fc.nat({ max: 20 }),
  }),
  fc.record({ do: fc.constant("end" as const), which: fc.nat({ max: 9 }), reason: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant("leave" as const), which: fc.nat({ max: 9 }) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(10, 1_000, 5_000, 12_000) }),
);

/** Runs actions, then shuts down, and gives every event and what every player heard. */
const run = (
  actions: readonly Action[],
  overridePublisher: boolean,
): { house: House; viewers: Viewer[]; open: number } => {
  const house = new House({ overridePublisher });
  const publications: Publication[] = [];
  const viewers: Viewer[] = [];
  const places: { viewer: Viewer; stream: Stream }[] = [];
  let open = 0;
  house.registry.attach({
    open: () => {
      open++;
      return () => open--;
    },
  });
  for (const each of actions) {
    switch (each.do) {
      case "publish":
        try {
          publications.push(house.publish(paths[each.path]));
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error;
        }
        break;
      case "subscribe": {
        const fault = throwing[each.fault];
        const viewer = fault ? new Viewer(fault) : new Viewer();
        viewers.push(viewer);
        places.push({ viewer, stream: house.registry.subscribe(paths[each.path]!, viewer) });
        break;
      }
      case "send": {
        const live = publications.filter(({ path }) => path === paths[each.path]).at(-1);
        if (live) send(live, ...opening(house.clock.now(), each.fault));
        break;
      }
      case "end":
        publications[each.which]?.end(reasons[each.reason]!);
        break;
      case "leave": {
        const place = places[each.which];
        place?.stream.unsubscribe(place.viewer);
        break;
      }
      case "wait":
        house.clock.advance(each.ms);
        break;
    }
  }
  house.registry.shutdown();
  house.clock.advance(60_000);
  return { house, viewers, open };
};

/** What may follow what, for one path. */
const checkOrder = (events: readonly DomainEvent[]): void => {
  let isCreated = false;
  let isPublished = false;
  let count = 0;
  for (const event of events) {
    const fault = (why: string): never => {
      throw new Error(`${event.kind}: ${why} in ${events.map(({ kind }) => kind).join(" ")}`);
    };
    switch (event.kind) {
      case "streamCreated":
        if (isCreated) fault("there already");
        isCreated = true;
        break;
      case "publishStarted":
        if (!isCreated || isPublished) fault("no stream, or published already");
        isPublished = true;
        break;
      case "trackDetected":
      case "metadataReceived":
        if (!isPublished) fault("not published");
        break;
      case "publishStopped":
        if (!isPublished) fault("not published");
        isPublished = false;
        break;
      case "subscriberCount":
        if (!isCreated || event.previous !== count) fault("no stream, or a count out of step");
        count = event.count;
        break;
      case "streamDeleted":
        if (!isCreated || isPublished || count > 0) fault("still in use");
        isCreated = false;
        break;
    }
  }
  expect({ isCreated, isPublished, count }).toEqual({ isCreated: false, isPublished: false, count: 0 });
};

describe("in 1,000 random lives of two streams", () => {
  test("events come in order, and everything that starts ends exactly once", () => {
    holds(
      fc.property(fc.array(action, { maxLength: 40 }), fc.boolean(), (actions, overridePublisher) => {
        const { house, open } = run(actions, overridePublisher);
        for (const path of paths)
          checkOrder(house.events.filter((event) => "path" in event && event.path === path));
        expect({ open, timers: house.clock.timers, streams: [...house.registry.streams].length }).toEqual({
          open: 0,
          timers: 0,
          streams: 0,
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("a player starts before it is delivered to, hears one end at most, and nothing after it", () => {
    holds(
      fc.property(fc.array(action, { maxLength: 40 }), fc.boolean(), (actions, overridePublisher) => {
        for (const { log } of run(actions, overridePublisher).viewers) {
          const started = log.indexOf("start");
          const ended = log.findIndex((entry) => entry.startsWith("end") || entry === "fail");
          const first = log.findIndex((entry) => entry === "deliver" || entry === "interrupt");
          if (first >= 0) expect(started).toBeLessThan(first);
          expect(log.filter((entry) => entry === "start").length).toBeLessThanOrEqual(1);
          if (ended >= 0) expect(log.slice(ended + 1).filter((entry) => entry !== "fail")).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("the times a player gets rise within each flow", () => {
    holds(
      fc.property(fc.array(action, { maxLength: 40 }), fc.boolean(), (actions, overridePublisher) => {
        for (const { packets } of run(actions, overridePublisher).viewers) {
          const last: Record<string, number> = {};
          for (const { kind, role, timestamp } of packets) {
            if (role === "config" || role === "metadata") continue;
            expect(timestamp).toBeGreaterThanOrEqual(last[kind] ?? 0);
            last[kind] = timestamp;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
