import { checkCredential, checkFingerprint, checkPermissionPath } from "./credential.ts";
import { itemsSetting, networksSetting } from "./list-setting.ts";
import { own, textSetting, type ValuesOf, wordSetting } from "./setting.ts";
import { readUrl } from "./url.ts";

/** What can be permitted. */
export const permissionActions = ["publish", "read", "playback", "api", "metrics", "pprof"] as const;

const permissionSettings = {
  action: wordSetting("what is permitted", "publish", permissionActions),
  path: textSetting("on which path: a name, `~` and a regular expression, or nothing for all", "", {
    check: checkPermissionPath,
  }),
};

/** One thing that is permitted. */
export type Permission = ValuesOf<typeof permissionSettings>;

const permissions = (doc: string, fallback: readonly Permission[] = []) =>
  itemsSetting(doc, fallback, { type: "permissions {action, path}", settings: permissionSettings });

const credential = (doc: string) =>
  textSetting(doc, "", {
    type: "plain text, `sha256:…` or `argon2:…`",
    check: checkCredential,
    secret: "all",
  });

const userSettings = {
  user: { ...credential("name, or `any` for everybody"), write: (user: string) => user },
  pass: credential("password; empty for any"),
  ips: networksSetting("where the user may come from; empty for anywhere"),
  permissions: permissions("what the user may do"),
};

/** Somebody who may do something. */
export type InternalUser = ValuesOf<typeof userSettings>;

const may = (...words: readonly Permission["action"][]): readonly Permission[] =>
  words.map((action) => ({ action, path: "" }));

/** Everybody may stream; the administration is for this machine. */
export const defaultUsers: readonly InternalUser[] = [
  { user: "any", pass: "", ips: [], permissions: may("publish", "read", "playback") },
  {
    user: "any",
    pass: "",
    ips: ["127.0.0.1/32", "::1/128"],
    permissions: may("api", "metrics", "pprof"),
  },
];

const httpUrl = (text: string): void => void readUrl(text, ["http", "https"]);

const fingerprint = (what: string) =>
  textSetting(`SHA-256 of the certificate of ${what}, in hexadecimal; empty for the usual check`, "", {
    type: "fingerprint",
    check: checkFingerprint,
  });

/** Who may do what. */
export const authSettings = {
  authMethod: wordSetting("who decides who may do what", "internal", ["internal", "http", "jwt"]),
  authInternalUsers: itemsSetting("users of the internal method; the first that fits decides", defaultUsers, {
    type: "users {user, pass, ips, permissions}",
    settings: userSettings,
  }),
  authHTTPAddress: textSetting("URL that is asked by the http method", "", {
    type: "URL",
    check: httpUrl,
    secret: "url",
  }),
  authHTTPFingerprint: fingerprint("authHTTPAddress"),
  authHTTPForm: own(
    wordSetting("how authHTTPAddress is asked, and what its answers mean", "mediamtx", [
      "mediamtx",
      "srs",
      "nginx-rtmp",
      "native",
    ]),
  ),
  authHTTPExclude: permissions("what is permitted without asking"),
  authJWTJWKS: textSetting("URL of the key set of the jwt method", "", {
    type: "URL",
    check: httpUrl,
    secret: "url",
  }),
  authJWTJWKSFingerprint: fingerprint("authJWTJWKS"),
  authJWTClaimKey: textSetting("claim that holds the permissions", "mediamtx_permissions"),
  authJWTExclude: permissions("what is permitted without a token"),
  authJWTIssuer: textSetting("who has to have issued a token; empty for anybody"),
  authJWTAudience: textSetting("whom a token has to be for; empty for anybody"),
};
