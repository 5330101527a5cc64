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
