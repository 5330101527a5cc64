import type { HookFailure } from "../delivery/hook.ts";

/** The last characters of standard error that go with a failure. */
export const maxDetailChars = 2_000;

/**
 * Exit statuses that no second attempt changes: 65 is "the data is wrong" (EX_DATAERR of sysexits.h), 126 and 127 are how
 * shells say that a command cannot be run or is not there.
 */
const finalStatuses: readonly (number | null)[] = [65, 126, 127];

/** How a program ended, as far as failing goes. */
export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signalCode: string | number | null;
}

/** The failure that the end of a program stands for; undefined when all went well. */
export const exitFailureOf = ({ signalCode, exitCode }: ProgramEnd): HookFailure | undefined => {
  if (signalCode !== null)
    return { kind: "failed", error: `ended by ${signalCode}`, code: "signal", verdict: "retry" };
  if (exitCode === 0) return undefined;
  const verdict = finalStatuses.includes(exitCode) ? "never" : "retry";
  return { kind: "failed", error: `exit status ${exitCode}, expected 0`, code: "exit", verdict };
};

/** The failure of an execution that the server gave up. */
export const abortedFailure = (error: string): HookFailure => ({ kind: "failed", error, verdict: "aborted" });

/** The failure of an execution that took too long. */
export const timeoutFailure = (error: string): HookFailure => ({
  kind: "failed",
  error,
  code: "timeout",
  verdict: "retry",
});

/** `failure` with the end of what the program wrote to standard error, if it wrote anything. */
export const withDetail = (failure: HookFailure, stderr: string): HookFailure => {
  const detail = stderr.trimEnd().slice(-maxDetailChars);
  return detail === "" ? failure : { ...failure, detail };
};
