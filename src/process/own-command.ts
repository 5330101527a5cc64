/** The command line of this very program, without its arguments: a built executable has its script inside of itself. */
export const ownCommand = (): readonly string[] =>
  Bun.main.startsWith("/$bunfs") ? [process.execPath] : [process.execPath, Bun.main];
