import { messageOf } from "../base/errors.ts";
import { isExecutable } from "../base/version.ts";
import type { DeliveryPort, PortListener } from "./delivery-link.ts";
import type { FromDelivery } from "./messages.ts";

/** The most of a reason that is told, in characters. */
const maxReason = 1_000;

/** What Bun tells of an error begins with lines of the source, which say nothing to an operator and may be endless. */
const reasonOf = (report: string): string =>
  report
    .split("\n")
    .filter((line) => !/^\s*(?:\d+ \|.*|\^\s*)?$/.test(line))
    .map((line) => line.trim())
    .join(", ")
    .substring(0, maxReason);

/** Starts the thread that delivers. */
export const startDeliveryThread = (listener: PortListener): DeliveryPort => {
  // In the executable this module is part of the main one, which lies a folder higher.
  const file = isExecutable ? "./hooks/delivery-worker.ts" : "./delivery-worker.ts";
  const worker = new Worker(new URL(file, import.meta.url).href, { name: "hooks" });
  worker.onmessage = ({ data }: MessageEvent<FromDelivery>) => listener.message(data);
  worker.onerror = (event) => listener.died(reasonOf(event.message || messageOf(event.error)));
  // It may also end without an error; who ends it on purpose does not listen any more.
  worker.addEventListener("close", () => listener.died("it ended by itself"));
  // What it has to do at the end is waited for by name.
  worker.unref();
  return {
    send: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
};
