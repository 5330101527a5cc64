import type { AttemptRecord } from "../delivery/delivery.ts";

/** The last attempts of a delivery that are kept. */
const kept = 5;

/** An attempt as it lies in the store. */
export interface KeptAttempt {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly duration_ms: number;
  readonly status?: number;
  /** Absent where it worked. */
  readonly error?: string;
}

/** Reads what {@link withAttempt} wrote; what is unreadable is nothing. */
export const readHistory = (text: string): KeptAttempt[] => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
};

/** The history with one more attempt, as text. */
export const withAttempt = (text: string, attempt: AttemptRecord | undefined): string => {
  if (!attempt) return text;
  const { at, durationMs, failure } = attempt;
  const entry: KeptAttempt = {
    at,
    duration_ms: Math.round(durationMs),
    ...(failure?.status === undefined ? {} : { status: failure.status }),
    ...(failure ? { error: failure.error } : {}),
  };
  return JSON.stringify([...readHistory(text), entry].slice(-kept));
};
