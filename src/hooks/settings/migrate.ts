import { Document, isMap, isScalar } from "yaml";
import { formatDuration, parseDuration } from "../../base/units.ts";
import { redactUrl } from "../webhook/webhook-url.ts";
import { flagHooksOf } from "./flag-settings.ts";
import type { HookFile } from "./hook-file.ts";
import type { HookFlags } from "./hook-flags.ts";

/** A hooks file that stands for flags. */
export interface Migration {
  /** The text of the file. It holds no secret. */
  readonly text: string;
  /** Variables that the file needs, in its order. */
  readonly variables: readonly string[];
  /** Things that work and may not be meant; one line each. */
  readonly warnings: readonly string[];
}

/**
 * Writes a hooks file that means the same as the flags. What is secret becomes a variable, unless it stands in a file already;
 * `remaining` are names of flags that were typed too and have no place in the file.
 * @throws ConfigError that names the flag that cannot be used
 */
export const migrateFlags = (
  flags: HookFlags,
  { remaining = [] }: { remaining?: readonly string[] } = {},
): Migration => {
  const vault = new Vault();
  const { file, warnings } = flagHooksOf(flags, { secret: (given, name) => vault.secret(given, name) });
  const plain = { hooks: plainOf(file, { vault, path: [] }) };
  // A secret that nothing needs was read all the same.
  const written = JSON.stringify(plain);
  const variables = [...vault.variables].filter((name) => written.includes(`"\${${name}}"`));
  const document = new Document(plain, { aliasDuplicateObjects: false });
  document.commentBefore = headOf(variables, remaining);
  for (const [path, comment] of commentsOf(file)) commentAt(document, path, comment);
  return { text: document.toString({ lineWidth: 0 }), variables, warnings };
};

/** Headers that say who somebody is. */
const secretHeader = /^HOOK_HEADER_.*(?:AUTH|COOKIE|TOKEN|SECRET|KEY|PASS|SIGNATURE|CREDENTIAL)/;

/** Puts variables in the place of secrets, and knows them. */
class Vault {
  readonly variables = new Set<string>();
  /** Texts of the file that are meant as they are: a variable, or the name of a file. */
  readonly #references = new Set<string>();

  /** What stands in the file for a secret that was typed. */
  secret(given: string, name: string): string {
    if (name.startsWith("HOOK_HEADER_") && !secretHeader.test(name) && !given.startsWith("file:"))
      return given;
    if (given.startsWith("file:")) return this.#refer(given);
    return this.variable(name);
  }

  /** What stands in the file for a variable. */
  variable(name: string): string {
    this.variables.add(name);
    return this.#refer(`\${${name}}`);
  }

  /** A text as it has to be written. */
  written(text: string): string {
    return this.#references.has(text) ? text : text.replaceAll("${", () => "$${");
  }

  #refer(text: string): string {
    this.#references.add(text);
    return text;
  }
}

const durationKeys = ["timeout", "initial_delay", "max_delay", "confirm_timeout", "ttl", "time_window"];

/** A duration that means exactly `ms` when it is read again. */
const exactDuration = (ms: number): string => {
  const text = formatDuration(ms);
  return text !== "" && parseDuration(text) === ms ? text : `${ms}ms`;
};

/** What stands in the document for a value at a path. */
const plainOf = (value: unknown, place: { vault: Vault; path: readonly string[] }): unknown => {
  const { vault, path } = place;
  const inner = (each: unknown, key: string): unknown => plainOf(each, { vault, path: [...path, key] });
  const key = path.at(-1) ?? "";
  if (typeof value === "number" && durationKeys.includes(key)) return exactDuration(value);
  if (typeof value === "string")
    return isSecretUrl(value, key) ? vault.variable(urlName(path)) : vault.written(value);
  if (Array.isArray(value)) return value.map((each, index) => inner(each, String(index)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inner(each, name)]));
};

const isSecretUrl = (text: string, key: string): boolean =>
  (key === "url" || key === "dead_letter_url") && redactUrl(text).includes("***");

/** The variable for the URL at `webhooks.0.url` or `default_config.delivery.dead_letter_url`. */
const urlName = (path: readonly string[]): string =>
  path[0] === "webhooks" ? `HOOK_WEBHOOK_${path[1]}_URL` : "HOOK_DEAD_LETTER_URL";

/** Which flag a variable stands for. */
const flagOf = (variable: string): string => {
  if (variable.startsWith("HOOK_HEADER_")) return "--hook-header";
  if (variable.startsWith("HOOK_WEBHOOK_")) return "--hook-webhook";
  return flagsOfVariables[variable] ?? "";
};

const flagsOfVariables: Readonly<Record<string, string>> = {
  HOOK_API_KEY: "--hook-auth-api-key",
  HOOK_HMAC_SECRET: "--hook-auth-hmac-secret",
  HOOK_JWT_SECRET: "--hook-auth-jwt-secret",
  HOOK_DEAD_LETTER_URL: "--hook-dead-letter-url",
};

const headOf = (variables: readonly string[], remaining: readonly string[]): string => {
  const lines = [
    "Hooks of rtmp-server, made of command line flags.",
    "Check:  rtmp-server hooks lint FILE",
    "Use:    rtmp-server --hook-config FILE, in place of those flags",
  ];
  if (variables.length > 0)
    lines.push(
      "",
      "Secrets stay out of this file. Export these before the server starts, with what was typed behind the flag:",
      ...variables.map((name) => `  export ${name}=...  (${flagOf(name)})`),
      "A secret may also be read from a file: write file:/path instead.",
    );
  if (remaining.length > 0)
    lines.push(
      "",
      "These flags are still needed on the command line:",
      ...remaining.map((flag) => `  --${flag}`),
    );
  return lines.map((line) => (line === "" ? " " : ` ${line}`)).join("\n");
};

type Comment = readonly [path: readonly (string | number)[], text: string];

/** Explanations of the parts that are there. */
const commentsOf = (file: HookFile): Comment[] => {
  const comments: Comment[] = [
    [["default_config"], "What every hook has that says nothing else."],
    [
      ["default_config", "retry"],
      "When a failed execution is tried again; max_attempts counts the first one too.",
    ],
    [["default_config", "delivery"], "at-least-once keeps events on disk until they are delivered."],
    [
      ["scripts"],
      "Programs that are run. The id keeps the queue of a hook when anything else about it changes.",
    ],
    [["webhooks"], "URLs that are told, with the event as JSON."],
    [["stdio"], "Events on standard output."],
  ];
  const filtered = [
    ...(file.scripts ?? []).map((hook, index) => ({ list: "scripts", hook, index })),
    ...(file.webhooks ?? []).map((hook, index) => ({ list: "webhooks", hook, index })),
  ].find(({ hook }) => hook.filter);
  if (filtered)
    comments.push([
      [filtered.list, filtered.index, "filter"],
      "All of it has to let an event pass. Each hook may have its own.",
    ]);
  if (file.webhooks?.[0]?.auth)
    comments.push([
      ["webhooks", 0, "auth"],
      "How a request proves where it comes from. Each webhook may have its own.",
    ]);
  return comments;
};

/** Puts a comment above a key, where there is that key. */
const commentAt = (document: Document, path: readonly (string | number)[], text: string): void => {
  const parent = document.getIn(["hooks", ...path.filter((_, index) => index < path.length - 1)], true);
  if (!isMap(parent)) return;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (pair && isScalar(pair.key)) pair.key.commentBefore = ` ${text}`;
};
