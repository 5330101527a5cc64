import { ConfigError } from "../base/errors.ts";
import { appOf, nameOf, type StreamPath } from "../base/stream-path.ts";
import type { Login } from "../rtmp/adobe-answer.ts";
import { parseRtmpUrl, type RtmpUrl, redactRtmpUrl } from "../rtmp/url.ts";
import type { ForwardConf } from "./path-conf.ts";
import { encodedGroupVariables, encodeName, parseServerUrl } from "./server-url.ts";

const placeholders = ["app", "name", "stream_key"] as const;

/** Where published streams are pushed to: a URL with placeholders for what they are called here. */
export interface PushTarget {
  /** For logs and the API: no credentials, no stream key. */
  readonly label: string;
  /** The URL that a stream goes to. */
  urlFor(path: StreamPath): RtmpUrl;
  /** Who we are, for a server that asks. */
  readonly login?: Login | undefined;
  /** SHA-256 of its certificate; empty or undefined for one that can be verified. */
  readonly fingerprint?: string | undefined;
}

/**
 * Reads `rtmp[s]://host/app[/name]`, where `{app}`, `{name}` and `{stream_key}` stand for parts of the stream's path: its first
 * segment, the rest, and the whole. Without a name the stream keeps its own.
 * @throws ConfigError for what is no such URL, or has an unknown placeholder
 */
export const parsePushTarget = (template: string): PushTarget => {
  for (const [text, name = ""] of template.matchAll(/\{([^}]*)\}/g)) {
    if (!placeholders.some((known) => known === name)) {
      throw new ConfigError(
        `${redactRtmpUrl(template)} has the placeholder ${text}, expected {app}, {name} or {stream_key}`,
      );
    }
  }
  // Publishers choose names; they must not choose whom we dial.
  if (/^[a-z]+:\/\/[^/]*\{/i.test(template)) {
    throw new ConfigError(
      `${redactRtmpUrl(template)} has a placeholder in its host, expected placeholders in APP and NAME only`,
    );
  }
  const expand = (path: StreamPath): RtmpUrl => {
    const name = encodeName(nameOf(path) || path);
    const values: Readonly<Record<string, string>> = {
      app: encodeName(appOf(path)),
      name,
      stream_key: encodeName(path),
    };
    const url = parseRtmpUrl(template.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? ""));
    return url.name === "" ? { ...url, name } : url;
  };
  expand("app/name" as StreamPath);
  return { label: redactRtmpUrl(template), urlFor: expand };
};

/**
 * Reads a destination of a path, `rtmp[s]://[user:password@]host[:port]/path[#streamKey]`, for one stream: `$MTX_PATH` is its path, `$G1`
 * and so on what the groups of the path's regular expression took.
 * @throws ConfigError for what is no such URL, or gets a host that is none
 */
export const parseForwardTarget = (
  { dest, destFingerprint }: Pick<ForwardConf, "dest" | "destFingerprint">,
  { path, groups }: { path: string; groups: readonly string[] },
): PushTarget => {
  const variables = { ...encodedGroupVariables(groups), MTX_PATH: encodeName(path) };
  const { url, login } = parseServerUrl(dest, variables);
  return { label: redactRtmpUrl(dest), urlFor: () => url, login, fingerprint: destFingerprint };
};
