import type { Way } from "../model/way.ts";
import type { Engine, EngineOrder } from "./engine.ts";
import { openNative } from "./native-engine.ts";

/** Plays a stream in one way. Players are loaded when the first of them is wanted. */
export const openEngine = async (way: Way, order: EngineOrder): Promise<Engine> => {
  switch (way) {
    case "ws-flv":
    case "http-flv": {
      const { openFlv } = await import("./flv-engine.ts");
      return openFlv(way === "ws-flv" ? order.urls.socket : order.urls.flv, order);
    }
    case "hls": {
      const { openHls } = await import("./hls-engine.ts");
      return openHls(order);
    }
    case "native-hls":
      return openNative(order);
  }
};
