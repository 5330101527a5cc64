import { describe, expect, test } from "bun:test";
import { type LogFields, type Logger, silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { DeliveryLink, type DeliveryPort } from "../../src/hooks/delivery-link.ts";
import { startDeliveryThread } from "../../src/hooks/delivery-thread.ts";
import { durableWebhook, Receiver } from "./host-bench.ts";
import { outgoingEvent } from "./outgoing-event.ts";
import { temporaryDirectory } from "./store/stored-event.ts";

/** Waits until something holds. @throws Error where it does not within ten seconds */
const until = async (isDone: () => boolean, what: string): Promise<void> => {
  for (const end = performance.now() + 10_000; performance.now() < end; await Bun.sleep(5))
    if (isDone()) return;
  throw new Error(`this never came: ${what}`);
};

describe("the thread that delivers", () => {
  test("dies of a defect, is told of once, started again, and every event arrives", async () => {
    using directory = temporaryDirectory();
    await using receiver = new Receiver();
    const ports: DeliveryPort[] = [];
    const errors: (LogFields | undefined)[] = [];
    const log: Logger = { ...silentLogger, error: (_message, fields) => void errors.push(fields) };
    const link = new DeliveryLink({
      start: (listener) => {
        const port = startDeliveryThread(listener);
        ports.push(port);
        return port;
      },
      store: { directory: directory.path, maxBytes: 1e9, maxRows: 1e6 },
      settings: { hooks: [durableWebhook("a", receiver.url("/a"))], concurrency: 10, deadLetter: undefined },
      isDebug: false,
      hear: () => undefined,
      clock: systemClock,
      log,
    });
    const ids = Array.from({ length: 200 }, (_, index) => `e${String(index).padStart(3, "0")}`);
    for (const [index, id] of ids.entries()) {
      link.post(outgoingEvent(id, { at: Date.now() }));
      if (index === 100) ports[0]?.send({ kind: "no such thing" } as never);
      await Bun.sleep(0);
    }
    await until(() => new Set(receiver.idsOf("/a")).size === ids.length, "all events");
    const firsts = receiver.idsOf("/a").filter((id, index, all) => all.indexOf(id) === index);
    expect(firsts).toEqual(ids);
    expect([ports.length, errors.length]).toEqual([2, 1]);
    expect(errors[0]?.reason).toStartWith("TypeError: unexpected value");
    expect(await link.report(1_000)).toBeDefined();
    expect(await link.close(5_000)).toBe(true);
  });

  test("ends when it is asked to, with nobody told of a death", async () => {
    using directory = temporaryDirectory();
    const deaths: string[] = [];
    const kinds: string[] = [];
    const port = startDeliveryThread({
      message: ({ kind }) => void kinds.push(kind),
      died: (reason) => void deaths.push(reason),
    });
    const settings = { hooks: [], concurrency: 1, deadLetter: undefined };
    port.send({ kind: "open", store: { directory: directory.path, maxBytes: 1, maxRows: 1 }, settings });
    port.send({ kind: "close", timeoutMs: 100 });
    await until(() => kinds.includes("closed"), "the goodbye");
    expect([kinds, deaths]).toEqual([["opened", "closed"], []]);
    port.terminate();
  });
});
