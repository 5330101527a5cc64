import type { Logger } from "../base/log.ts";
import { systemClock } from "../base/time.ts";
import { DeliveryHost } from "./delivery-host.ts";
import type { FromDelivery, ToDelivery } from "./messages.ts";

// The body of the thread that delivers events: everything it has to say goes to the thread of the media.

const post = (message: FromDelivery): void => postMessage(message);

const line =
  (level: keyof Logger) =>
  (message: string, fields = {}): void =>
    post({ kind: "log", level, message, fields });

const log: Logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };

const host = new DeliveryHost({ post, clock: systemClock, log });

declare const self: Worker;

self.addEventListener("message", ({ data }: MessageEvent<ToDelivery>) => host.receive(data));
