import { durationSetting, switchSetting, textSetting } from "./setting.ts";

const command = (when: string) => textSetting(`command that is run when ${when}`, "", { type: "command" });
const restart = (key: string) => switchSetting(`start \`${key}\` again when it ends by itself`);

/** Commands of a path. */
export const pathHookSettings = {
  runOnInit: command("the path is made; only for paths with a plain name"),
  runOnInitRestart: restart("runOnInit"),
  runOnDemand: command("somebody wants a stream that is not published"),
  runOnDemandRestart: restart("runOnDemand"),
  runOnDemandStartTimeout: durationSetting("how long readers wait for what it publishes", "10s", {
    isPositive: true,
  }),
  runOnDemandCloseAfter: durationSetting("how long it goes on when nobody wants it any more", "10s"),
  runOnUnDemand: command("`runOnDemand` has ended"),
  runOnAvailable: command("the stream can be read"),
  runOnAvailableRestart: restart("runOnAvailable"),
  runOnUnavailable: command("the stream can no longer be read"),
  runOnOnline: command("a publisher or source begins to feed the stream"),
  runOnOnlineRestart: restart("runOnOnline"),
  runOnOffline: command("a publisher or source ends to feed the stream"),
  runOnRead: command("a reader starts"),
  runOnReadRestart: restart("runOnRead"),
  runOnUnread: command("a reader stops"),
  runOnRecordSegmentCreate: command("a segment of a recording is begun"),
  runOnRecordSegmentComplete: command("a segment of a recording is complete"),
};
