import { messageOf, TransportError } from "./errors.ts";
import { formatHostPort, type HostPort } from "./host-port.ts";

/**
 * Calls `open` with the host to listen on. An empty host means every interface: both families where the system has both.
 * @throws TransportError LISTEN when the address cannot be had
 */
export const listenAt = <Opened>(address: HostPort, open: (host: string) => Opened): Opened => {
  const hosts = address.host === "" ? ["::", "0.0.0.0"] : [address.host];
  let failure: unknown;
  for (const host of hosts) {
    try {
      return open(host);
    } catch (error) {
      failure = error;
      if (codeOf(error) === "EADDRINUSE") break;
    }
  }
  throw new TransportError("LISTEN", failureText(address, failure), { cause: failure });
};

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const failureText = (address: HostPort, error: unknown): string => {
  const at = formatHostPort(address);
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return `cannot listen on ${at}: the port is in use by another program`;
    case "EACCES":
      return `cannot listen on ${at}: not permitted, ports below 1024 need privileges`;
    case "EADDRNOTAVAIL":
      return `cannot listen on ${at}: this machine has no such address`;
    default:
      return `cannot listen on ${at}: ${messageOf(error)}`;
  }
};
