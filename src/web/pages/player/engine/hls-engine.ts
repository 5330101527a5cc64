import Hls from "hls.js";
import { MeanRate } from "../model/mean-rate.ts";
import { clear, type Engine, type EngineOrder } from "./engine.ts";

/** Played pictures are kept for so long, in seconds. */
const keptSeconds = 30;

/** Plays HLS, low-latency HLS too, where the browser does not do so itself. */
export const openHls = ({ video, urls, authorization, over }: EngineOrder): Engine => {
  const rate = new MeanRate();
  const hls = new Hls({
    lowLatencyMode: true,
    // The worker would have to be a file of its own; there is little to do for it.
    enableWorker: false,
    backBufferLength: keptSeconds,
    ...(authorization === undefined
      ? {}
      : {
          xhrSetup: (request: XMLHttpRequest) => {
            request.setRequestHeader("Authorization", authorization);
          },
        }),
  });
  // Where there are parts, each of them is told by itself.
  hls.on(Hls.Events.FRAG_BUFFERED, (_, { stats, frag, part }) =>
    rate.note(stats.total, (part ?? frag).duration),
  );
  hls.on(Hls.Events.ERROR, (_, { fatal }) => {
    if (fatal) over();
  });
  video.addEventListener("ended", over, { once: true });
  hls.loadSource(urls.hls);
  hls.attachMedia(video);
  return {
    get delaySeconds() {
      return hls.latency > 0 ? hls.latency : undefined;
    },
    get kbps() {
      return rate.kbps;
    },
    close: () => {
      video.removeEventListener("ended", over);
      hls.destroy();
      clear(video);
    },
  };
};
