import { defineCommand } from "citty";
import { ConfigError } from "../../base/errors.ts";
import { lintHooks } from "../../hooks/settings/lint.ts";
import { loadHookFile } from "../../hooks/settings/load-hook-file.ts";
import { resolveHookSettings } from "../../hooks/settings/resolve-settings.ts";
import { isHelp, orQuit, show } from "../exit.ts";

const usage = `rtmp-server hooks lint: check a hooks file, and say what is odd about it

Usage: rtmp-server hooks lint FILE

Reads the file as the server would, with the variables of this environment and the scripts of this machine. Nothing is sent or run.
Exit status: 0 the server can use it (what is odd is printed, one line each), 2 it cannot (why is printed, one line each).
`;

const count = (number: number, what: string): string => `${number || "no"} ${what}${number === 1 ? "" : "s"}`;

/** What `hooks lint` prints about a file. @throws ConfigError with a line for each fault of it */
export const lintReport = (path: string): string => {
  const { hooks: file, variables, faultAt } = loadHookFile(path);
  const settings = resolveHookSettings({ file }, { now: Date.now(), withheld: variables, faultAt });
  const warnings = lintHooks(settings);
  const hooks = count(settings.hooks.length, "hook") + (settings.stdio ? " and standard output" : "");
  return [...warnings, `${path}: ${hooks}, ${count(warnings.length, "warning")}`].join("\n");
};

/** `hooks lint FILE` */
export const lint = defineCommand({
  meta: { name: "lint", description: "check a hooks file, and say what is odd about it" },
  run: ({ rawArgs }) =>
    orQuit(() => {
      if (isHelp(rawArgs)) return show(usage);
      const [path, ...more] = rawArgs;
      if (path === undefined || path === "" || path.startsWith("-") || more.length > 0)
        throw new ConfigError("hooks lint needs one file, expected rtmp-server hooks lint FILE");
      show(lintReport(path));
    }),
});
