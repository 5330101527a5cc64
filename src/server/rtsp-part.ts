import { messageOf, TransportError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Certificates } from "./certificates.ts";
import type { Configurable } from "./configurable.ts";
import type { RtspPorts, RtspWishes } from "./rtsp-ports.ts";
import { rtspWishesOf } from "./rtsp-wishes.ts";
import type { RunConfig } from "./run-config.ts";

/** What {@link RtspPart} is made of. */
export interface RtspPartOptions {
  readonly ports: Pick<RtspPorts, "apply">;
  readonly certificates: Certificates;
  readonly log: Logger;
}

/** Keys that ask for RTSP, or for one of its ports. */
const askingKeys = ["rtsp", "rtspAddress", "rtspsAddress", "rtspEncryption", "rtpAddress", "rtcpAddress"];

/**
 * RTSP as far as the configuration asks for it. It is on unless somebody says otherwise: where its ports are taken and nobody asked for
 * them, the server goes without UDP, or without RTSP.
 */
export class RtspPart implements Configurable {
  readonly name = "RTSP ports";
  readonly #ports: Pick<RtspPorts, "apply">;
  readonly #certificates: Certificates;
  readonly #log: Logger;
  /** Said once, not with every change. */
  readonly #said = new Set<string>();

  constructor({ ports, certificates, log }: RtspPartOptions) {
    this.#ports = ports;
    this.#certificates = certificates;
    this.#log = log;
  }

  /** @throws TransportError LISTEN where an address cannot be had that somebody asked for; ConfigError for a certificate */
  configure(config: RunConfig): void {
    const wishes = rtspWishesOf(config, this.#certificates);
    if (askingKeys.some((key) => config.asked.has(key))) {
      this.#ports.apply(wishes);
      return;
    }
    const fault = this.#fault(wishes);
    if (fault === undefined) return;
    if (this.#fault({ ...wishes, udp: undefined }) === undefined) {
      this.#warn(`RTSP goes without UDP: ${fault}; rtpAddress and rtcpAddress choose other ports`);
      return;
    }
    this.#ports.apply({ rtsp: undefined, rtsps: undefined, udp: undefined });
    this.#warn(`rtsp is off: ${fault}; rtspAddress chooses another address, rtsp: no says not to try`);
  }

  /** What stands in the way of these ports; undefined where they are open now. */
  #fault(wishes: RtspWishes): string | undefined {
    try {
      this.#ports.apply(wishes);
      return undefined;
    } catch (error) {
      if (error instanceof TransportError) return messageOf(error);
      throw error;
    }
  }

  #warn(text: string): void {
    if (!this.#said.has(text)) this.#log.warn(text);
    this.#said.add(text);
  }
}
