import type { InternalUser, Permission } from "./auth-settings.ts";
import { defaultUsers } from "./auth-settings.ts";
import { credentialSettings } from "./deprecated-keys.ts";
import type { Level } from "./level.ts";
import { withDefaults } from "./list-setting.ts";
import { kindOfPath } from "./path-name.ts";

const keys = Object.keys(credentialSettings);

/** The keys of a level that say who may publish and read, in their order. */
export const legacyKeysOf = (level: Level): readonly string[] =>
  keys.filter((key) => Object.hasOwn(level.values, key));

/** The users that paths with such keys stand for: for each path who may publish and who may read; beside them the default users. */
export const usersOfPaths = (paths: ReadonlyMap<string, Level>): readonly InternalUser[] => [
  ...defaultUsers.map((user) => ({
    ...user,
    permissions: user.permissions.filter(({ action }) => action !== "publish" && action !== "read"),
  })),
  ...[...paths].flatMap(([name, { values }]) => {
    const given = withDefaults(credentialSettings, values);
    const path = kindOfPath(name) === "all_others" ? "~^.*$" : name;
    const user = (action: Permission["action"], whom: Omit<InternalUser, "permissions">): InternalUser => ({
      user: whom.user || "any",
      pass: whom.pass,
      ips: whom.ips,
      permissions: [{ action, path }],
    });
    return [
      user("publish", { user: given.publishUser, pass: given.publishPass, ips: given.publishIPs }),
      user("read", { user: given.readUser, pass: given.readPass, ips: given.readIPs }),
    ];
  }),
];
