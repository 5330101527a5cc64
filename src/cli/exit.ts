import { ConfigError, TransportError } from "../base/errors.ts";

/** How a command ends, for scripts that started it. */
export const exitCode = { ok: 0, failed: 1, badConfig: 2 } as const;

/** Prints each line of a message and ends the process. */
export const quit = (message: string, code: number): never => {
  const lines = message.split("\n").map((line) => `rtmp-server: ${line}\n`);
  process.stderr.write(lines.join(""));
  process.exit(code);
};

/** Runs a command. What the operator or the machine got wrong becomes a message and an exit code; all else is thrown on. */
export const orQuit = async (run: () => void | Promise<void>): Promise<void> => {
  try {
    await run();
  } catch (error) {
    if (error instanceof ConfigError) quit(error.message, exitCode.badConfig);
    if (error instanceof TransportError) quit(error.message, exitCode.failed);
    throw error;
  }
};

/** Whether somebody asks for help. */
export const isHelp = (args: readonly string[]): boolean => args.some((arg) => /^(?:--?help|-h)$/.test(arg));

/** Prints a usage text. */
export const show = (text: string): void => {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
};
