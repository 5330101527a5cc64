import { httpSettings } from "./http-settings.ts";
import {
  durationSetting,
  sizeSetting,
  switchSetting,
  textSetting,
  wholeSetting,
  wordSetting,
} from "./setting.ts";

/** HLS. */
export const hlsSettings = {
  ...httpSettings("hls", { what: "HLS (and FLV, and pages that play both)", address: ":8888", isOn: true }),
  hlsAlwaysRemux: switchSetting("make HLS of every stream, watched or not"),
  hlsVariant: wordSetting("form of HLS", "lowLatency", ["mpegts", "fmp4", "lowLatency"]),
  hlsSegmentCount: wholeSetting("segments that are kept", 7, { min: 1, max: 10_000 }),
  hlsSegmentDuration: durationSetting("shortest segment", "1s", { isPositive: true }),
  hlsPartDuration: durationSetting("shortest part of a segment", "200ms", { isPositive: true }),
  hlsSegmentMaxSize: sizeSetting("largest segment", "50M", { min: 1 }),
  hlsDirectory: textSetting("where segments are kept; empty for memory", "", { type: "directory" }),
  hlsMuxerCloseAfter: durationSetting(
    "how long nobody may ask before HLS of a stream is no longer made",
    "60s",
  ),
  hlsCDNSecret: textSetting("bearer token by which a CDN needs no session", "", { secret: "all" }),
};
