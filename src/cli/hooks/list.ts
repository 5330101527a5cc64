import { defineCommand } from "citty";
import type { HookSettings } from "../../hooks/settings/settings.ts";
import { isHelp, orQuit, show } from "../exit.ts";
import { describeOptions, jsonOption } from "./command-options.ts";
import { readConfiguredHooks } from "./configured-hooks.ts";
import { hookColumns, hookRow, summariesOf } from "./hook-summary.ts";
import { renderTable, terminalWidth } from "./table.ts";

const ownOptions = { json: jsonOption };

const usage = `rtmp-server hooks list: show the hooks of a command line and a hooks file

Usage: rtmp-server hooks list [FLAGS]

FLAGS are those that the server is started with; see rtmp-server --help. No
server is needed, and nothing is sent or run. Secrets are not shown.

${describeOptions(ownOptions)}

Try it
  rtmp-server hooks list --hook-config hooks.yaml
`;

/** What `hooks list` prints for people. */
export const hookList = (settings: HookSettings, width: number): string => {
  const summaries = summariesOf(settings);
  if (summaries.length === 0) return "no hooks";
  return renderTable(hookColumns, summaries.map(hookRow), width);
};

/** `hooks list FLAGS` */
export const list = defineCommand({
  meta: { name: "list", description: "show the hooks of a command line and a hooks file" },
  run: ({ rawArgs }) =>
    orQuit(() => {
      if (isHelp(rawArgs)) return show(usage);
      const { settings, own } = readConfiguredHooks(rawArgs, ownOptions);
      for (const warning of settings.warnings) process.stderr.write(`rtmp-server: ${warning}\n`);
      if (own.json) show(JSON.stringify(summariesOf(settings), undefined, 2));
      else show(hookList(settings, terminalWidth()));
    }),
});
