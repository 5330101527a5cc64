import { ConfigError } from "../../base/errors.ts";
import { printable } from "../../base/stream-path.ts";
import { durationSetting, own, sizeSetting, switchSetting, textSetting } from "./setting.ts";

const required = (what: string) => (text: string) => {
  if (text === "") throw new ConfigError(`${printable(text)}, expected ${what}`);
};

/** The recorder of every stream, which is beside what paths say about recordings. */
export const recorderSettings = {
  recordAll: own(switchSetting("record every stream as FLV")),
  recordDir: own(
    textSetting("where these recordings go", "recordings", {
      type: "directory",
      isRequired: true,
      check: required("a directory"),
    }),
  ),
  segmentDuration: own(
    durationSetting(
      "begin a new file at the first key frame after this long; 0, or a negative one, for one file per publish",
      "0",
      { isNegativeZero: true },
    ),
  ),
  segmentPattern: own(
    textSetting(
      "names of segments: %s stream, %T date_time, %03d number, %Y %m %D %H %M %S",
      "%s_%T_seg%03d",
      { type: "pattern", isRequired: true, check: required("a file name pattern") },
    ),
  ),
  recordMaxTotalSize: own(
    sizeSetting(
      "delete the oldest segments of paths while those of all have more together; 0 for no bound",
      "0B",
    ),
  ),
  recordMinFreeDisk: own(
    sizeSetting(
      "delete the oldest segments of paths while their disk has less room than this, and record nothing while that does not help; 0 deletes nothing",
      "0B",
    ),
  ),
};
