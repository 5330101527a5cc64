import { credentialSettings, deprecatedGlobalKeys, deprecatedPathKeys } from "./deprecated-keys.ts";
import { globalSettings } from "./global-section.ts";
import { pathSettings } from "./path-section.ts";
import { type Settings, textSetting } from "./setting.ts";

const settingsOf = (keys: typeof deprecatedGlobalKeys): Settings =>
  Object.fromEntries(Object.entries(keys).map(([key, { setting }]) => [key, setting]));

/** Every key that may stand at the top of the file, deprecated ones too; `pathDefaults`, `paths` and `hooks` aside. */
export const readableGlobalKeys: Settings = { ...globalSettings, ...settingsOf(deprecatedGlobalKeys) };

/** Every key that may stand in a path, deprecated ones too. */
export const readablePathKeys: Settings = {
  ...pathSettings,
  ...credentialSettings,
  ...settingsOf(deprecatedPathKeys),
  name: textSetting("name of the path, as the control API gives it; not used"),
};
