import { messageOf } from "../base/errors.ts";
import type { Logger, LogLevel } from "../base/log.ts";
import { systemClock } from "../base/time.ts";
import type { FromIndex, ToIndex } from "./index-messages.ts";
import { s3Store } from "./object-store.ts";
import { SegmentIndex } from "./segment-index.ts";

// The body of the thread that has the index of recordings.

declare const self: Worker;

const post = (message: FromIndex, transfer: ArrayBuffer[] = []): void => self.postMessage(message, transfer);

const line =
  (level: LogLevel): Logger["info"] =>
  (message, fields) =>
    post({ kind: "log", level, message, fields });

const log: Logger = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };

const index = new SegmentIndex({ clock: systemClock, log, objects: s3Store });

const answer = async ({ id, question, given }: Extract<ToIndex, { kind: "ask" }>): Promise<void> => {
  try {
    // What the other side gives has the form that the port says for this question.
    const found: unknown = await index[question](given as never);
    post(
      { kind: "answer", id, answer: found },
      found instanceof Float64Array ? [found.buffer as ArrayBuffer] : [],
    );
  } catch (error) {
    post({ kind: "failed", id, reason: messageOf(error) });
  }
};

self.addEventListener("message", ({ data }: MessageEvent<ToIndex>) => {
  switch (data.kind) {
    case "watch":
      index.watch(data.templates);
      return;
    case "began":
      index.began(data.own);
      return;
    case "ended":
      index.ended(data.own);
      return;
    case "close":
      index.close();
      post({ kind: "closed" });
      return;
    case "ask":
      void answer(data);
  }
});
