import { authSettings } from "./auth-settings.ts";
import { hlsSettings } from "./hls-settings.ts";
import { httpSettings } from "./http-settings.ts";
import { limitSettings } from "./limit-settings.ts";
import { pathHookSettings } from "./path-hook-settings.ts";
import { recordSettings } from "./path-record-settings.ts";
import { recorderSettings } from "./recorder-settings.ts";
import { rpiCameraSettings } from "./rpi-camera-settings.ts";
import { unservedSettings } from "./unserved-settings.ts";

/**
 * Every key that the server does something with. All others are read and checked only. This is the one list of them: warnings and
 * documentation follow it.
 */
export const servedKeys: ReadonlySet<string> = new Set([
  "logLevel",
  "logStructured",
  "logFormat",
  ...Object.keys(authSettings),
  ...(["api", "metrics", "pprof", "playback"] as const).flatMap((name) =>
    Object.keys(httpSettings(name, { what: "", address: "" })),
  ),
  ...Object.keys(limitSettings),
  "maxBitrateKbps",
  "configPersist",
  "rtmpAuthChallenge",
  "runOnConnect",
  "runOnConnectRestart",
  "runOnDisconnect",
  ...Object.keys(pathHookSettings),
  "rtmp",
  "rtmpEncryption",
  "rtmpAddress",
  "rtmpsAddress",
  "rtmpServerKey",
  "rtmpServerCert",
  "rtsp",
  "rtspTransports",
  "rtspEncryption",
  "rtspAddress",
  "rtspsAddress",
  "rtpAddress",
  "rtcpAddress",
  "rtspServerKey",
  "rtspServerCert",
  "rtspAuthMethods",
  ...Object.keys(hlsSettings),
  "readTimeout",
  "udpMaxPayloadSize",
  "gopCache",
  "lowLatency",
  "republishGrace",
  "playWait",
  "playerQueueMs",
  "playerQueueBytes",
  "stallTimeout",
  "idleTimeout",
  "chunkSize",
  "relayTo",
  "configPersist",
  "reconnectUrl",
  "shutdownTimeout",
  ...Object.keys(recorderSettings),
  "hooks",
  "pathDefaults",
  "paths",
  "name",
  "source",
  "sourceFingerprint",
  "sourceOnDemand",
  "sourceOnDemandStartTimeout",
  "sourceOnDemandCloseAfter",
  "sourceRedirect",
  "rtspTransport",
  "fallback",
  "forward",
  "maxReaders",
  "alwaysAvailable",
  "overridePublisher",
  ...Object.keys(recordSettings),
]);

/** Sources that are served. */
export const servedSources: readonly string[] = ["publisher", "redirect", "rtmp", "rtsp"];

/** Keys of paths that belong to a protocol that is not served. */
const foreignPathKeys: ReadonlySet<string> = new Set([
  ...Object.keys(rpiCameraSettings),
  "srtReadPassphrase",
  "srtPublishPassphrase",
  "moqTransport",
  "whepBearerToken",
  "whepSTUNGatherTimeout",
  "whepHandshakeTimeout",
  "whepTrackGatherTimeout",
]);

/** Whether the server does something with a key, or will: `never` for protocols that it does not have. */
export const servedness = (key: string): "served" | "not yet" | "never" => {
  if (servedKeys.has(key)) return "served";
  return Object.hasOwn(unservedSettings, key) || foreignPathKeys.has(key) ? "never" : "not yet";
};
