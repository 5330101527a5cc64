import { Database } from "bun:sqlite";
import { spyOn } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../../src/base/log.ts";
import type { AttemptRecord, Delivery, OutgoingEvent } from "../../../src/hooks/delivery/delivery.ts";
import type { HookFailure } from "../../../src/hooks/delivery/hook.ts";
import { DeliveryStore, type DeliveryStoreOptions } from "../../../src/hooks/store/delivery-store.ts";
import { FakeClock } from "../../base/fake-clock.ts";

/** A directory of its own that is removed with the scope. */
export const temporaryDirectory = (): Disposable & { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), "hook-store-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

/** An event for the hooks `a`, unless something else is said. */
export const storedEvent = (id: string, values: Partial<OutgoingEvent> = {}): OutgoingEvent => ({
  id,
  type: "stream_created",
  class: "lifecycle",
  streamKey: "live/one",
  lane: "live/one",
  sessionId: "",
  at: 1_000,
  body: JSON.stringify({ id, text: "é\u0000\n" }),
  hooks: ["a"],
  ...values,
});

/** A store with room for everything. */
export const openStore = (directory: string, values: Partial<DeliveryStoreOptions> = {}): DeliveryStore =>
  DeliveryStore.open({
    directory,
    maxBytes: 1024 ** 3,
    maxRows: 1_000_000,
    clock: new FakeClock(),
    log: silentLogger,
    ...values,
  });

/** The same, and the connection under it, so that a test can make the disk fail. */
export const openWithConnection = (
  directory: string,
  values: Partial<DeliveryStoreOptions> = {},
): { store: DeliveryStore; connection: Database } => {
  const run = spyOn(Database.prototype, "run");
  try {
    const store = openStore(directory, values);
    return { store, connection: run.mock.contexts.at(-1) as Database };
  } finally {
    run.mockRestore();
  }
};

/** Everything that waits for a hook. */
export const pendingOf = (store: DeliveryStore, hookId = "a"): Delivery[] => store.load(hookId, 0, 1_000_000);

/** Ids of the events that wait for a hook. */
export const idsOf = (store: DeliveryStore, hookId = "a"): string[] =>
  pendingOf(store, hookId).map(({ event }) => event.id);

/** An attempt that worked, or did not. */
export const attempt = (at: number, failure?: Partial<HookFailure>): AttemptRecord => ({
  at,
  durationMs: 12.4,
  failure: failure && { kind: "failed", error: "no luck", verdict: "retry", ...failure },
});

/** The code of what `run` throws; undefined where it throws nothing. */
export const codeThrownBy = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
};
