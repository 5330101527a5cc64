import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Workshop } from "./workshop.ts";

/** Whatever may happen to an orchestrator. */
type Happening =
  | { readonly kind: "tell"; readonly isReady: boolean; readonly stream: number; readonly source: number }
  | {
      readonly kind: "publish" | "leave" | "die" | "stubborn";
      readonly stream: number;
      readonly source: number;
    }
  | { readonly kind: "crash" | "unreachable" | "reachable" }
  | { readonly kind: "wait"; readonly seconds: number };

const streams = 3;

const stream = fc.nat(streams - 1);
const source = fc.nat(2);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("tell" as const), isReady: fc.boolean(), stream, source }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("publish" as const, "leave" as const, "die" as const, "stubborn" as const),
      stream,
      source,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("crash" as const, "unreachable" as const, "reachable" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  },
);

const sourceId = (stream: number, source: number): string =>
  `0f5a0b54-3c0c-4a39-9d8e-00000000${stream}${source}`;

const happen = async (shop: Workshop, each: Happening): Promise<void> => {
  const { server, machine } = shop;
  if (!server) throw new Error("no server");
  switch (each.kind) {
    case "tell":
      shop.tell(
        each.isReady ? "ready" : "not-ready",
        `live/s${each.stream}/in`,
        sourceId(each.stream, each.source),
      );
      return shop.turn();
    case "publish":
      server.paths.set(`live/s${each.stream}/in`, sourceId(each.stream, each.source));
      server.paths.set(`live/s${each.stream}/out`, `out${each.source}`);
      return;
    case "leave":
      server.paths.delete(`live/s${each.stream}/in`);
      server.paths.delete(`live/s${each.stream}/out`);
      return;
    case "die":
      machine.living[each.stream]?.end({ code: 1 });
      return shop.turn();
    case "stubborn": {
      // It ends when it is killed, which its group does after a while.
      const process = machine.living[each.stream];
      if (process) process.isObedient = false;
      return;
    }
    case "crash":
      shop.crash();
      shop.boot();
      return shop.turn();
    case "unreachable":
    case "reachable":
      server.isReachable = each.kind === "reachable";
      return;
    case "wait":
      return shop.pass(each.seconds);
  }
};

/** Ends those that were asked to end, and did not. */
const kill = async (shop: Workshop): Promise<void> => {
  for (const process of shop.machine.living) if (process.stops > 0) process.end({ signal: "SIGKILL" });
  await shop.turn();
};

describe("whatever happens", () => {
  test("no stream ever has two workers, and in the end those have one that are published, and no others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
        using shop = new Workshop({ settings: "forward: [{to: 'rtmp://host/app/KEY'}]\n" });
        for (const each of happenings) {
          await happen(shop, each);
          const keys = shop.machine.living.map(
            ({ environment }) => `${environment.ORCHESTRATOR_STREAM} ${environment.ORCHESTRATOR_TARGET}`,
          );
          expect(new Set(keys).size).toBe(keys.length);
        }
        const { server } = shop;
        if (!server) return;
        server.isReachable = true;
        for (const { worker } of shop.orchestrator.streams) worker.restart();
        await shop.pass(60);
        await kill(shop);
        await shop.pass(60);
        await kill(shop);
        await shop.pass(5);
        const published = Array.from({ length: streams }, (_, number) => `s${number}`).filter((name) =>
          server.paths.has(`live/${name}/in`),
        );
        const expected = published.flatMap((name) => [`${name} `, `${name} f0.0`]).sort();
        const living = shop.machine.living.map(
          ({ environment }) => `${environment.ORCHESTRATOR_STREAM} ${environment.ORCHESTRATOR_TARGET}`,
        );
        expect(living.sort()).toEqual(expected);
        expect(shop.store.launches().length).toBe(expected.length);
        await Promise.all([shop.orchestrator.stop(), kill(shop)]);
        expect(shop.machine.living.length).toBe(0);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
