/** An origin of the configuration: exact, or with `*` in front of a part of its host. */
const matches = (entry: string, origin: string): boolean => {
  if (entry === origin) return true;
  const [, scheme = "", suffix = ""] = /^([a-z][a-z0-9+.-]*:\/\/)\*(\..+)$/.exec(entry) ?? [];
  return (
    suffix !== "" &&
    origin.startsWith(scheme) &&
    origin.endsWith(suffix) &&
    /^[^/@:]+$/.test(origin.substring(scheme.length, origin.length - suffix.length))
  );
};

/**
 * Which web pages may use what a server answers: `Access-Control-Allow-Origin` for a request from `origin`; undefined for none. Entries
 * are origins, `https://*.example.com` for all below a host, and `*` for all.
 */
export const allowedOrigin = (entries: readonly string[], origin: string | null): string | undefined => {
  if (origin !== null && entries.some((entry) => entry !== "*" && matches(entry, origin))) return origin;
  return entries.includes("*") ? "*" : undefined;
};

const harmless = ["GET", "HEAD", "OPTIONS"];

/** Names that no stranger can give to a page of its own. */
const isOwnName = (host: string): boolean =>
  /^(?:localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])(?::\d+)?$/i.test(host);

/**
 * The origin of a request that a strange web page has a visitor's browser send, and that would change something; undefined for all
 * others. Browsers send such requests without asking where they look like a form's, and the address of the visitor may be all that a
 * server goes by. `*` lets pages read; those that change something have to be named, or come from this server itself under a name that
 * nobody else can have. Credentials prove nothing here: where everybody may, any will do.
 */
export const foreignOrigin = (request: Request, entries: readonly string[]): string | undefined => {
  const origin = request.headers.get("Origin");
  if (origin === null || harmless.includes(request.method)) return undefined;
  if (entries.some((entry) => entry !== "*" && matches(entry, origin))) return undefined;
  const host = URL.parse(origin)?.host ?? "";
  return isOwnName(host) && host === request.headers.get("Host") ? undefined : origin;
};

/**
 * The origin of a page that may not read what this server answers, as browsers ask of WebSockets whom they let any page open; undefined for a page
 * of this server, one that is allowed, and whoever is no page.
 */
export const strangeReader = (request: Request, entries: readonly string[]): string | undefined => {
  const origin = request.headers.get("Origin");
  if (origin === null || allowedOrigin(entries, origin) !== undefined) return undefined;
  return URL.parse(origin)?.host === request.headers.get("Host") ? undefined : origin;
};
