import { defineCommand, runCommand } from "citty";
import { check } from "./cli/check.ts";
import { dev } from "./cli/dev.ts";
import { forward } from "./cli/forward.ts";
import { hook } from "./cli/hook.ts";
import { hooks } from "./cli/hooks.ts";
import { orchestrate } from "./cli/orchestrate.ts";
import { serve } from "./cli/serve.ts";

const commands = { serve, check, dev, forward, hook, hooks, orchestrate };

const main = defineCommand({
  meta: { name: "rtmp-server", description: "a live media server in one executable" },
  subCommands: commands,
});

// Flags alone mean `serve`, as users of other servers type it.
const args = process.argv.slice(2);
const rawArgs = args[0] !== undefined && Object.hasOwn(commands, args[0]) ? args : ["serve", ...args];
await runCommand(main, { rawArgs });
