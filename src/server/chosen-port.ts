import { TransportError } from "../base/errors.ts";
import type { HostPort } from "../base/host-port.ts";

/**
 * Remembers the port that the system chose where an address leaves it open (port 0): clients know that one, so it is the one to have when
 * the address comes back, as it does when a change is taken back.
 */
export class ChosenPort {
  /** By host. */
  readonly #chosen = new Map<string, number>();

  /** Opens something at an address, at the port of before if it is free. @throws what `open` throws */
  open<Opened extends { readonly port: number }>(
    address: HostPort,
    open: (address: HostPort) => Opened,
  ): Opened {
    const { host, port } = address;
    if (port !== 0) return open(address);
    const opened = this.#again(host, open) ?? open(address);
    this.#chosen.set(host, opened.port);
    return opened;
  }

  #again<Opened>(host: string, open: (address: HostPort) => Opened): Opened | undefined {
    const port = this.#chosen.get(host);
    if (port === undefined) return undefined;
    try {
      return open({ host, port });
    } catch (error) {
      // Somebody else has it meanwhile.
      if (error instanceof TransportError) return undefined;
      throw error;
    }
  }
}
