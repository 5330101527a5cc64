import type { OutgoingEvent } from "../../src/hooks/delivery/delivery.ts";
import { sampleEvent } from "./sample-event.ts";

/** An event on its way to the hook `a`, with a body as receivers get it, and what a test wants different. */
export const outgoingEvent = (id: string, changes: Partial<OutgoingEvent> = {}): OutgoingEvent => ({
  id,
  type: "stream_create",
  class: "lifecycle",
  streamKey: "live/a",
  lane: "live/a",
  sessionId: "",
  at: Date.UTC(2026, 0, 1),
  body: JSON.stringify(
    sampleEvent({ id, type: changes.type ?? "stream_create", session_id: changes.sessionId ?? "" }),
  ),
  hooks: ["a"],
  ...changes,
});
