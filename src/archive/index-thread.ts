import { messageOf } from "../base/errors.ts";
import { isExecutable } from "../base/version.ts";
import type { IndexThread, IndexThreadListener } from "./index-link.ts";
import type { FromIndex } from "./index-messages.ts";

/** Starts the thread that has the index of recordings. */
export const startIndexThread = (listener: IndexThreadListener): IndexThread => {
  // In the executable this module is part of the main one, which lies a folder higher.
  const file = isExecutable ? "./archive/index-worker.ts" : "./index-worker.ts";
  const worker = new Worker(new URL(file, import.meta.url).href, { name: "index" });
  worker.onmessage = ({ data }: MessageEvent<FromIndex>) => listener.message(data);
  worker.onerror = (event) => listener.died(event.message.split("\n", 1)[0] || messageOf(event.error));
  // It may also end without an error; who ends it on purpose does not listen any more.
  worker.addEventListener("close", () => listener.died("it ended by itself"));
  worker.unref();
  return {
    send: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
};
