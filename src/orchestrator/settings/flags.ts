import { ConfigError, forFlag } from "../../base/errors.ts";
import { nonEmpty, type Option, optionalOption } from "../../config/option.ts";
import { flagNameOf } from "../../config/server/flag-name.ts";
import { optionOf, type SettingFlag } from "../../config/server/setting-flags.ts";
import { placedKeys } from "./places-of-keys.ts";

/** Where the configuration file is. */
export const configOption = optionalOption(
  {
    flag: "config",
    group: "Configuration",
    help: "the file, also as FILE.yaml alone; flags and ORCHESTRATOR_... variables count more",
  },
  { placeholder: "FILE", parse: nonEmpty("a file name") },
);

/** A text with a name, and what stands behind the first `=`. */
const pairOf = (text: string, form: string): readonly [string, string] => {
  const at = text.indexOf("=");
  if (at <= 0) throw new ConfigError(`no ${form}`);
  return [text.substring(0, at), text.substring(at + 1)];
};

const pairsOption = <Value>(
  face: { flag: string; group: string; help: string; placeholder: string },
  read: (pairs: readonly (readonly [string, string])[]) => Value,
): Option<unknown> => ({
  ...face,
  fallback: undefined,
  arity: "many",
  isSecret: true,
  parse: (texts) =>
    texts.length === 0
      ? undefined
      : forFlag(face.flag, () => read(texts.map((text) => pairOf(text, face.placeholder)))),
});

const plainFlags: readonly SettingFlag[] = placedKeys
  .filter(({ key }) => key !== "env")
  .map(({ key, path, setting, group }) => {
    const flag = path.map((part) => flagNameOf(String(part))).join("-");
    return { option: optionOf({ flag, key, setting, group }), path };
  });

const variableFlags: readonly SettingFlag[] = (["worker", "forwarder"] as const).map((under) => ({
  option: pairsOption(
    {
      flag: `${under}-env`,
      group: under === "worker" ? "Worker" : "Forwarder",
      help: "a variable of it; may be given several times",
      placeholder: "NAME=VALUE",
    },
    (pairs) => Object.fromEntries(pairs),
  ),
  path: [under, "env"],
}));

const forwardFlag: SettingFlag = {
  option: pairsOption(
    {
      flag: "forward",
      group: "Forwarder",
      help: "push processed streams whose id fits a glob to a URL; may be given several times. Others on this machine see it: better in a file",
      placeholder: "GLOB=URL",
    },
    (pairs) => pairs.map(([streams, url]) => ({ streams, to: [url] })),
  ),
  path: ["forward"],
};

/** All flags that set keys, by their names. */
export const orchestratorFlags: ReadonlyMap<string, SettingFlag> = new Map(
  [...plainFlags, ...variableFlags, forwardFlag].map((flag) => [flag.option.flag, flag]),
);

/** Every flag of `orchestrate`, in the order of the help text. */
export const orchestratorOptions: readonly Option<unknown>[] = [
  configOption,
  ...[...orchestratorFlags.values()].map(({ option }) => option),
];
