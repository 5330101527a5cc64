import type { Clock } from "../base/time.ts";

/** So much is read as fast as it comes. */
const freeBytes = 64 * 1024;

/**
 * Rest after each piece once a program has written more. One that never stops writing took the whole of the event loop's thread
 * (measured); so it takes 4 % of it and waits for us, at some megabytes a second.
 */
const pauseMs = 10;

/**
 * Reads what a program writes to the end, whatever happens: a program that stays behind in the background must never wait for a
 * full pipe, nor die of a closed one. Each piece goes to `take`, which may keep it and must not throw. Resolves after everybody
 * who could write has closed the stream. Never rejects.
 */
export const readOutput = async (
  stream: ReadableStream<Uint8Array>,
  { clock, take }: { clock: Clock; take: (piece: Uint8Array) => void },
): Promise<void> => {
  let read = 0;
  try {
    for await (const piece of stream) {
      take(piece);
      read += piece.length;
      if (read > freeBytes) await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
  } catch {
    // A stream that breaks has ended, too.
  }
};
