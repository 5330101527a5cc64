import type { LogFields, LogLevel } from "../base/log.ts";

/** A log line before it is written. */
export interface EventLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A line of these parts. */
export const line = (level: LogLevel, message: string, fields: LogFields): EventLine => ({
  level,
  message,
  fields,
});

/** Milliseconds in seconds with three decimals. */
export const seconds = (ms: number): number => Math.round(ms) / 1000;
