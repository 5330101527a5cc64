import type { LogFields, Logger, LogLevel } from "../../src/base/log.ts";

/** A logger that keeps what it is told. */
export class KeptLog implements Logger {
  readonly lines: { readonly level: LogLevel; readonly message: string; readonly fields: LogFields }[] = [];

  /** The messages so far, of some levels only if asked. */
  messages(...levels: LogLevel[]): string[] {
    const kept = levels.length === 0 ? this.lines : this.lines.filter(({ level }) => levels.includes(level));
    return kept.map(({ message }) => message);
  }

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }
}
