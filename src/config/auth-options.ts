import { ConfigError } from "../base/errors.ts";
import { parseDuration } from "../base/units.ts";
import { listOption, nonEmpty, type Option, oneOf, optionalOption, positive, valueOption } from "./option.ts";
import { readTokenFile } from "./token-file.ts";

const access = "Access";

/** Who decides about tokens, where that is not the configuration file's `authMethod`. */
const authModes = ["none", "token", "file", "callback"] as const;

/** Reads `KEY=TOKEN`, split at the first `=`. @throws ConfigError that does not repeat the token */
const parseToken = (text: string): readonly [streamKey: string, token: string] => {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1)
    throw new ConfigError("no KEY=TOKEN, expected a stream key and its token such as live/test=…");
  return [text.substring(0, at), text.substring(at + 1)];
};

/** @throws ConfigError that does not repeat the URL, which may hold a password */
const parseCallback = (text: string): string => {
  if (!/^https?:\/\/[^/\s]+/.test(text) || !URL.canParse(text))
    throw new ConfigError("no URL, expected one with http:// or https://");
  return text;
};

/** One token for each stream key, which clients show behind the name of the stream: `name?token=…`. */
export const authOptions = {
  authMode: valueOption(
    {
      flag: "auth-mode",
      group: access,
      help: "who may publish and play by token: none for everybody; token, file or callback",
    },
    { placeholder: "MODE", fallback: "none", parse: oneOf(authModes) },
  ),
  authTokens: listOption(
    {
      flag: "auth-token",
      group: access,
      help: "with mode token: the token of a stream, such as live/test=SECRET; repeatable",
      isSecret: true,
    },
    { placeholder: "KEY=TOKEN", parse: parseToken },
  ),
  authFile: optionalOption(
    {
      flag: "auth-file",
      group: access,
      help: "with mode file: JSON of stream keys and tokens, read again on SIGHUP",
    },
    { placeholder: "FILE", parse: nonEmpty("a file name") },
  ),
  authCallback: optionalOption(
    {
      flag: "auth-callback",
      group: access,
      help: "with mode callback: POST who wants what to this URL; 200 allows it, everything else does not",
      isSecret: true,
    },
    { placeholder: "URL", parse: parseCallback },
  ),
  authCallbackTimeoutMs: valueOption(
    { flag: "auth-callback-timeout", group: access, help: "how long the callback may take" },
    { placeholder: "DURATION", fallback: "5s", parse: positive(parseDuration, "a duration") },
  ),
} as const satisfies Record<string, Option<unknown>>;

/** How clients prove by token what they may do. Tokens and URLs are secrets. */
export type TokenAuth =
  | { readonly mode: "none" }
  | { readonly mode: "token"; readonly tokens: ReadonlyMap<string, string> }
  /** `tokens` are those that the file holds now. */
  | { readonly mode: "file"; readonly file: string; readonly tokens: ReadonlyMap<string, string> }
  | { readonly mode: "callback"; readonly url: string; readonly timeoutMs: number };

/** What flags say about tokens. @throws ConfigError for a mode without what it needs, and for a file of tokens that cannot be used */
export const readTokenAuth = (typed: ReadonlyMap<string, readonly string[]>): TokenAuth => {
  const textsOf = ({ flag }: Option<unknown>): readonly string[] => typed.get(flag) ?? [];
  const mode = authOptions.authMode.parse(textsOf(authOptions.authMode));
  const tokens = authOptions.authTokens.parse(textsOf(authOptions.authTokens));
  const file = authOptions.authFile.parse(textsOf(authOptions.authFile));
  const url = authOptions.authCallback.parse(textsOf(authOptions.authCallback));
  const timeoutMs = authOptions.authCallbackTimeoutMs.parse(textsOf(authOptions.authCallbackTimeoutMs));
  const needs = (flag: string): ConfigError =>
    new ConfigError(`--auth-mode ${mode} needs more, expected ${flag} too`);
  switch (mode) {
    case "none":
      return { mode };
    case "token":
      if (tokens.length === 0) throw needs("at least one --auth-token KEY=TOKEN");
      return { mode, tokens: new Map(tokens) };
    case "file":
      if (file === undefined) throw needs("--auth-file FILE");
      return { mode, file, tokens: readTokenFile(file) };
    case "callback":
      if (url === undefined) throw needs("--auth-callback URL");
      return { mode, url, timeoutMs };
  }
};

/** Which mode each flag is for. */
const uses = { "auth-token": "token", "auth-file": "file", "auth-callback": "callback" } as const;

/** What flags say about tokens without effect: who typed it may think that streams are protected. */
export const idleTokenFlags = (
  typed: ReadonlyMap<string, readonly string[]>,
  { mode }: TokenAuth,
): readonly string[] =>
  Object.entries(uses)
    .filter(([flag, use]) => typed.has(flag) && use !== mode)
    .map(([flag, use]) => `--${flag} has no effect without --auth-mode ${use}`);
