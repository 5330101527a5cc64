import { parseHostPort } from "../base/host-port.ts";
import type { Certificates } from "./certificates.ts";
import type { PortWishes } from "./rtmp-ports.ts";
import type { RunConfig } from "./run-config.ts";

/** Whether a configuration asks for plain RTMP, and for RTMPS. */
export const servesRtmp = ({
  server: { rtmp, rtmpEncryption },
}: RunConfig): { readonly plain: boolean; readonly safe: boolean } => ({
  plain: rtmp && rtmpEncryption !== "strict",
  safe: rtmp && rtmpEncryption !== "no",
});

/** The ports that a configuration asks for. @throws ConfigError for a certificate that cannot be used */
export const rtmpWishesOf = (config: RunConfig, certificates: Certificates): PortWishes => {
  const { plain, safe } = servesRtmp(config);
  const { rtmpAddress, rtmpsAddress } = config.server;
  return {
    rtmp: plain ? parseHostPort(rtmpAddress) : undefined,
    rtmps: safe ? { address: parseHostPort(rtmpsAddress), tls: certificates.of(config, "rtmp") } : undefined,
  };
};
