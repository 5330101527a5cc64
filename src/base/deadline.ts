import { TransportError } from "./errors.ts";
import type { Clock } from "./time.ts";

/**
 * What `pending` gives, if it does so within `ms` milliseconds. What comes later, a failure too, is dropped.
 * @throws TransportError TIMEOUT, and whatever `pending` rejects with
 */
export const withDeadline = <Value>(
  pending: Value | Promise<Value>,
  { clock, ms, what }: { clock: Clock; ms: number; what: string },
): Promise<Value> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () =>
      reject(new TransportError("TIMEOUT", `${what}: no answer within ${ms} ms`)),
    );
    Promise.resolve(pending).then(resolve, reject).finally(cancel);
  });
