import { parseHostPort } from "../base/host-port.ts";
import type { RtspOptions } from "../rtsp/io/session-context.ts";
import { rtpHeaderSize } from "../rtsp/rtp.ts";
import type { DropTally } from "../stream/drop-tally.ts";
import type { Certificates } from "./certificates.ts";
import type { RtspWishes } from "./rtsp-ports.ts";
import type { RunConfig } from "./run-config.ts";

/** Whether a configuration asks for plain RTSP, and for RTSPS. */
export const servesRtsp = ({
  server: { rtsp, rtspEncryption },
}: RunConfig): { readonly plain: boolean; readonly safe: boolean } => ({
  plain: rtsp && rtspEncryption !== "strict",
  safe: rtsp && rtspEncryption !== "no",
});

/** The ports that a configuration asks for. @throws ConfigError for a certificate that cannot be used */
export const rtspWishesOf = (config: RunConfig, certificates: Certificates): RtspWishes => {
  const { plain, safe } = servesRtsp(config);
  const { rtspAddress, rtspsAddress, rtpAddress, rtcpAddress, rtspTransports } = config.server;
  return {
    rtsp: plain ? parseHostPort(rtspAddress) : undefined,
    rtsps: safe ? { address: parseHostPort(rtspsAddress), tls: certificates.of(config, "rtsp") } : undefined,
    // Media of RTSPS do not travel in the clear.
    udp:
      plain && rtspTransports.includes("udp")
        ? { rtp: parseHostPort(rtpAddress), rtcp: parseHostPort(rtcpAddress) }
        : undefined,
  };
};

/**
 * How a configuration has RTSP connections behave. Asked for each connection, and each second of one: it is made once for each
 * configuration. `tally` counts what slow readers lose.
 */
export const rtspOptionsOf = (config: RunConfig, tally: DropTally): RtspOptions => {
  const known = made.get(config);
  if (known) return known;
  const { server } = config;
  const options: RtspOptions = {
    readerQueue: { maxBytes: server.playerQueueBytes, maxMs: server.playerQueueMs, tally },
    transports: server.rtspTransports,
    authMethods: server.rtspAuthMethods,
    isLowLatency: server.lowLatency,
    requestTimeoutMs: server.readTimeout,
    idleTimeoutMs: server.idleTimeout,
    stallTimeoutMs: server.stallTimeout,
  };
  made.set(config, options);
  return options;
};

const made = new WeakMap<RunConfig, RtspOptions>();

/** How many bytes of payload an RTP packet may have. */
export const maxRtpPayloadOf = ({ server }: RunConfig): number =>
  Math.max(1, server.udpMaxPayloadSize - rtpHeaderSize);
