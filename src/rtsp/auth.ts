import { type AuthHeader, parseAuthHeader, quoted } from "./auth-header.ts";
import { answerDigest, digestChallenge } from "./digest.ts";

/** A WWW-Authenticate value that asks for user and password. RFC 7617. */
export const basicChallenge = (realm: string): string => `Basic realm=${quoted(realm)}`;

/** User and password of a Basic header; undefined for every other. */
export const basicCredentials = ({
  scheme,
  token,
}: AuthHeader): { readonly user: string; readonly password: string } | undefined => {
  if (scheme !== "basic") return undefined;
  const text = Buffer.from(token, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.substring(0, colon), password: text.substring(colon + 1) };
};

/**
 * The WWW-Authenticate values of a 401, one header each. MD5 stands last: FFmpeg and live555 go by the last one they are given, and know no
 * other hash.
 */
export const challenges = (offer: {
  readonly methods: readonly ("basic" | "digest")[];
  readonly realm: string;
  readonly nonce: string;
  readonly isStale?: boolean;
}): string[] => {
  const { methods, realm, nonce, isStale = false } = offer;
  const digest = (algorithm: "MD5" | "SHA-256"): string =>
    digestChallenge({ realm, nonce, algorithm, isStale });
  return [
    ...(methods.includes("basic") ? [basicChallenge(realm)] : []),
    ...(methods.includes("digest") ? [digest("SHA-256"), digest("MD5")] : []),
  ];
};

/**
 * The Authorization value that answers the challenges of a server: a digest where one is asked for that we know, else Basic; undefined where
 * neither is. `cnonce` is random text.
 */
export const answerChallenges = (
  values: readonly string[],
  request: {
    readonly user: string;
    readonly password: string;
    readonly method: string;
    readonly url: string;
    readonly cnonce: string;
  },
): string | undefined => {
  const offers = values.flatMap((value) => parseAuthHeader(value) ?? []);
  for (const offer of offers) {
    const answer = offer.scheme === "digest" ? answerDigest(offer, request) : undefined;
    if (answer !== undefined) return answer;
  }
  if (!offers.some(({ scheme }) => scheme === "basic")) return undefined;
  return `Basic ${Buffer.from(`${request.user}:${request.password}`).toString("base64")}`;
};
