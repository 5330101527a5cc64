import { hideStreamKey } from "../../base/hide-secrets.ts";
import { textsSetting } from "./list-setting.ts";
import { checkPushUrl } from "./push-url.ts";
import {
  durationSetting,
  own,
  type Setting,
  sizeSetting,
  switchSetting,
  textSetting,
  wholeSetting,
} from "./setting.ts";

const relayTo: Setting<readonly string[]> = {
  ...textsSetting(
    "push every stream to these URLs; `{app}`, `{name}` and `{stream_key}` stand for parts of its own",
    { check: checkPushUrl },
  ),
  type: "list of `rtmp[s]://HOST/APP[/NAME]`",
  isSecret: true,
  write: (urls, { isRedacted }) => urls.map((url) => (isRedacted ? hideStreamKey(url) : url)),
};

/** What MediaMTX has no key for. */
export const ownSettings = {
  gopCache: own(switchSetting("start players with the last key frame", true)),
  lowLatency: own(switchSetting("send every packet at once; costs more CPU per player")),
  republishGrace: own(durationSetting("how long players stay when a publisher's connection is cut", "5s")),
  playWait: own(durationSetting("how long a player waits for a stream that is not published yet", "10s")),
  playerQueueMs: own(
    wholeSetting("how far a slow player may fall behind before frames are dropped, in milliseconds", 5_000, {
      min: 1,
      max: 3_600_000,
    }),
  ),
  playerQueueBytes: own(sizeSetting("the same bound in bytes", "8M", { min: 1 })),
  stallTimeout: own(
    durationSetting("disconnect a player that takes nothing for this long", "15s", { isPositive: true }),
  ),
  idleTimeout: own(
    durationSetting("disconnect a publisher that sends nothing for this long; 0 for never", "30s"),
  ),
  chunkSize: own(
    wholeSetting("RTMP chunk size of what the server sends, in bytes", 4_096, { min: 1, max: 65_536 }),
  ),
  relayTo: own(relayTo),
  reconnectUrl: own(
    textSetting("where clients are sent when the server gets SIGUSR1 (Enhanced RTMP)", "", { type: "URL" }),
  ),
  shutdownTimeout: own(
    durationSetting("how long a stop may take to tell players and finish recordings", "5s", {
      isPositive: true,
    }),
  ),
  configPersist: own(
    textSetting("file that keeps changes made through the control API; empty to forget them", "", {
      type: "file",
    }),
  ),
};
