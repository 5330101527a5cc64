import type { Credentials } from "../../credentials.ts";

/** UTF-8 in base64, as Basic authentication wants it. */
const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** The header that shows who somebody is. */
export const authorizationOf = (who: Credentials): string =>
  "token" in who ? `Bearer ${who.token}` : `Basic ${base64(`${who.user}:${who.password}`)}`;

/** A query that shows the same beside what it says already: for players of browsers, which send no header. */
export const searchWith = (search: string, who: Credentials): string => {
  const query = new URLSearchParams(search);
  const shown = "token" in who ? { token: who.token } : { user: who.user, pass: who.password };
  for (const [key, value] of Object.entries(shown)) query.set(key, value);
  return `?${query}`;
};
