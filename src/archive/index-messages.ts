import type { LogFields, LogLevel } from "../base/log.ts";
import type { IndexPort, OwnFile } from "./index-port.ts";

/** What the thread of an index is told and asked. */
export type ToIndex =
  | { readonly kind: "watch"; readonly templates: readonly string[] }
  | { readonly kind: "close" }
  | { readonly kind: "began"; readonly own: OwnFile }
  | { readonly kind: "ended"; readonly own: OwnFile }
  | {
      readonly kind: "ask";
      readonly id: number;
      readonly question: Exclude<keyof IndexPort, "watch" | "began" | "ended">;
      readonly given: unknown;
    };

/** What it has to say. */
export type FromIndex =
  | { readonly kind: "closed" }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: LogFields | undefined;
    };
