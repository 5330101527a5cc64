import { pathHookSettings } from "./path-hook-settings.ts";
import { recordSettings } from "./path-record-settings.ts";
import {
  fallbackSetting,
  ingestSettings,
  limitPathSettings,
  sourceSettings,
} from "./path-source-settings.ts";
import { rpiCameraSettings } from "./rpi-camera-settings.ts";
import { deprecated, type Settings, type ValuesOf } from "./setting.ts";

/** The same keys in groups, with a heading each. */
export const pathGroups: readonly { readonly title: string; readonly settings: Settings }[] = [
  { title: "Source and readers", settings: sourceSettings },
  { title: "Recording", settings: recordSettings },
  { title: "Publishers and pulled sources", settings: { ...ingestSettings, ...limitPathSettings } },
  { title: "Commands of a path", settings: pathHookSettings },
  { title: "Camera of a Raspberry Pi", settings: rpiCameraSettings },
];

/** Every key of a path, and of `pathDefaults`, in the order in which they are written. */
export const pathSettings = {
  ...sourceSettings,
  ...recordSettings,
  ...ingestSettings,
  ...rpiCameraSettings,
  ...pathHookSettings,
  fallback: deprecated(fallbackSetting),
  ...limitPathSettings,
};

/** What holds for a path: every key, from its own entry, `pathDefaults` or the default. */
export type PathConfig = ValuesOf<typeof pathSettings> & {
  /** Its entry in `paths`; empty for `pathDefaults`. */
  readonly name: string;
};
