import type * as v from "valibot";
import { ConfigError } from "../../base/errors.ts";
import { authOptions, idleTokenFlags, readTokenAuth, type TokenAuth } from "../auth-options.ts";
import type { DocumentPath } from "../document.ts";
import { readDocumentFile } from "../document-file.ts";
import { readFlags } from "../flags.ts";
import { checkHookDelivery } from "../hook-delivery-options.ts";
import { type HookValues, hookOptions, readHookOptions } from "../hook-options.ts";
import { nonEmpty, type Option, optionalOption } from "../option.ts";
import type { Environment } from "../variables.ts";
import { readChangeFile } from "./change-file.ts";
import { type ConfigSource, loadServerConfig, type Reading } from "./load.ts";
import type { Said } from "./origin.ts";
import type { ServerConfig } from "./server-config.ts";
import { saidByFlags, settingFlags } from "./setting-flags.ts";

/** What the server runs with. */
export interface Config<Hooks = never> {
  /** Every key: what flags, environment and file say, and defaults. */
  readonly server: ServerConfig<Hooks>;
  /** The `--hook-…` flags. */
  readonly hooks: HookValues;
  /** The tokens of the `--auth-…` flags. */
  readonly auth: TokenAuth;
  /** The flags that were typed, without dashes. */
  readonly given: ReadonlySet<string>;
  /** Keys at the top that flags, environment or file say something about. */
  readonly asked: ReadonlySet<string>;
  /** Names of variables that were used; they may be secrets. */
  readonly variables: ReadonlySet<string>;
  /** What is odd, a line each. */
  readonly warnings: readonly string[];
  /** Puts in front of a message who said what is at a path: the line of the file, the variable, or the flag. */
  readonly faultAt: (path: DocumentPath, message: string) => string;
  /** What it was made of. */
  readonly source: ConfigSource<Hooks>;
  /** What was read of that, for the next time. */
  readonly reading: Reading;
}

/** Where the configuration file is. */
export const configOption = optionalOption(
  {
    flag: "config",
    group: "Configuration",
    help: "a file in MediaMTX's keys, also as FILE.yml alone; flags and MTX_... variables count more",
  },
  { placeholder: "FILE", parse: nonEmpty("a file name") },
);

/** Every flag of the server. */
export const options: readonly Option<unknown>[] = [
  configOption,
  ...[...settingFlags.values()].map(({ option }) => option),
  ...Object.values(authOptions),
  ...Object.values(hookOptions),
];

/** The flags of a command line, those of `more` too, and the name of a file as it is, which is `--config`. @throws ConfigError */
export const readServerFlags = (
  args: readonly string[],
  more: readonly Option<unknown>[] = [],
): Map<string, string[]> => readFlags(args, [...more, ...options], { file: configOption.flag });

/** What a configuration is read from, beside the flags. */
export interface ConfigParts<Hooks> {
  readonly environment?: Environment;
  /** How `hooks:` of the file is read; without it there is no such key. */
  readonly hooks?: v.GenericSchema<unknown, Hooks>;
}

/**
 * Makes a configuration of what was typed, by flag name, and of the file that it names. Without an environment there is none.
 * @throws ConfigError with a line for each fault: the flag, the variable or the line of the file, what was given and what is accepted
 */
export const readConfig = <Hooks = never>(
  typed: ReadonlyMap<string, readonly string[]>,
  { environment = {}, hooks: hooksSchema }: ConfigParts<Hooks> = {},
): Config<Hooks> => {
  const hooks = readHookOptions(typed);
  checkHookDelivery(hooks);
  const auth = readTokenAuth(typed);
  const name = configOption.parse(typed.get(configOption.flag) ?? []);
  const source: ConfigSource<Hooks> = {
    ...(name !== undefined && { name, text: readDocumentFile(name) }),
    environment,
    flags: [...saidByFlags(typed), ...encryptionByFlags(typed)],
    ...(hooksSchema && { hooks: hooksSchema }),
  };
  const config = withSource({ hooks, auth, given: new Set(typed.keys()) }, source);
  const kept = withKeptChanges(config);
  return { ...kept, warnings: [...kept.warnings, ...idleTokenFlags(typed, auth)] };
};

/**
 * The configuration that another source gives under the same flags of hooks and tokens. With the `reading` of a configuration of before,
 * what is the same in both is not read again, and a path that says the same is the very same object. The source is taken as it is: what `configPersist`
 * holds is for {@link withKeptChanges}.
 * @throws ConfigError as {@link readConfig}
 */
export const withSource = <Hooks>(
  {
    hooks,
    auth,
    given,
    reading: before,
  }: Pick<Config<Hooks>, "hooks" | "auth" | "given"> & { reading?: Reading },
  source: ConfigSource<Hooks>,
): Config<Hooks> => {
  const { config: server, ...loaded } = loadServerConfig(source, before);
  const config = { ...loaded, server, hooks, auth, given, source };
  checkTls(config);
  if (server.hooks && hooks.hookConfig !== undefined)
    throw new ConfigError(config.faultAt(["hooks"], "does not go with --hook-config, expected one of them"));
  return config;
};

/** The same configuration with the changes that its `configPersist` holds. @throws ConfigError */
export const withKeptChanges = <Hooks>(config: Config<Hooks>): Config<Hooks> => {
  const { configPersist: name } = config.server;
  if (name === "") return config;
  return withSource(config, { ...config.source, changes: { made: readChangeFile(name), name } });
};

const isTyped = (typed: ReadonlyMap<string, readonly string[]>, flag: string): boolean =>
  (typed.get(flag)?.at(-1) ?? "") !== "";

/** Who asks for an address for RTMPS asks for RTMPS, unless something else is said. */
const encryptionByFlags = (typed: ReadonlyMap<string, readonly string[]>): readonly Said[] =>
  isTyped(typed, "tls-listen")
    ? [
        {
          path: ["rtmpEncryption"],
          value: "optional",
          origin: { kind: "flag", name: "--tls-listen" },
          isDefault: true,
        },
      ]
    : [];

/** Flags of RTMPS that lack another one, or have no use. */
const checkTls = <Hooks>({ server, given, asked }: Config<Hooks>): void => {
  const missing = (
    [
      ["rtmpServerCert", "tls-cert"],
      ["rtmpServerKey", "tls-key"],
    ] as const
  ).find(([key]) => !asked.has(key));
  const isOn = server.rtmpEncryption !== "no";
  if (isOn && given.has("tls-listen") && asked.has("rtmpsAddress") && missing)
    throw new ConfigError(`--tls-listen needs a certificate and a key, expected --${missing[1]} FILE too`);
  if (isOn) return;
  const idle = [
    ["tls-listen", "rtmpsAddress"],
    ["tls-cert", "rtmpServerCert"],
    ["tls-key", "rtmpServerKey"],
  ].find(([flag = "", key = ""]) => given.has(flag) && asked.has(key));
  if (idle?.[0] === "tls-listen")
    throw new ConfigError("--tls-listen has no use with rtmpEncryption: no, expected optional or strict");
  if (idle) throw new ConfigError(`--${idle[0]} has no use without --tls-listen ADDRESS`);
};
