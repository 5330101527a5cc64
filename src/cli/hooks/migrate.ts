import { defineCommand } from "citty";
import { ConfigError } from "../../base/errors.ts";
import { hookOptions } from "../../config/hook-options.ts";
import { readConfig, readServerFlags } from "../../config/server/config.ts";
import { hooksSection } from "../../hooks/settings/hook-file.ts";
import { hookFlagsOf } from "../../hooks/settings/hook-flags.ts";
import { type Migration, migrateFlags } from "../../hooks/settings/migrate.ts";
import { isHelp, orQuit, show } from "../exit.ts";

const usage = `rtmp-server hooks migrate: write a hooks file that means the same as flags

Usage: rtmp-server hooks migrate FLAGS > hooks.yaml

FLAGS are those that the server is started with; see rtmp-server --help. Secrets are not written: the file has variables in their
place, and says at its top which to export. What else is worth knowing is printed on standard error.

Try it
  rtmp-server hooks migrate --hook-script publish_start=./notify.sh --hook-stdio-format json
`;

/** Flags about hooks that are about the server as a whole, and so have no place in a hooks file. */
const serverFlags: readonly string[] = [
  hookOptions.hookConfig,
  hookOptions.hookEnvelope,
  hookOptions.hookDebug,
  hookOptions.hookDataDir,
  hookOptions.hookQueueMax,
  hookOptions.hookDrainTimeoutMs,
].map(({ flag }) => flag);

const migrated: ReadonlySet<string> = new Set(
  Object.values(hookOptions)
    .map(({ flag }) => flag)
    .filter((flag) => !serverFlags.includes(flag)),
);

/** The hooks file for a command line of the server. @throws ConfigError for flags that cannot be used, or where none is about hooks */
export const migrationOf = (args: readonly string[]): Migration => {
  const config = readConfig(readServerFlags(args), { hooks: hooksSection });
  const given = [...config.given];
  if (!given.some((flag) => migrated.has(flag)))
    throw new ConfigError(
      "no flag here has a place in a hooks file, expected some such as --hook-script, --hook-webhook or --hook-stdio-format",
    );
  const remaining = given.filter((flag) => !migrated.has(flag) && flag !== hookOptions.hookConfig.flag);
  const migration = migrateFlags(hookFlagsOf(config.hooks), { remaining });
  if (config.hooks.hookConfig === undefined) return migration;
  const note = `--hook-config: ${config.hooks.hookConfig} is not part of what was written; put both into one file`;
  return { ...migration, warnings: [...migration.warnings, note] };
};

/** `hooks migrate FLAGS` */
export const migrate = defineCommand({
  meta: { name: "migrate", description: "write a hooks file that means the same as flags" },
  run: ({ rawArgs }) =>
    orQuit(() => {
      if (isHelp(rawArgs)) return show(usage);
      const { text, warnings } = migrationOf(rawArgs);
      for (const warning of warnings) process.stderr.write(`rtmp-server: ${warning}\n`);
      show(text);
    }),
});
