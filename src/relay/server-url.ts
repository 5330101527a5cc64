import { ConfigError } from "../base/errors.ts";
import { groupVariables } from "../base/stream-path.ts";
import type { Login } from "../rtmp/adobe-answer.ts";
import { type RtmpUrl, redactRtmpUrl } from "../rtmp/url.ts";

/** A stream of another server, as the configuration of a path names it. */
export interface ServerUrl {
  readonly url: RtmpUrl;
  readonly login: Login | undefined;
}

/** What variables of a URL stand for, by their names without the `$`. */
export type Variables = Readonly<Record<string, string>>;

const accepted = "expected rtmp[s]://[USER:PASSWORD@]HOST[:PORT]/PATH[#STREAM_KEY]";

/** What may come into the host and port of a URL: clients choose names, and must not choose whom we talk to. */
const hostPart = /^[\w.:-]*$/;

/** Long names come first, so that `$G1` does not take the beginning of `$G12`. */
const inOrder = (variables: Variables): readonly [string, string][] =>
  Object.entries(variables).sort(([a], [b]) => b.length - a.length);

const replaceAll = (text: string, variables: readonly [string, string][]): string => {
  // In one pass: what a client named is never looked into for variables again.
  if (variables.length === 0) return text;
  const names = new RegExp(`\\$(${variables.map(([name]) => name).join("|")})`, "g");
  const values = new Map(variables);
  return text.replace(names, (_, name: string) => values.get(name) ?? "");
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const loginOf = (text: string | undefined): Login | undefined => {
  if (text === undefined) return undefined;
  const at = text.indexOf(":");
  const [user, password] = at < 0 ? [text, ""] : [text.substring(0, at), text.substring(at + 1)];
  return { user: decode(user), password: decode(password) };
};

/**
 * Reads `rtmp[s]://[user:password@]host[:port]/path[#streamKey]` with variables such as `$MTX_PATH` and `$G1` put in. Ports are 1935, and
 * 1936 with TLS (or `rtmpsPort`), unless given. With a stream key all of the path is the application, else its first segment is.
 * @throws ConfigError, without secrets, for another scheme, a missing host or path, or a variable that does not fit into a host
 */
export const parseServerUrl = (
  template: string,
  variables: Variables = {},
  { rtmpsPort = 1936 }: { rtmpsPort?: number } = {},
): ServerUrl => {
  const shown = redactRtmpUrl(template);
  const match = /^(rtmps?):\/\/(?:([^/?#]*)@)?([^/?#]*)(\/[^#]*)?(?:#(.*))?$/s.exec(template);
  if (!match) throw new ConfigError(`${shown} is no RTMP URL, ${accepted}`);
  const [, scheme, user, hostText = "", pathText = "", keyText] = match;
  const known = inOrder(variables);
  const authority = hostWith(template, hostText, variables);
  const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(authority) ?? [];
  const host = bracketed ?? plain ?? "";
  if (host === "") throw new ConfigError(`${shown} has no host, ${accepted}`);
  const isTls = scheme === "rtmps";
  const port = portText === undefined ? (isTls ? rtmpsPort : 1935) : Number(portText);
  if (port < 1 || port > 65_535) throw new ConfigError(`${shown} has port ${portText}, expected 1 to 65535`);
  const path = replaceAll(pathText, known).replace(/^\/+/, "");
  const key = keyText === undefined ? undefined : replaceAll(keyText, known);
  const names = key === undefined ? cut(path) : { app: path, name: key };
  if (names.app === "") throw new ConfigError(`${shown} has no path, ${accepted}`);
  return { url: { host, port, isTls, ...names }, login: loginOf(user) };
};

/**
 * A URL with variables put in, for what reads it by itself. A client chooses what they stand for, so none may come in front of the path.
 * @throws ConfigError, without secrets, for a variable that does not fit into a host
 */
export const withVariables = (template: string, variables: Variables): string => {
  const match = /^([a-z+]+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s.exec(template);
  const [, head = "", authority = "", rest = template] = match ?? [];
  return head + hostWith(template, authority, variables) + replaceAll(rest, inOrder(variables));
};

/** The host and port of a URL with variables put in. @throws ConfigError */
const hostWith = (template: string, hostText: string, variables: Variables): string =>
  replaceAll(
    hostText,
    inOrder(variables).map(([name, value]) => {
      if (hostText.includes(`$${name}`) && !hostPart.test(value))
        throw new ConfigError(`${redactRtmpUrl(template)} would get a host with characters that no host has`);
      return [name, value];
    }),
  );

/** Application and name of a path; a query belongs to the last of them there is. */
const cut = (path: string): { app: string; name: string } => {
  const query = path.indexOf("?");
  const slash = path.indexOf("/");
  if (slash < 0 || (query >= 0 && query < slash)) return { app: path, name: "" };
  return { app: path.substring(0, slash), name: path.substring(slash + 1) };
};

/** What ends a name, or begins a query or a stream key, in a URL. */
export const encodeName = (name: string): string => name.replace(/[%?#]/g, encodeURIComponent);

/** See {@link groupVariables}; the values may stand in a URL. */
export const encodedGroupVariables = (groups: readonly string[]): Variables =>
  groupVariables(groups.map(encodeName));

/** A reader's query as it may stand in a URL: what would end it there is encoded, all else stays. */
export const encodeQuery = (query: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  query.replace(/[#\u0000-\u0020\u007f]/g, encodeURIComponent);
