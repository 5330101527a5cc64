import { defineCommand } from "citty";
import { ConfigError } from "../base/errors.ts";
import { readDocumentFile } from "../config/document-file.ts";
import { effectiveConfig } from "../config/server/effective.ts";
import { loadServerConfig } from "../config/server/load.ts";
import { toYaml } from "../config/server/yaml.ts";
import type { Environment } from "../config/variables.ts";
import { hooksSection } from "../hooks/settings/hook-file.ts";
import { resolveHookSettings } from "../hooks/settings/resolve-settings.ts";
import { isHelp, orQuit, show } from "./exit.ts";

const usage = `rtmp-server check: check a configuration file in MediaMTX's keys, and print what it amounts to

Usage: rtmp-server check FILE

Reads the file with the variables of this environment (MTX_RTMPADDRESS=:1936 and so on), and prints every key with its value as
YAML: what the file says, pathDefaults under each path, and defaults. Secrets are hidden.
What is odd is told on standard error, one line each, keys too that this server has nothing for. Nothing is started; the server runs
from the same file with rtmp-server --config FILE.
Exit status: 0 the file can be used, 2 it cannot (why is told on standard error, one line each).

Try it
  printf 'rtmpAddress: :1936\\npaths:\\n  all_others:\\n' > rtmp-server.yml
  rtmp-server check rtmp-server.yml
`;

/** What `check` prints about a configuration. */
export interface CheckReport {
  /** YAML. */
  readonly effective: string;
  /** What is odd, a line each. */
  readonly warnings: readonly string[];
}

/** Checks the text of a configuration file that is called `name`. @throws ConfigError with a line for each fault of it */
export const checkReport = (
  text: string,
  { name, environment }: { name: string; environment: Environment },
): CheckReport => {
  const loaded = loadServerConfig({ text, name, environment, hooks: hooksSection });
  const { config, warnings, variables, faultAt } = loaded;
  // What hooks mean together is found out here, too.
  if (config.hooks)
    resolveHookSettings({ file: config.hooks.read }, { now: Date.now(), withheld: variables, faultAt });
  return { effective: toYaml(effectiveConfig(config, { redacted: true, full: true })), warnings };
};

/** `rtmp-server check FILE` */
export const check = defineCommand({
  meta: { name: "check", description: "check a configuration file in MediaMTX's keys" },
  run: ({ rawArgs }) =>
    orQuit(() => {
      if (isHelp(rawArgs)) return show(usage);
      const [path, ...more] = rawArgs;
      if (path === undefined || path === "" || path.startsWith("-") || more.length > 0)
        throw new ConfigError("check needs one file, expected rtmp-server check FILE");
      const report = checkReport(readDocumentFile(path), { name: path, environment: process.env });
      process.stderr.write(report.warnings.map((line) => `${line}\n`).join(""));
      show(report.effective);
    }),
});
