import type { TokenSource } from "../access/token-access.ts";
import type { RunConfig } from "./run-config.ts";

/** Who knows the tokens of streams, as the `--auth-…` flags say; undefined where nobody is asked. */
export const tokenSourceOf = ({ auth }: RunConfig): TokenSource | undefined => {
  switch (auth.mode) {
    case "none":
      return undefined;
    case "token":
      return { kind: "tokens", tokens: [...auth.tokens] };
    case "file":
      return { kind: "file", file: auth.file };
    case "callback":
      return { kind: "callback", url: auth.url, timeoutMs: auth.timeoutMs };
  }
};
