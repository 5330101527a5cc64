import { ConfigError, messageOf, TransportError } from "../base/errors.ts";
import { type HostPort, parseHostPort } from "../base/host-port.ts";
import type { Logger } from "../base/log.ts";
import type { RunConfig } from "./run-config.ts";

/** Pages that have a switch and an address of their own. */
export type PagesName = "api" | "metrics" | "playback" | "pprof";

/**
 * Opens pages at the address of their key; undefined where they are off. An address that is only the default and cannot be had is a
 * warning, and the server goes on without.
 * @throws TransportError LISTEN naming the key where somebody asked for them
 */
export const openPages = <Pages>(
  name: PagesName,
  { config, log }: { config: RunConfig; log: Logger },
  open: (address: HostPort) => Pages,
): Pages | undefined => {
  const { server, asked, faultAt } = config;
  if (!server[name]) return undefined;
  const key = `${name}Address` as const;
  if (server[key].startsWith("unix:"))
    throw new ConfigError(
      faultAt([key], "a socket of the file system is not served yet, expected HOST:PORT"),
    );
  try {
    return open(parseHostPort(server[key]));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const place = [key, name].find((each) => asked.has(each));
    if (place !== undefined)
      throw new TransportError("LISTEN", faultAt([place], error.message), { cause: error });
    log.warn(
      `${name} is off: ${messageOf(error)}; ${key} chooses another address, ${name}: no says not to try`,
    );
    return undefined;
  }
};
