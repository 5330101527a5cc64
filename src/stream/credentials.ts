import type { Credentials } from "./admission.ts";

/** Somebody who showed nothing. */
export const noCredentials: Credentials = { user: "", password: "", token: "" };

/**
 * What a query shows of who somebody is: `user` and `pass`, and `token`, or `jwt` as older clients say. Of a parameter that stands there
 * twice the first counts.
 */
export const credentialsOfQuery = (query: string): Credentials => {
  if (query === "") return noCredentials;
  const parameters = new URLSearchParams(query);
  return {
    user: parameters.get("user") ?? "",
    password: parameters.get("pass") ?? "",
    token: parameters.get("token") ?? parameters.get("jwt") ?? "",
  };
};
