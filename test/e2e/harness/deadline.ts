/**
 * What `promise` gives, if it comes in time.
 * @throws Error naming `what` when it takes longer than `withinMs` milliseconds
 */
export const within = async <Value>(
  promise: Promise<Value>,
  { withinMs, what }: { withinMs: number; what: string },
): Promise<Value> => {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};
