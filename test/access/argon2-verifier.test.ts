import { describe, expect, test } from "bun:test";
import { Argon2Verifier } from "../../src/access/argon2-verifier.ts";
import { TransportError } from "../../src/base/errors.ts";

/** A verifier whose work ends when the test says so; right is what is twice the same. */
const open = () => {
  const works: { text: string; end: () => void }[] = [];
  const verifier = new Argon2Verifier((text, digest) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    works.push({ text, end: () => resolve(text === digest) });
    return promise;
  });
  return { verifier, works };
};

describe("the verifier", () => {
  test("does one work for a thousand who show the same at once, and none for those after them", async () => {
    const { verifier, works } = open();
    const answers = Array.from({ length: 1_000 }, () => verifier.verify("x", "x"));
    expect(works.length).toBe(1);
    works[0]?.end();
    expect(new Set(await Promise.all(answers))).toEqual(new Set([true]));
    expect(verifier.verify("x", "x")).toBe(true);
    expect(works.length).toBe(1);
  });

  test("remembers what is wrong, too", async () => {
    const { verifier, works } = open();
    const answer = verifier.verify("wrong", "x");
    works[0]?.end();
    expect(await answer).toBe(false);
    expect(verifier.verify("wrong", "x")).toBe(false);
    expect(verifier.verify("", "x")).toBeInstanceOf(Promise);
    expect(works.length).toBe(1);
  });

  test("keeps what is right while somebody guesses", async () => {
    const verifier = new Argon2Verifier(async (text, digest) => text === digest);
    await verifier.verify("x", "x");
    for (let guess = 0; guess < 5_000; guess++) await verifier.verify(`guess ${guess}`, "x");
    expect(verifier.verify("x", "x")).toBe(true);
    expect(verifier.verify("guess 0", "x")).toBeInstanceOf(Promise);
  });

  test("works on two at once, and sends away who would wait behind too many", async () => {
    const { verifier, works } = open();
    const answers = Array.from({ length: 67 }, async (_, index) => {
      try {
        return await verifier.verify(`${index}`, "x");
      } catch (error) {
        return error instanceof TransportError ? error.code : error;
      }
    });
    expect(works.length).toBe(2);
    expect(await answers[66]).toBe("OVERFLOW");
    works[0]?.end();
    await answers[0];
    await Promise.resolve();
    expect(works.map(({ text }) => text)).toEqual(["0", "1", "2"]);
  });

  test("tries again what could not be verified", async () => {
    let runs = 0;
    const verifier = new Argon2Verifier(async () => {
      if (runs++ === 0) throw new Error("no memory");
      return true;
    });
    await expect(Promise.resolve(verifier.verify("x", "x"))).rejects.toThrow("no memory");
    expect(await verifier.verify("x", "x")).toBe(true);
  });
});
