import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { exitCode } from "./exit.ts";

/** A second signal this soon is the same one, sent to the process and to its group, in milliseconds. */
const echoMs = 500;

/** Something that runs until it is stopped. */
export interface Stoppable {
  /** Resolves with whether it ended in good order. */
  stop(): Promise<boolean>;
}

/** Stops on the first SIGINT or SIGTERM and gives up on the second. `what` is what the log calls it. */
export const stopOnSignals = (running: Stoppable, { what, log }: { what: string; log: Logger }): void => {
  let stoppingSince: number | undefined;
  const stop = (signal: string): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < echoMs) return;
      process.exit(exitCode.failed);
    }
    stoppingSince = performance.now();
    log.info("shutdown signal received", { signal });
    running.stop().then(
      (isClean) => {
        if (isClean) log.info(`${what} stopped cleanly`);
        else log.error("forced exit after timeout");
        process.exit(isClean ? exitCode.ok : exitCode.failed);
      },
      (error: unknown) => {
        log.error(`${what} stop error`, { error: messageOf(error) });
        process.exit(exitCode.failed);
      },
    );
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
};
