import { type CommandDef, defineCommand } from "citty";
import { ConfigError } from "../base/errors.ts";
import { nearestName } from "../base/nearest.ts";
import { isHelp, orQuit, show } from "./exit.ts";
import { dlq } from "./hooks/dlq.ts";
import { lint } from "./hooks/lint.ts";
import { list } from "./hooks/list.ts";
import { migrate } from "./hooks/migrate.ts";
import { schema } from "./hooks/schema.ts";
import { stats } from "./hooks/stats.ts";
import { tail } from "./hooks/tail.ts";
import { test } from "./hooks/test.ts";

/** The commands of `hooks`, one file each. */
const commands: Readonly<Record<string, CommandDef>> = {
  list,
  lint,
  test,
  tail,
  stats,
  dlq,
  migrate,
  schema,
};

const describe = ([name, { meta }]: [string, CommandDef]): string => {
  const description = meta && "description" in meta ? meta.description : undefined;
  return `  ${name.padEnd(10)}${description ?? ""}`;
};

const usage = (): string => `rtmp-server hooks: commands about hooks

Usage: rtmp-server hooks COMMAND

${Object.entries(commands).map(describe).join("\n")}

Each has --help. The server takes hooks from flags (rtmp-server --help) and from a file (--hook-config FILE).

Try it
  rtmp-server hooks migrate --hook-webhook publish_start=http://127.0.0.1:8080/live > hooks.yaml
  rtmp-server hooks lint hooks.yaml
  rtmp-server hooks test --type publish_start --hook-config hooks.yaml
  rtmp-server --hook-config hooks.yaml --metrics-address 127.0.0.1:9998
  rtmp-server hooks tail
`;

const help = defineCommand({
  meta: { name: "help", description: "print this text", hidden: true },
  run: () => show(usage()),
});

/** Commands about hooks. Without one of them it says which there are. */
export const hooks = defineCommand({
  meta: { name: "hooks", description: "show, check, try, follow and repair hooks" },
  default: "help",
  subCommands: { ...commands, help },
  setup: ({ rawArgs: [name] }) =>
    orQuit(() => {
      if (name === undefined || name === "help" || Object.hasOwn(commands, name) || isHelp([name])) return;
      const known = Object.keys(commands);
      const nearest = nearestName(name, known);
      throw new ConfigError(
        `unknown command hooks ${JSON.stringify(name)}, ${nearest ? `did you mean ${nearest}?` : `expected ${known.join(", ")}`}; see rtmp-server hooks --help`,
      );
    }),
});
