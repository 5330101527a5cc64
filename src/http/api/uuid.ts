import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";

const digits = "[0-9a-f]";
const plain = new RegExp(`^${digits}{8}-${digits}{4}-${digits}{4}-${digits}{4}-${digits}{12}$`);

/**
 * A UUID in its usual form; without dashes, in braces and behind `urn:uuid:` it is taken too.
 * @throws ConfigError for what is none
 */
export const parseUuid = (given: string): string => {
  const lower = given.toLowerCase();
  const bare = lower.replace(/^urn:uuid:/, "").replace(/^\{(.*)\}$/, "$1");
  const dashed = /^[0-9a-f]{32}$/.test(lower)
    ? lower.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    : bare;
  if (!plain.test(dashed))
    throw new ConfigError(`invalid UUID ${printable(given)}, expected one such as ${nil}`);
  return dashed;
};

const nil = "00000000-0000-0000-0000-000000000000";
