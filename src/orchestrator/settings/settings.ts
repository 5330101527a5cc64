import { Glob } from "bun";
import { ConfigError } from "../../base/errors.ts";
import { hideInUrl, hideStreamKey } from "../../base/hide-secrets.ts";
import { logFormats, logLevels } from "../../base/log.ts";
import { field } from "../../config/field.ts";
import { hidden, readSecret } from "../../config/secret.ts";
import { itemsSetting, listSetting } from "../../config/server/list-setting.ts";
import {
  addressSetting,
  durationSetting,
  type Setting,
  sizeSetting,
  switchSetting,
  textSetting,
  type ValuesOf,
  wholeSetting,
  wordSetting,
} from "../../config/server/setting.ts";
import { readUrl } from "../../config/server/url.ts";
import { commandSetting, variablesSetting } from "./command-setting.ts";
import { pathTemplateSetting } from "./path-template-setting.ts";

const secretSetting = (doc: string): Setting<string> => ({
  doc: `${doc}; \`file:/path\` for a file that holds it`,
  type: "secret",
  shape: { kind: "one" },
  fallback: "",
  schema: field(
    doc,
    (value) => {
      if (typeof value !== "string") throw new ConfigError("expected a secret in quotes, or file:/path");
      return value === "" ? "" : readSecret(value);
    },
    { jsonSchema: { type: "string" } },
  ),
  write: (value, { isRedacted }) => (value !== "" && isRedacted ? hidden : value),
  isSecret: true,
});

/** Checks a URL to push to; `{streamId}` and `{path}` may stand in it. @throws ConfigError, never with the URL */
export const checkTarget = (text: string): void => {
  const { host } = readUrl(text, ["rtmp", "rtmps"]);
  if (host.includes("{"))
    throw new ConfigError("a placeholder in the host, expected it behind the host only");
  if ((text.split("/")[3] ?? "") === "")
    throw new ConfigError("no application, expected rtmp[s]://HOST[:PORT]/APP/KEY");
  checkPlaceholders(text);
};

/** Gives how many there are. */
const checkPlaceholders = (text: string): number => {
  const found = [...text.matchAll(/\{[^}]*\}/g)].map(([placeholder]) => placeholder);
  if (found.some((each) => each !== "{streamId}" && each !== "{path}"))
    throw new ConfigError("an unknown placeholder, expected {streamId} or {path}");
  return found.length;
};

const sourceSchemes = ["rtmp", "rtmps", "rtsp", "rtsps"];

const checkSource = (text: string): void => {
  readUrl(text, sourceSchemes);
  if (checkPlaceholders(text) === 0)
    throw new ConfigError("the same for all streams, expected {path} or {streamId} in it");
};

/** Keys at the top of the file. */
export const generalSettings = {
  address: addressSetting("where events come in, and API, page and metrics are served", ":8080", {
    allowsUnix: true,
  }),
  dataDir: textSetting("directory of the state and of what processes write", "./data", {
    type: "directory",
    isRequired: true,
    check: (text) => {
      if (text === "") throw new ConfigError("empty, expected a directory");
    },
  }),
  grace: durationSetting("how long a worker goes on after its source has gone", "30s"),
  ingest: pathTemplateSetting("paths that start a worker", "live/{streamId}/in", { isRequired: true }),
  processed: pathTemplateSetting(
    "paths that workers publish and forwarders push; empty where workers publish nothing",
    "live/{streamId}/out",
  ),
  api: textSetting(
    "control API of the media server, with `user:password@` where it asks for them; empty for none, and then nothing is reconciled",
    "http://127.0.0.1:9997",
    { type: "URL", check: (text) => void readUrl(text, ["http", "https"]), secret: "url" },
  ),
  apiFingerprint: textSetting("SHA-256 of the certificate of that, where it is the only one to trust", "", {
    check: (text) => {
      if (!/^[0-9a-fA-F]{64}$/.test(text))
        throw new ConfigError("no fingerprint, expected 64 hexadecimal digits");
    },
  }),
  secret: secretSetting("what events are signed with; empty takes events that are not signed"),
  token: secretSetting("what whoever uses API, page and metrics has to know; empty lets everybody read"),
  maxWorkers: wholeSetting("workers at once; 0 for any number", 0, { min: 0, max: 100_000 }),
  keepWorkers: switchSetting(
    "leave processes running when the orchestrator is told to end, for the next one to take over",
  ),
  logLevel: wordSetting("least important lines to log", "info", logLevels),
  logFormat: {
    ...wordSetting(
      "how log lines are written: pretty, text or json; empty for pretty on a terminal and json elsewhere",
      "",
      ["", ...logFormats],
    ),
    type: "`pretty`, `text`, `json`",
  },
};

/** Keys under `worker`. */
export const workerSettings = {
  command: commandSetting(
    "program and arguments, started for each stream; `{streamId}`, `{path}`, `{query}`, `{sourceType}` and `{sourceId}` stand for what an event says",
  ),
  env: variablesSetting("its variables beside those of the orchestrator, with the same placeholders"),
  readyTimeout: durationSetting(
    "how long it may take to publish; 0 for ever. It needs `api` and `processed`",
    "15s",
  ),
  stopTimeout: durationSetting("how long it has to end after SIGTERM before it is killed", "10s"),
  logSize: sizeSetting("how long the file with what it writes may grow before it is begun anew", "10M", {
    min: 65_536,
  }),
};

/** Keys under `forwarder`. */
export const forwarderSettings = {
  command: commandSetting(
    "program and arguments, started for each stream and target, which reads `FORWARD_SOURCE` and `FORWARD_TARGET` from its environment; empty for `rtmp-server forward`",
  ),
  env: variablesSetting("its variables beside those of the orchestrator, with `{streamId}` and `{path}`"),
  source: textSetting("where it pulls from, with `{path}` or `{streamId}`", "rtmp://127.0.0.1:1935/{path}", {
    type: "URL",
    isRequired: true,
    check: checkSource,
    secret: "url",
  }),
  stopTimeout: durationSetting("how long it has to end after SIGTERM before it is killed", "5s"),
};

const targetsSetting: Setting<readonly string[]> = {
  ...listSetting<string>("URLs it is pushed to, with `{streamId}` and `{path}`", [], {
    type: "URLs",
    jsonSchema: { type: "string", minLength: 1 },
    parse: (item) => {
      if (typeof item !== "string") throw new ConfigError("no text, expected rtmp[s]://HOST[:PORT]/APP/KEY");
      checkTarget(item);
      return item;
    },
  }),
  write: (urls, { isRedacted }) => urls.map((url) => (isRedacted ? hideStreamKey(url) : url)),
  isSecret: true,
};

/** Keys of each item of `forward`. */
export const forwardSettings = {
  streams: textSetting("which streams: a glob on their ids", "*", {
    type: "glob",
    isRequired: true,
    check: (text) => {
      if (text === "") throw new ConfigError('empty, expected a glob such as "*"');
      new Glob(text);
    },
  }),
  to: targetsSetting,
};

/** All of `forward`. */
export const forwardSetting = itemsSetting("where processed streams are pushed to", [], {
  type: "forwards",
  settings: forwardSettings,
});

/** What an orchestrator runs with. */
export interface OrchestratorConfig extends ValuesOf<typeof generalSettings> {
  readonly worker: ValuesOf<typeof workerSettings>;
  readonly forwarder: ValuesOf<typeof forwarderSettings>;
  readonly forward: readonly ValuesOf<typeof forwardSettings>[];
}

/** The URL of the API as people may see it. */
export const shownApi = ({ api }: Pick<OrchestratorConfig, "api">): string => hideInUrl(api);
