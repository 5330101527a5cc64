import { RefusedError } from "../base/errors.ts";
import { parseStreamPath, printable, type StreamPath } from "../base/stream-path.ts";
import { findPathConfig } from "../config/server/path-lookup.ts";
import { faultOfPathName } from "../config/server/path-name.ts";
import type { PathConfig } from "../config/server/path-section.ts";
import type { ServerConfig } from "../config/server/server-config.ts";
import type { StreamRules } from "../stream/registry.ts";
import type { StreamOptions } from "../stream/stream-options.ts";

/** How long readers wait: for as long as whatever is started for them may take, where something is. */
const playWaitOf = (path: PathConfig, { playWait }: ServerConfig): number => {
  if (path.sourceOnDemand) return path.sourceOnDemandStartTimeout;
  return path.runOnDemand === "" ? playWait : path.runOnDemandStartTimeout;
};

/** Another path of this server that readers are sent to; undefined for a URL, which RTMP's players cannot be sent to. */
const pathIn = (target: string): StreamPath | undefined =>
  target.startsWith("/") ? parseStreamPath(target) : undefined;

const streamOptionsOf = (path: PathConfig, config: ServerConfig): StreamOptions => ({
  confName: path.name,
  hasGopCache: config.gopCache,
  isLowLatency: config.lowLatency,
  acceptsPublishers: path.source === "publisher",
  overridePublisher: path.overridePublisher,
  republishGraceMs: config.republishGrace,
  playWaitMs: playWaitOf(path, config),
  keepsReaders: path.alwaysAvailable,
  maxReaders: path.maxReaders,
  maxBitrate: path.maxBitrateKbps * 1_000,
  redirectTo: path.source === "redirect" ? pathIn(path.sourceRedirect) : undefined,
  fallbackTo: pathIn(path.fallback),
});

/**
 * Whether the name of a stream is put into commands or URLs. Operators write `sh -c 'echo $MTX_PATH'`, which is safe with the names that
 * MediaMTX takes, and lets strangers run programs with any others.
 */
const isSpokenOf = (path: PathConfig): boolean =>
  path.source !== "publisher" ||
  path.forward.length > 0 ||
  Object.entries(path).some(
    ([key, value]) => key.startsWith("runOn") && typeof value === "string" && value !== "",
  );

/** What a configuration says of streams. */
export const streamRulesOf = (config: ServerConfig): StreamRules => {
  // Many streams share an entry; each of them then has the very same options.
  const known = new Map<PathConfig, StreamOptions>();
  return {
    maxPublishers: config.maxPublishers,
    optionsOf: (name) => {
      const found = findPathConfig(config, name);
      if (!found) throw new RefusedError("PATH_NOT_CONFIGURED", `path ${printable(name)} is not configured`);
      const fault = isSpokenOf(found.conf) ? faultOfPathName(name) : undefined;
      if (fault !== undefined)
        throw new RefusedError(
          "BAD_STREAM_NAME",
          `${fault}: commands or URLs of path ${printable(found.conf.name)} would hold it`,
        );
      const options = known.get(found.conf) ?? streamOptionsOf(found.conf, config);
      known.set(found.conf, options);
      return options;
    },
  };
};
