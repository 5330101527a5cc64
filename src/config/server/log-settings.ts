import { logFormats } from "../../base/log.ts";
import { wordsSetting } from "./list-setting.ts";
import { own, switchSetting, textSetting, wordSetting } from "./setting.ts";

/** What is logged, and where. */
export const logSettings = {
  logLevel: wordSetting("least important lines to log", "info", ["error", "warn", "info", "debug"]),
  logDestinations: wordsSetting("where log lines go", ["stdout"], { words: ["stdout", "file", "syslog"] }),
  logStructured: switchSetting("log lines are JSON"),
  logFile: textSetting("the file that `logDestinations: [file]` writes", "mediamtx.log"),
  sysLogPrefix: textSetting("stands in front of lines to syslog", "mediamtx"),
  dumpPackets: switchSetting("write all packets of all connections to files, to find faults"),
};

/** How log lines are written, which MediaMTX has no key for. */
export const logFormatSettings = {
  logFormat: own(
    wordSetting(
      "how log lines are written; empty for pretty on a terminal and json elsewhere, or what `logStructured` says",
      "",
      ["", ...logFormats],
    ),
  ),
};
