import { ConfigError } from "../../base/errors.ts";
import { hideInUrl } from "../../base/hide-secrets.ts";
import { printable } from "../../base/stream-path.ts";
import { durationSetting, own, sizeSetting, switchSetting, textSetting, wordSetting } from "./setting.ts";

const required = ["%Y", "%m", "%d", "%H", "%M", "%S"];

const checkRecordPath = (text: string): void => {
  if (!text.includes("%path")) throw new ConfigError(`${printable(text)}, expected %path in it`);
  const rest = text.replaceAll("%path", "");
  const missing = required.filter((name) => !rest.includes(name));
  if (!rest.includes("%s") && missing.length > 0)
    throw new ConfigError(
      `${printable(text)}, expected %s or ${required.join(" ")} in it; ${missing.join(" ")} not found`,
    );
};

const checkUpload = (text: string): void => {
  if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[^?#]*)?$/.test(text))
    throw new ConfigError(`${printable(hideInUrl(text))}, expected s3://BUCKET/PREFIX`);
};

/** How a path is recorded. */
export const recordSettings = {
  record: switchSetting("record the stream"),
  recordPath: textSetting(
    "where recordings go: `%path`, `%Y %m %d %H %M %S` or `%s`, `%f` (microseconds) and `%z` are replaced; the ending is added",
    "./recordings/%path/%Y-%m-%d_%H-%M-%S-%f",
    { type: "file name", check: checkRecordPath, isRequired: true },
  ),
  recordFormat: wordSetting("form of recordings", "fmp4", ["fmp4", "mpegts", "flv"]),
  recordPartDuration: durationSetting("length of a part of a segment, the most that a crash costs", "1s", {
    isPositive: true,
  }),
  recordMaxPartSize: sizeSetting("largest part of a segment", "50M", { min: 1 }),
  recordSegmentDuration: durationSetting("shortest segment, up to 24h", "1h", { isPositive: true }),
  recordDeleteAfter: durationSetting("delete segments that are older; 0s keeps them", "1d"),
  recordMaxSize: own(
    sizeSetting("delete the oldest segments of a path while they have more together; 0 for no bound", "0B"),
  ),
  recordUpload: own(
    textSetting(
      "move segments that are complete to this S3 storage, and play them from there; `S3_ENDPOINT`, `S3_ACCESS_KEY_ID`, `S3_SECRET_ACCESS_KEY` and so on in the environment say how",
      "",
      { type: "`s3://BUCKET/PREFIX`", check: checkUpload },
    ),
  ),
};
