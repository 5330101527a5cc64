import { stringify } from "yaml";

/**
 * A configuration as YAML, such as `effectiveConfig` gives it. Words that older readers of YAML take for something else, such as `no`, are
 * in quotes.
 */
export const toYaml = (config: Readonly<Record<string, unknown>>): string =>
  stringify(config, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
