import { clear, type Engine, type EngineOrder } from "./engine.ts";

/** Has the browser play HLS itself: Safari, and all that runs on iPhones. */
export const openNative = ({ video, urls, over }: EngineOrder): Engine => {
  video.addEventListener("ended", over);
  video.addEventListener("error", over);
  video.src = urls.hls;
  return {
    delaySeconds: undefined,
    kbps: undefined,
    close: () => {
      video.removeEventListener("ended", over);
      video.removeEventListener("error", over);
      clear(video);
    },
  };
};
