import type { Credentials } from "../stream/admission.ts";
import { noCredentials, tokenOf } from "../stream/credentials.ts";

/**
 * What a header `Authorization` shows: Basic (RFC 7617) gives user and password, Bearer a token. Players that only know Bearer may put
 * `USER:PASSWORD` there: with exactly one colon, which no JSON Web Token has. Everything else shows nothing.
 */
export const credentialsOfHeader = (header: string | null | undefined): Credentials => {
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

/** What a header shows, or else the token of a query: RTSP reads both, in this order. User and password of the query do not count. */
export const credentialsOfHeaderOrToken = (header: string | null | undefined, query: string): Credentials => {
  const shown = credentialsOfHeader(header);
  return shown.token === "" ? { ...shown, token: tokenOf(new URLSearchParams(query)) } : shown;
};
