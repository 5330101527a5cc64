import type { Credentials } from "./admission.ts";

/** Nothing was shown. */
export const noCredentials: Credentials = { user: "", password: "", token: "" };

/**
 * What a query (without its question mark) shows of who somebody is: `user` and `pass`, and a token as `token` or, as it was once called,
 * `jwt`. Of a parameter that stands there twice the first counts.
 */
export const credentialsOfQuery = (query: string): Credentials => {
  if (query === "") return noCredentials;
  const parameters = new URLSearchParams(query);
  return {
    user: parameters.get("user") ?? "",
    password: parameters.get("pass") ?? "",
    token: parameters.get("token") || (parameters.get("jwt") ?? ""),
  };
};

/**
 * What a header `Authorization` shows: Basic (RFC 7617) gives user and password, Bearer a token. Players that only know Bearer may put
 * `USER:PASSWORD` there: with exactly one colon, which no JSON Web Token has. Everything else shows nothing.
 */
export const credentialsOfHeader = (header: string | null): Credentials => {
  const [, scheme = "", value = ""] = /^([a-z]+) +(\S+)\s*$/i.exec(header ?? "") ?? [];
  if (/^basic$/i.test(scheme)) return pairOf(Buffer.from(value, "base64").toString("utf8"));
  if (!/^bearer$/i.test(scheme)) return noCredentials;
  return value.split(":").length === 2 ? pairOf(value) : { ...noCredentials, token: value };
};

/** User and password around the first colon. */
const pairOf = (text: string): Credentials => {
  const colon = text.indexOf(":");
  if (colon < 0) return noCredentials;
  return { user: text.substring(0, colon), password: text.substring(colon + 1), token: "" };
};
