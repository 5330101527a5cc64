import { wordsSetting } from "./list-setting.ts";
import { switchSetting, textSetting, wordSetting } from "./setting.ts";

/** What is logged, and where. */
export const logSettings = {
  logLevel: wordSetting("least important lines to log", "info", ["error", "warn", "info", "debug"]),
  logDestinations: wordsSetting("where log lines go", ["stdout"], { words: ["stdout", "file", "syslog"] }),
  logStructured: switchSetting("log lines are JSON"),
  logFile: textSetting("the file that `logDestinations: [file]` writes", "mediamtx.log"),
  sysLogPrefix: textSetting("stands in front of lines to syslog", "mediamtx"),
  dumpPackets: switchSetting("write all packets of all connections to files, to find faults"),
};
