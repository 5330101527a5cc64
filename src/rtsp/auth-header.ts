/** A scheme with its parameters, as WWW-Authenticate and Authorization have them. RFC 7235 2.1. */
export type AuthHeader = {
  /** In lower case: `basic`, `digest`, `bearer`. */
  readonly scheme: string;
  /** What stands behind the scheme where it is one word: credentials of Basic, a token. */
  readonly token: string;
  /** Names in lower case, values without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
};

/** More parameters than any scheme has. */
const maxParameters = 32;

/** Reads one challenge or the credentials of one scheme; undefined where there is no scheme. Never throws. */
export const parseAuthHeader = (value: string): AuthHeader | undefined => {
  const text = value.trim();
  const space = text.search(/\s/);
  const scheme = (space < 0 ? text : text.substring(0, space)).toLowerCase();
  if (!/^[a-z0-9-]{1,32}$/.test(scheme)) return undefined;
  const rest = space < 0 ? "" : text.substring(space).trim();
  return { scheme, token: /^[^\s,"]+$/.test(rest) ? rest : "", parameters: parseParameters(rest) };
};

/** `name=value, name="value"`: one pass, so that nobody can make it slow. */
const parseParameters = (text: string): Map<string, string> => {
  const parameters = new Map<string, string>();
  let at = 0;
  while (at < text.length && parameters.size < maxParameters) {
    const equals = text.indexOf("=", at);
    if (equals < 0) break;
    const name = text
      .substring(at, equals)
      .replace(/^[\s,]+/, "")
      .trim()
      .toLowerCase();
    at = equals + 1;
    while (text[at] === " " || text[at] === "\t") at += 1;
    const { value, next } = text[at] === '"' ? quotedAt(text, at + 1) : plainAt(text, at);
    if (name !== "" && !parameters.has(name)) parameters.set(name, value);
    at = next;
  }
  return parameters;
};

const quotedAt = (text: string, from: number): { readonly value: string; readonly next: number } => {
  let value = "";
  let at = from;
  for (; at < text.length && text[at] !== '"'; at += 1) {
    if (text[at] === "\\" && at + 1 < text.length) at += 1;
    value += text[at];
  }
  return { value, next: at + 1 };
};

const plainAt = (text: string, from: number): { readonly value: string; readonly next: number } => {
  const comma = text.indexOf(",", from);
  const end = comma < 0 ? text.length : comma;
  return { value: text.substring(from, end).trim(), next: end + 1 };
};

/** A value in quotes, as headers write it. */
export const quoted = (value: string): string =>
  `"${value.replace(/["\\]/g, "\\$&").replace(/[\r\n\0]/g, " ")}"`;
