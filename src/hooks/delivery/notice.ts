/** Something about a hook that its operator wants to hear of: it keeps failing, works again, or says that it is gone for good. */
export interface DeliveryNotice {
  readonly kind: "hookFailing" | "hookRecovered" | "hookDisabled";
  readonly hookId: string;
  /** In plain words, without secrets. */
  readonly reason: string;
  /** Failures in a row. */
  readonly failures: number;
}
