import { messageOf } from "../base/errors.ts";
import type { Admission } from "./admission.ts";

/** Denials are held back as long as they say, so that guessing is slow; in milliseconds. */
export const delayOf = (admission: Admission): number => (admission.isAllowed ? 0 : admission.delayMs);

/** A decision that failed is no clear yes. */
export const denialFor = (error: unknown): Admission => ({
  isAllowed: false,
  reason: "unavailable",
  message: messageOf(error),
  delayMs: 0,
});
