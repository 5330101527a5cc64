import { randomBytes } from "node:crypto";
import { adobeParametersOf, adobeResponse } from "./adobe-login.ts";

/** Who logs in at another server. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What a server that wants a login says when it refuses to connect, as far as we can answer it. */
export type Challenge =
  /** It wants to know who comes. */
  | { readonly kind: "who" }
  /** It wants a proof of the password. */
  | { readonly kind: "proof"; readonly salt: string; readonly challenge: string; readonly opaque: string }
  /** It knows better than to let us in. */
  | { readonly kind: "failed" };

/**
 * Reads the description of a refused connect: the Adobe dialogue, in three connections. Undefined where it is another refusal, or a
 * login of another kind.
 */
export const readChallenge = (description: string): Challenge | undefined => {
  if (!description.includes("authmod=adobe")) return undefined;
  if (description.includes("code=403 need auth")) return { kind: "who" };
  const query = /\?reason=\S*/.exec(description)?.[0];
  if (query === undefined) return undefined;
  const values = adobeParametersOf(query);
  if (values.get("reason") !== "needauth") return { kind: "failed" };
  return {
    kind: "proof",
    salt: values.get("salt") ?? "",
    challenge: values.get("challenge") ?? "",
    opaque: values.get("opaque") ?? "",
  };
};

const nonceBytes = 8;

/**
 * The query that answers a challenge, for the end of the application's name; undefined where nothing more can be said. `nonce` is our own
 * part of the proof.
 */
export const answerTo = (
  challenge: Challenge,
  { user, password }: Login,
  nonce: string = randomBytes(nonceBytes).toString("hex"),
): string | undefined => {
  const who = `authmod=adobe&user=${user}`;
  switch (challenge.kind) {
    case "who":
      return who;
    case "proof": {
      const { salt, opaque } = challenge;
      const known = opaque === "" ? challenge.challenge : opaque;
      const response = adobeResponse({ user, salt, password, opaque: known, clientChallenge: nonce });
      return `${who}&challenge=${nonce}&response=${response}${opaque === "" ? "" : `&opaque=${opaque}`}`;
    }
    case "failed":
      return undefined;
  }
};
