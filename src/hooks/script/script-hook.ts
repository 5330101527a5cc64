import { unreachable } from "../../base/errors.ts";
import type { Hook } from "../delivery/hook.ts";
import type { ScriptOptions } from "./script-options.ts";
import { ShellHook } from "./shell-hook.ts";
import { StreamScriptHook } from "./stream-script-hook.ts";

/** The hook that runs a script as its mode says. Nothing is started yet. */
export const makeScriptHook = (options: ScriptOptions): Hook => {
  const { mode } = options.settings;
  switch (mode) {
    case "oneshot":
      return new ShellHook(options);
    case "stream":
      return new StreamScriptHook(options);
    default:
      return unreachable(mode);
  }
};
