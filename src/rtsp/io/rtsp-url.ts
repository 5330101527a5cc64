import { ConfigError } from "../../base/errors.ts";

/** A stream of another RTSP server. */
export interface RtspUrl {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** The URL as requests name it: without user and password. A secret all the same, where the query holds one. */
  readonly text: string;
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

const accepted = "expected rtsp[s]://[USER:PASSWORD@]HOST[:PORT]/PATH";

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const loginOf = (text: string | undefined): RtspUrl["login"] => {
  if (text === undefined) return undefined;
  const at = text.indexOf(":");
  const [user, password] = at < 0 ? [text, ""] : [text.substring(0, at), text.substring(at + 1)];
  return { user: decode(user), password: decode(password) };
};

/** A URL fit for a log: user, password and query become `***`. */
export const redactRtspUrl = (text: string): string =>
  text.replace(/^([a-z+]+:\/\/)[^/?#]*@/i, "$1***@").replace(/\?.*$/s, "?***");

/**
 * Reads the URL of a stream. Ports are 554, and 322 with TLS, unless given.
 * @throws ConfigError, without secrets, for another scheme, a missing host or a port that is none
 */
export const parseRtspUrl = (url: string): RtspUrl => {
  const shown = redactRtspUrl(url);
  const match = /^(rtsps?):\/\/(?:([^/?#]*)@)?(?:\[([^\]/]+)\]|([^:/?#]*))(?::(\d+))?([/?][^#]*)?$/is.exec(
    url,
  );
  if (!match) throw new ConfigError(`${shown} is no RTSP URL, ${accepted}`);
  const [, scheme = "", user, bracketed, plain, portText, rest = "/"] = match;
  const host = bracketed ?? plain ?? "";
  if (host === "") throw new ConfigError(`${shown} has no host, ${accepted}`);
  const isTls = scheme.toLowerCase() === "rtsps";
  const port = portText === undefined ? (isTls ? 322 : 554) : Number(portText);
  if (port < 1 || port > 65_535) throw new ConfigError(`${shown} has port ${portText}, expected 1 to 65535`);
  const authority = `${bracketed === undefined ? host : `[${host}]`}${portText === undefined ? "" : `:${port}`}`;
  const text = `${scheme.toLowerCase()}://${authority}${rest}`;
  return { host, port, isTls, text, login: loginOf(user) };
};
