import type { Attempt } from "../../src/hooks/delivery/hook.ts";
import { bodyOf } from "../../src/hooks/event/envelope.ts";
import type { HookEvent } from "../../src/hooks/event/hook-event.ts";
import { sampleEvent } from "./sample-event.ts";

/** The first attempt to deliver `event`, with what a test wants different. */
export const attemptOf = (
  event: HookEvent = sampleEvent(),
  changes: Partial<Omit<Attempt, "event">> = {},
): Attempt => ({ event, body: bodyOf(event, "full"), number: 1, ...changes });
