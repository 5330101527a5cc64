import { type Permission, permissionActions } from "../config/server/auth-settings.ts";
import { PermissionSet } from "./permission-set.ts";

/** The most permissions that a token may hold. */
const maxPermissions = 1_000;

const permissionOf = (item: unknown): Permission | undefined => {
  if (typeof item !== "object" || item === null) return undefined;
  const { action, path = "", ...others } = item as Readonly<Record<string, unknown>>;
  const known = permissionActions.find((candidate) => candidate === action);
  if (known === undefined || typeof path !== "string" || Object.keys(others).length > 0) return undefined;
  return { action: known, path };
};

/**
 * What a claim of a token permits: an array of `{action, path}`, or the JSON of one in a string. Undefined for anything else, a key
 * too many or a broken regular expression included: half of what was meant may be more than what was meant.
 */
export const claimedPermissions = (claim: unknown): PermissionSet | undefined => {
  try {
    const items: unknown = typeof claim === "string" ? JSON.parse(claim) : claim;
    if (!Array.isArray(items) || items.length > maxPermissions) return undefined;
    const read = items.map(permissionOf);
    const known = read.filter((item) => item !== undefined);
    return known.length === read.length ? new PermissionSet(known) : undefined;
  } catch {
    return undefined;
  }
};
