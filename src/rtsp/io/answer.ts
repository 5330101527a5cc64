import type { HeaderField } from "../headers.ts";

/** An answer to a request; what every answer has stands not in it. */
export interface Answer {
  readonly status: number;
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
}
