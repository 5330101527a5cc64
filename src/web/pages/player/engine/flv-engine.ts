import mpegts from "mpegts.js";
import { bufferedAhead, type Engine, type EngineOrder } from "./engine.ts";

/** So far behind what has arrived the picture may be, and so far it is brought back by playing a little faster, in seconds. */
const sync = { liveSyncMaxLatency: 0.6, liveSyncTargetLatency: 0.3, liveSyncPlaybackRate: 1.15 };

/** Who joins gets everything since the last key frame at once: the picture begins this far from its end, in seconds. */
const startGapSeconds = 0.3;

/** Played pictures are kept for so long, in seconds. */
const kept = { autoCleanupMaxBackwardDuration: 30, autoCleanupMinBackwardDuration: 15 };

mpegts.LoggingControl.enableAll = false;

/** Plays FLV, with as little delay as the network allows. `url` says whether it comes over HTTP or a WebSocket. */
export const openFlv = (url: string, { video, authorization, over }: EngineOrder): Engine => {
  let kbps: number | undefined;
  let isOpen = true;
  const player = mpegts.createPlayer(
    { type: "flv", isLive: true, url },
    {
      ...sync,
      ...kept,
      liveSync: true,
      enableStashBuffer: false,
      autoCleanupSourceBuffer: true,
      ...(authorization === undefined ? {} : { headers: { Authorization: authorization } }),
    },
  );
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    // It is in the middle of telling.
    queueMicrotask(over);
  };
  player.on(mpegts.Events.ERROR, end);
  player.on(mpegts.Events.LOADING_COMPLETE, end);
  player.on(mpegts.Events.STATISTICS_INFO, ({ speed }: { speed?: number }) => {
    if (speed !== undefined) kbps = speed * 8.192;
  });
  const skip = (): void => {
    const ahead = bufferedAhead(video);
    if (ahead !== undefined && ahead > 2 * startGapSeconds) video.currentTime += ahead - startGapSeconds;
  };
  video.addEventListener("loadeddata", skip, { once: true });
  player.attachMediaElement(video);
  player.load();
  return {
    get delaySeconds() {
      return bufferedAhead(video);
    },
    get kbps() {
      return kbps;
    },
    close: () => {
      isOpen = false;
      video.removeEventListener("loadeddata", skip);
      player.destroy();
    },
  };
};
