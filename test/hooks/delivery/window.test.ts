import { describe, expect, test } from "bun:test";
import type { Delivery } from "../../../src/hooks/delivery/delivery.ts";
import { Window } from "../../../src/hooks/delivery/window.ts";
import { EngineBench, FakeStore } from "./engine-bench.ts";

/** A window over a store, and what it let into memory. */
class Setting {
  readonly store = new FakeStore();
  readonly window: Window;
  readonly held: number[] = [];
  readonly #bench = new EngineBench();

  constructor(limits: { deliveries: number; bytes: number }) {
    this.window = new Window(limits);
    this.load();
  }

  fill(count: number, body = "x"): Delivery[] {
    return Array.from({ length: count }, () => this.store.store(this.#bench.make(["a"], { body })[0]!));
  }

  admit(deliveries: readonly Delivery[]): boolean[] {
    return deliveries.map(({ row, event }) => this.window.admit(row!, event.body.length));
  }

  load(): void {
    this.window.load("a", this.store, ({ row }) => this.held.push(row!));
  }

  settle(...rows: number[]): void {
    for (const row of rows) {
      const { body } = this.store.rows.get(row)!.event;
      this.window.settle(row, body.length);
      this.store.rows.delete(row);
    }
  }
}

describe("a window", () => {
  test("lets new deliveries in until it is full, and loads the rest once half of it is done with", () => {
    const setting = new Setting({ deliveries: 4, bytes: 1_000 });
    expect(setting.admit(setting.fill(6))).toEqual([true, true, true, true, false, false]);
    expect(setting.window.isBehind).toBe(true);
    setting.settle(1);
    setting.load();
    expect(setting.held).toEqual([]);
    // What comes now is behind what has not been loaded yet.
    expect(setting.admit(setting.fill(1))).toEqual([false]);
    setting.settle(2);
    setting.load();
    expect([setting.held, setting.window.isBehind, setting.window.size]).toEqual([[5, 6], true, 4]);
    setting.settle(3, 4);
    setting.load();
    expect([setting.held, setting.window.isBehind]).toEqual([[5, 6, 7], false]);
    expect(setting.admit(setting.fill(1))).toEqual([true]);
  });

  test("lets nothing in that loading has found already", () => {
    const setting = new Setting({ deliveries: 2, bytes: 1_000 });
    setting.admit(setting.fill(3));
    setting.settle(1, 2);
    const [late] = setting.fill(1);
    setting.load();
    expect(setting.held).toEqual([3, 4]);
    setting.settle(3, 4);
    setting.load();
    expect([setting.window.isBehind, setting.admit([late!])]).toEqual([false, [false]]);
  });

  test("counts bytes too, and lets at least one in however large", () => {
    const setting = new Setting({ deliveries: 100, bytes: 10 });
    expect(setting.admit(setting.fill(3, "x".repeat(30)))).toEqual([true, false, false]);
    setting.settle(1);
    setting.load();
    expect(setting.held).toEqual([2]);
  });

  test("asked to look over everything, finds what others wrote and nothing twice, even what the store still shows", () => {
    const setting = new Setting({ deliveries: 4, bytes: 1_000 });
    const [first, other, second, third] = setting.fill(4);
    setting.admit([first!, second!, third!]);
    setting.window.rewind();
    // Settled, but not written down yet.
    setting.window.settle(1, 1);
    setting.window.settle(4, 1);
    setting.load();
    expect([setting.held, setting.window.isBehind, other!.row]).toEqual([[2], false, 2]);
  });

  test("what was left to the store is found there again", () => {
    const setting = new Setting({ deliveries: 4, bytes: 1_000 });
    setting.admit(setting.fill(3));
    setting.window.rewind();
    for (const row of [1, 2, 3]) setting.window.forget(row, 1);
    setting.load();
    expect(setting.held).toEqual([1, 2, 3]);
  });
});
