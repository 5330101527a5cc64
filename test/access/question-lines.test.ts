import { describe, expect, test } from "bun:test";
import { allow, refuse } from "../../src/access/answer.ts";
import { QuestionLines } from "../../src/access/question-lines.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { FakeClock } from "../base/fake-clock.ts";

const open = () => {
  const clock = new FakeClock();
  const state = { shared: 0 };
  const lines = new QuestionLines({ clock, shared: () => void state.shared++ });
  const asked: { name: string; answer: (admission: Admission) => void }[] = [];
  const put = (name: string, client = "a"): Promise<Admission> =>
    lines.answer({
      name,
      client,
      ask: () => {
        const { promise, resolve } = Promise.withResolvers<Admission>();
        asked.push({ name, answer: resolve });
        return promise;
      },
    });
  const putMany = (count: number, client = "a"): Promise<Admission>[] =>
    Array.from({ length: count }, (_, index) => put(`${client}${index}`, client));
  return { clock, lines, state, asked, put, putMany };
};

describe("questions", () => {
  test("of one client are asked a few at once and in order, those of others meanwhile", async () => {
    const { lines, asked, put, putMany } = open();
    const all = [...putMany(20), put("other", "b")];
    const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index}`);
    expect(asked.map(({ name }) => name)).toEqual([...names(16), "other"]);
    asked[3]?.answer(allow("x"));
    await all[3];
    expect(asked.map(({ name }) => name)).toEqual([...names(16), "other", "a16"]);
    for (let index = 0; index < asked.length; index++) {
      asked[index]?.answer(allow("x"));
      await Bun.sleep(0);
    }
    expect(new Set((await Promise.all(all)).map(({ isAllowed }) => isAllowed))).toEqual(new Set([true]));
    expect(lines.clients).toBe(0);
  });

  test("that are the same are asked once while they are asked, and need one place", async () => {
    const { state, asked, put } = open();
    const all = Array.from({ length: 2_000 }, () => put("same"));
    expect([asked.length, state.shared]).toEqual([1, 1_999]);
    asked[0]?.answer(allow("anna"));
    expect(new Set(await Promise.all(all)).size).toBe(1);
    void put("same");
    expect(asked.length).toBe(2);
  });

  test("are not shared any more once it starts anew", async () => {
    const { lines, asked, put } = open();
    const old = put("same");
    lines.startAnew();
    const next = put("same");
    asked[0]?.answer(allow("old"));
    expect(await old).toEqual(allow("old"));
    expect(put("same")).toBe(next);
    asked[1]?.answer(allow("new"));
    expect([asked.length, await next]).toEqual([2, allow("new")]);
  });

  test("that wait too long are answered in time, and never asked", async () => {
    const { clock, lines, asked, putMany } = open();
    const all = putMany(18);
    clock.advance(2_000);
    const late = await Promise.all(all.slice(16));
    expect(late).toEqual([
      refuse("unavailable", "too many questions of this address: it was nobody's turn in time"),
      refuse("unavailable", "too many questions of this address: it was nobody's turn in time"),
    ]);
    clock.advance(900);
    expect((await Promise.all(all)).map(({ isAllowed }) => isAllowed)).toEqual(new Array(18).fill(false));
    for (const { answer } of asked) answer(allow("late"));
    await Bun.sleep(0);
    expect([asked.length, lines.clients, clock.timers]).toEqual([16, 0, 0]);
  });

  test("beyond a thousand that wait are refused", async () => {
    const { putMany } = open();
    expect(await putMany(1_017).at(-1)).toMatchObject({ isAllowed: false, reason: "unavailable" });
  });

  test("whose asking fails fail", async () => {
    const { lines } = open();
    const ask = (): Admission => {
      throw new TypeError("bug");
    };
    expect(lines.answer({ name: "x", client: "a", ask })).rejects.toThrow("bug");
    await Bun.sleep(0);
    expect(lines.clients).toBe(0);
  });
});
