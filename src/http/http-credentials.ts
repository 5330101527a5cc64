import type { Credentials } from "../stream/admission.ts";
import { noCredentials } from "../stream/credentials.ts";

/** User and password around the first colon. */
const splitPair = (pair: string): Credentials => {
  const at = pair.indexOf(":");
  return at < 0
    ? { ...noCredentials, user: pair }
    : { ...noCredentials, user: pair.substring(0, at), password: pair.substring(at + 1) };
};

/** What an `Authorization` header shows of who somebody is: `Basic`, `Bearer TOKEN`, or `Bearer USER:PASSWORD` with just one colon. */
export const credentialsOfHeader = (authorization: string | null): Credentials => {
  const [, scheme = "", value = ""] = /^(basic|bearer) +(\S.*)$/i.exec(authorization ?? "") ?? [];
  switch (scheme.toLowerCase()) {
    case "basic":
      return splitPair(Buffer.from(value, "base64").toString());
    case "bearer":
      return value.split(":").length === 2 ? splitPair(value) : { ...noCredentials, token: value };
    default:
      return noCredentials;
  }
};
