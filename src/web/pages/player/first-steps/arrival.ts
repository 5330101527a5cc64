import { useEffect, useState } from "preact/hooks";
import { urlsOf } from "../model/address.ts";
import type { StreamState } from "../model/stream-state.ts";

/** How often is looked, in milliseconds. */
const pollMs = 1_500;

/** Whether a stream is there: unknown until that is told, and not told to those who may not read it. */
export type Arrival =
  | { readonly kind: "unknown" }
  | { readonly kind: "hidden" }
  | { readonly kind: "wrong"; readonly reason: string }
  | { readonly kind: "absent" }
  | { readonly kind: "live"; readonly state: StreamState };

const look = async (name: string): Promise<Arrival> => {
  const answer = await fetch(urlsOf(name, location).state, { cache: "no-store" }).catch(() => undefined);
  if (!answer) return { kind: "unknown" };
  if (answer.status === 401) return { kind: "hidden" };
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok)
    return { kind: "wrong", reason: String((body as { error?: unknown } | undefined)?.error ?? "") };
  const state = body as StreamState;
  return state.isLive ? { kind: "live", state } : { kind: "absent" };
};

/** Looks again and again whether a stream is there. Where that is not told, it is not asked again. */
export const useArrival = (name: string): Arrival => {
  const [arrival, setArrival] = useState<Arrival>({ kind: "unknown" });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let isOver = false;
    const again = async (): Promise<void> => {
      const next = await look(name);
      if (isOver) return;
      setArrival(next);
      if (next.kind !== "hidden" && next.kind !== "wrong") timer = setTimeout(() => void again(), pollMs);
    };
    setArrival({ kind: "unknown" });
    // Not with every letter that is typed.
    timer = setTimeout(() => void again(), 300);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [name]);
  return arrival;
};
