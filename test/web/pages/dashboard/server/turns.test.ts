import { expect, test } from "bun:test";
import { Turns } from "../../../../../src/web/pages/dashboard/server/turns.ts";

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("only so many things are done at once, the others in their order", async () => {
  const turns = new Turns(2);
  const { signal } = new AbortController();
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const jobs = [0, 1, 2, 3].map((number) =>
    turns.take(signal, () => {
      begun.push(number);
      return new Promise<number>((resolve) => ends.push(() => resolve(number)));
    }),
  );
  await settle();
  expect(begun).toEqual([0, 1]);
  ends[1]?.();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  for (let round = 0; round < 4; round++) {
    for (const end of ends) end();
    await settle();
  }
  expect(await Promise.all(jobs)).toEqual([0, 1, 2, 3]);
});

test("what fails or is aborted leaves its place to the next", async () => {
  const turns = new Turns(1);
  const end = new AbortController();
  const results = Promise.allSettled([
    turns.take(new AbortController().signal, () => Promise.reject(new Error("no"))),
    turns.take(end.signal, () => Promise.resolve("done though nobody wants it")),
    turns.take(new AbortController().signal, () => Promise.resolve("done")),
  ]);
  end.abort(new Error("gone"));
  expect(
    (await results).map((result) => (result.status === "fulfilled" ? result.value : String(result.reason))),
  ).toEqual(["Error: no", "Error: gone", "done"]);
});
