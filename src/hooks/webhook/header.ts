import { ConfigError } from "../../base/errors.ts";

/** A header of a request. */
export type Header = readonly [name: string, value: string];

/** What frames the request, and what each connection decides for itself. */
const ofConnection = [
  ...["host", "content-length", "connection", "transfer-encoding", "keep-alive", "upgrade", "te", "trailer"],
  ...["expect", "proxy-authorization", "proxy-connection"],
];

/**
 * Accepts a header that an operator adds to requests. Its value is in no error: it may be a secret.
 * @throws ConfigError for a name that HTTP does not know or that is the server's own, and for a value that would break its line
 */
export const checkHeader = ([name, value]: Header): void => {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
    throw new ConfigError(`${JSON.stringify(name)} is no header, expected a name such as X-Source`);
  const plain = name.toLowerCase();
  if (ofConnection.includes(plain) || plain.startsWith("webhook-"))
    throw new ConfigError(`header ${name} is set by the server, expected another one`);
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
    throw new ConfigError(`header ${name} has a line break, a control character or one beyond Latin-1`);
};

/** Puts headers together: a name in a later list replaces it in earlier ones; twice in one list, both are sent. */
export const mergeHeaders = (...lists: readonly (readonly Header[])[]): Record<string, string | string[]> => {
  const byName = new Map<string, { name: string; values: string[] }>();
  for (const list of lists) {
    const ofList = Map.groupBy(list, ([name]) => name.toLowerCase());
    for (const [plain, headers] of ofList)
      byName.set(plain, { name: headers[0]?.[0] ?? plain, values: headers.map(([, value]) => value) });
  }
  return Object.fromEntries(
    [...byName.values()].map(({ name, values }) => [name, values.length > 1 ? values : (values[0] ?? "")]),
  );
};
