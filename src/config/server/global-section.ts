import { adminSettings } from "./admin-settings.ts";
import { authSettings } from "./auth-settings.ts";
import { connectionSettings } from "./connection-settings.ts";
import { hlsSettings } from "./hls-settings.ts";
import { limitSettings } from "./limit-settings.ts";
import { logFormatSettings, logSettings } from "./log-settings.ts";
import { ownSettings } from "./own-settings.ts";
import { recorderSettings } from "./recorder-settings.ts";
import { rtmpSettings } from "./rtmp-settings.ts";
import { rtspSettings } from "./rtsp-settings.ts";
import { deprecated, type Settings, switchSetting, type ValuesOf } from "./setting.ts";
import { unservedSettings } from "./unserved-settings.ts";

/** The same keys in groups, with a heading each. */
export const globalGroups: readonly { readonly title: string; readonly settings: Settings }[] = [
  { title: "Logging", settings: { ...logSettings, ...logFormatSettings } },
  { title: "RTMP", settings: rtmpSettings },
  { title: "Streams", settings: ownSettings },
  { title: "Recording of every stream", settings: recorderSettings },
  { title: "Limits", settings: limitSettings },
  { title: "Connections", settings: connectionSettings },
  { title: "Users", settings: authSettings },
  { title: "Administration and playback", settings: adminSettings },
  { title: "RTSP", settings: rtspSettings },
  { title: "HLS", settings: hlsSettings },
  { title: "WebRTC, SRT and Media over QUIC", settings: unservedSettings },
];

/** Every key at the top of the file, `pathDefaults`, `paths` and `hooks` aside, in the order in which they are written. */
export const globalSettings = {
  ...logSettings,
  ...connectionSettings,
  ...authSettings,
  ...adminSettings,
  ...rtspSettings,
  ...rtmpSettings,
  ...hlsSettings,
  ...unservedSettings,
  authJWTInHTTPQuery: deprecated(switchSetting("take tokens from the query of HTTP requests, too")),
  ...logFormatSettings,
  ...ownSettings,
  ...recorderSettings,
  ...limitSettings,
};

/** What stands at the top of the file. */
export type GlobalConfig = ValuesOf<typeof globalSettings>;
