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
    token: tokenOf(parameters),
  };
};

/** The token of a query that was taken apart; empty where there is none. */
export const tokenOf = (parameters: URLSearchParams): string =>
  parameters.get("token") || (parameters.get("jwt") ?? "");
