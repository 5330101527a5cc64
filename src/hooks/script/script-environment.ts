import { inheritedEnvironment } from "../event/environment.ts";
import type { ScriptSettings } from "./script-settings.ts";

/** All that a script gets of the server's variables when it is to have a clean start. */
const cleanNames: ReadonlySet<string> = new Set(["PATH", "HOME", "LANG", "TZ", "TMPDIR"]);

/**
 * The variables a script has before those of an event are added: what it inherits of `env`, less the names that are withheld, and
 * its own, which were asked for by name and are never withheld.
 */
export const scriptEnvironment = (
  { env: own, envMode, withheld }: Pick<ScriptSettings, "env" | "envMode" | "withheld">,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> => {
  const inherited = Object.entries(inheritedEnvironment(env)).filter(
    ([name]) => !withheld.includes(name) && (envMode === "inherit" || cleanNames.has(name)),
  );
  return { ...Object.fromEntries(inherited), ...own };
};
