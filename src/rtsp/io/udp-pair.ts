import { TransportError } from "../../base/errors.ts";
import { UdpPorts } from "./udp-ports.ts";

/** Where ports for one medium are looked for. */
const range = { from: 32_768, to: 60_999 };

const attempts = 64;

/**
 * Two UDP ports of our own next to each other, an even one for RTP and the one behind it for RTCP: many servers take it for granted.
 * `host` is the address to receive at; empty for every interface.
 * @throws TransportError LISTEN when none can be had
 */
export const openUdpPair = (host: string): UdpPorts => {
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = range.from + 2 * Math.floor((Math.random() * (range.to - range.from)) / 2);
    try {
      return new UdpPorts({ rtp: { host, port }, rtcp: { host, port: port + 1 } });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      failure = error;
    }
  }
  throw new TransportError("LISTEN", "no two UDP ports next to each other can be had", { cause: failure });
};
