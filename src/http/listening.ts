import { lstatSync, unlinkSync } from "node:fs";
import { messageOf, TransportError } from "../base/errors.ts";
import { formatHttpAddress, type HttpAddress } from "./address.ts";

/** Certificate and key of HTTPS, as PEM text. */
export interface HttpTls {
  readonly cert: string;
  readonly key: string;
}

/** What is listened for. */
export interface ListenOptions {
  readonly address: HttpAddress;
  readonly tls: HttpTls | undefined;
  readonly maxBodyBytes: number;
  readonly fetch: (request: Request, server: Bun.Server<undefined>) => Promise<Response>;
}

/** A connection that brings nothing for so long is closed, in seconds. */
const idleTimeoutSeconds = 30;

/**
 * Begins to listen for HTTP. An empty host means every interface: both families where the system has both. A Unix socket that another
 * server left behind is replaced.
 * @throws TransportError LISTEN when the address cannot be had
 */
export const listen = (options: ListenOptions): Bun.Server<undefined> => {
  const { address } = options;
  if ("unix" in address) removeSocket(address.unix);
  const places: readonly HttpAddress[] =
    "unix" in address || address.host !== ""
      ? [address]
      : ["::", "0.0.0.0"].map((host) => ({ host, port: address.port }));
  let failure: unknown;
  for (const place of places) {
    try {
      return serve(place, options);
    } catch (error) {
      failure = error;
      if (codeOf(error) === "EADDRINUSE") break;
    }
  }
  throw new TransportError("LISTEN", listenFailure(address, failure), { cause: failure });
};

const serve = (
  place: HttpAddress,
  { tls, maxBodyBytes, fetch }: Omit<ListenOptions, "address">,
): Bun.Server<undefined> => {
  const common = {
    development: false,
    maxRequestBodySize: maxBodyBytes,
    ...(tls ? { tls: { cert: tls.cert, key: tls.key } } : {}),
    fetch,
  };
  if ("unix" in place) return Bun.serve({ ...common, unix: place.unix });
  return Bun.serve({
    ...common,
    hostname: place.host,
    port: place.port,
    idleTimeout: idleTimeoutSeconds,
    // Without development Bun would share the port with any other program that does.
    reusePort: false,
  });
};

/** Whatever else lies there stays, and the address cannot be had. */
const removeSocket = (path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
};

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const listenFailure = (address: HttpAddress, error: unknown): string => {
  const at = `cannot listen for HTTP on ${formatHttpAddress(address)}`;
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return "unix" in address
        ? `${at}: there is something else of that name`
        : `${at}: the port is in use by another program`;
    case "EACCES":
      return "unix" in address
        ? `${at}: not permitted`
        : `${at}: not permitted, ports below 1024 need privileges`;
    case "EADDRNOTAVAIL":
      return `${at}: this machine has no such address`;
    default:
      return `${at}: ${messageOf(error)}`;
  }
};
