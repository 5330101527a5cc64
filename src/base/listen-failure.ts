import { codeOf, messageOf, TransportError } from "./errors.ts";
import type { HostPort } from "./host-port.ts";

/** Why an address cannot be had, by the operating system's name for it. */
export type ListenReasons = Readonly<Record<string, string>>;

const tcpReasons: ListenReasons = {
  EADDRINUSE: "the port is in use by another program",
  EACCES: "not permitted, ports below 1024 need privileges",
  EADDRNOTAVAIL: "this machine has no such address",
};

/** What is thrown where nothing can listen. `what` begins its message: `cannot listen on :1935`. */
export const listenFailure = (
  what: string,
  error: unknown,
  reasons: ListenReasons = tcpReasons,
): TransportError => {
  const code = codeOf(error);
  const known = code !== undefined && Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  return new TransportError("LISTEN", `${what}: ${known ?? messageOf(error)}`, { cause: error });
};

/**
 * Listens at a TCP address. An empty host means every interface: both families where the system has both. `what` is for
 * {@link listenFailure}.
 * @throws TransportError LISTEN when the address cannot be had
 */
export const listenOn = <Server>(
  { host, port }: HostPort,
  { what, listen }: { what: string; listen: (place: HostPort) => Server },
): Server => {
  let failure: unknown;
  for (const each of host === "" ? ["::", "0.0.0.0"] : [host]) {
    try {
      return listen({ host: each, port });
    } catch (error) {
      failure = error;
      if (codeOf(error) === "EADDRINUSE") break;
    }
  }
  throw listenFailure(what, failure);
};
