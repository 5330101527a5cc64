/**
 * Asks again and again, every 50 ms, until `isEnough` of what `ask` gives, and gives that.
 * @throws Error with the last answer when it takes longer than `withinMs` milliseconds
 */
export const until = async <Value>(
  ask: () => Value | Promise<Value>,
  isEnough: (value: Value) => boolean,
  withinMs = 15_000,
): Promise<Value> => {
  const start = performance.now();
  for (;;) {
    const value = await ask();
    if (isEnough(value)) return value;
    if (performance.now() - start > withinMs)
      throw new Error(`not within ${withinMs} ms; at last ${JSON.stringify(value)}`);
    await Bun.sleep(50);
  }
};
