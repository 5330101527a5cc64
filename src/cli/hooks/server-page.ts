import { messageOf, TransportError } from "../../base/errors.ts";
import { formatHostPort, type HostPort } from "../../base/host-port.ts";

/** A page that is not endless is there soon, in milliseconds. */
const answerMs = 5_000;

/**
 * Asks a running server for a page of its `--metrics-address`. Without a signal it has to answer within 5 seconds.
 * @throws TransportError CONNECT where no server answers, TIMEOUT
 */
export const getPage = async (server: HostPort, path: string, signal?: AbortSignal): Promise<Response> => {
  const address = formatHostPort(server);
  try {
    return await fetch(`http://${address}${path}`, {
      // What variables of the environment name is for the way out, not for a server of ours.
      proxy: false,
      redirect: "error",
      keepalive: false,
      signal: signal ?? AbortSignal.timeout(answerMs),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof DOMException && error.name === "TimeoutError")
      throw new TransportError("TIMEOUT", `the server at ${address} gave no answer within ${answerMs} ms`);
    throw new TransportError(
      "CONNECT",
      `no server answers at ${address}${reasonOf(error)}, expected one with --metrics-address ${address}`,
      { cause: error },
    );
  }
};

/** That nobody listens there needs no further word. */
const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? String(error.code) : messageOf(error);
  return code === "ECONNREFUSED" || code === "ConnectionRefused" ? "" : ` (${code})`;
};

/** For an answer that no server of ours gives. */
export const strangerAt = (server: HostPort, path: string): TransportError =>
  new TransportError(
    "REJECTED",
    `what answers at ${formatHostPort(server)} has no ${path}, expected an rtmp-server of this version`,
  );
