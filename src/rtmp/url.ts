import { ConfigError } from "../base/errors.ts";
import { hideStreamKey } from "../base/hide-secrets.ts";

/** Where an RTMP client connects to, and what it asks for there. */
export interface RtmpUrl {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Application; empty where the URL has no path. */
  readonly app: string;
  /** Stream name, query included; empty where the URL names only an application. */
  readonly name: string;
}

const accepted = "expected rtmp[s]://HOST[:PORT]/APP[/NAME]";

/**
 * Reads an RTMP URL. The first path segment is the application, the rest the stream name.
 * @throws ConfigError for another scheme, a missing host or application, or credentials in front of the host
 */
export const parseRtmpUrl = (text: string): RtmpUrl => {
  const match = /^(rtmps?):\/\/(\[[^\]/]+\]|[^/:?#]*)(?::([^/?#]*))?(?:\/([^/?#]*)(?:\/(.*))?)?$/s.exec(text);
  const shown = JSON.stringify(redactRtmpUrl(text));
  if (!match) throw new ConfigError(`${shown} is no RTMP URL, ${accepted}`);
  const [, scheme, host = "", portText, app = "", name = ""] = match;
  if (host.includes("@") || portText?.includes("@")) {
    throw new ConfigError(
      `${shown} has a user and password in front of the host, ${accepted}; put credentials into the query of NAME`,
    );
  }
  if (host === "") throw new ConfigError(`${shown} has no host, ${accepted}`);
  if (app === "") throw new ConfigError(`${shown} has no application, ${accepted}`);
  const isTls = scheme === "rtmps";
  const port = portText === undefined ? (isTls ? 443 : 1935) : Number(portText);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new ConfigError(
      `${shown} has ${text.includes("@") ? "another port" : `port ${portText}`}, expected 1 to 65535`,
    );
  return { host: host.replace(/^\[|\]$/g, ""), port, isTls, app, name };
};

/** The URL of the application alone, as a connect command wants it. */
export const tcUrlOf = ({ host, port, isTls, app }: RtmpUrl): string => {
  const hostText = host.includes(":") ? `[${host}]` : host;
  const isDefault = port === (isTls ? 443 : 1935);
  return `${isTls ? "rtmps" : "rtmp"}://${hostText}${isDefault ? "" : `:${port}`}/${app}`;
};

/** A URL fit for a log: {@link hideStreamKey}, without a word of credentials. What is no URL loses its query at least. */
export const redactRtmpUrl = (text: string): string =>
  /^[a-z]+:\/\//i.test(text)
    ? hideStreamKey(text).replace(/^([a-z]+:\/\/)\*\*\*@/i, "$1")
    : text.replace(/\?.*$/s, "?***");

/** Shorter names are no keys, and would be found in the middle of words. */
const minKeyLength = 4;

/** A text of the other side without the stream name of `url`, which is a key at most services. */
export const redactStreamName = (text: string, url: RtmpUrl): string => {
  const bare = url.name.replace(/\?.*$/s, "");
  const names = [url.name, bare, decodeURIComponentSafely(bare)].filter(
    (name) => name.length >= minKeyLength,
  );
  return names.reduce((shown, name) => shown.replaceAll(name, "***"), text);
};

const decodeURIComponentSafely = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
