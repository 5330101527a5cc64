import type { GlobalConfig } from "./global-section.ts";
import { kindOfPath } from "./path-name.ts";
import type { PathConfig } from "./path-section.ts";
import { isPulled, sourceKindOf } from "./source.ts";

/** A rule that is broken: the keys that it is about, the most likely culprit first. */
export interface Broken {
  readonly keys: readonly string[];
  readonly message: string;
}

const broken = (keys: readonly string[], message: string): Broken => ({ keys, message });

/** What is wrong with a path as a whole: keys that do not go together, or not with its name. */
export const faultsOfPath = (path: PathConfig, global: Pick<GlobalConfig, "playback">): readonly Broken[] => [
  ...sourceFaults(path),
  ...alwaysAvailableFaults(path),
  ...recordFaults(path, global),
  ...commandFaults(path),
];

const sourceFaults = (path: PathConfig): Broken[] => {
  const faults: Broken[] = [];
  const kind = sourceKindOf(path.source);
  const isFixed = kindOfPath(path.name) === "name";
  if (kind === "publisher" && path.sourceOnDemand)
    faults.push(broken(["sourceOnDemand"], "has no use with source: publisher, expected a source to pull"));
  if (isPulled(kind) && !isFixed && !path.sourceOnDemand)
    faults.push(
      broken(
        ["source"],
        "a path that is no plain name has a source to pull, expected sourceOnDemand: yes too",
      ),
    );
  if (kind === "redirect" && path.sourceRedirect === "")
    faults.push(broken(["source"], "redirect without sourceRedirect, expected a path or an RTSP URL there"));
  if (kind !== "publisher" && path.srtPublishPassphrase !== "")
    faults.push(broken(["srtPublishPassphrase"], "needs source: publisher"));
  if (kind === "rtp" && path.rtpSDP === "")
    faults.push(broken(["source"], "an RTP source without rtpSDP, expected the SDP there"));
  return faults;
};

const alwaysAvailableFaults = (path: PathConfig): Broken[] => {
  if (!path.alwaysAvailable) return [];
  const faults: Broken[] = [];
  const hasTracks = path.alwaysAvailableTracks.length > 0;
  if (kindOfPath(path.name) !== "name")
    faults.push(broken(["alwaysAvailable"], "needs a path with a plain name"));
  if (hasTracks && path.alwaysAvailableFile !== "")
    faults.push(
      broken(["alwaysAvailableFile"], "both alwaysAvailableFile and alwaysAvailableTracks, expected one"),
    );
  if (!hasTracks && path.alwaysAvailableFile === "")
    faults.push(broken(["alwaysAvailable"], "expected alwaysAvailableTracks or alwaysAvailableFile too"));
  if (path.sourceOnDemand) faults.push(broken(["alwaysAvailable"], "does not go with sourceOnDemand"));
  if (path.runOnDemand !== "") faults.push(broken(["alwaysAvailable"], "does not go with runOnDemand"));
  if (path.useAbsoluteTimestamp)
    faults.push(broken(["alwaysAvailable"], "does not go with useAbsoluteTimestamp"));
  return faults;
};

const longestSegment = 86_400_000;

const recordFaults = (path: PathConfig, { playback }: Pick<GlobalConfig, "playback">): Broken[] => {
  const faults: Broken[] = [];
  if (path.recordSegmentDuration > longestSegment)
    faults.push(broken(["recordSegmentDuration"], "more than 24h"));
  if (path.recordDeleteAfter !== 0 && path.recordDeleteAfter < path.recordSegmentDuration)
    faults.push(
      broken(
        ["recordDeleteAfter", "recordSegmentDuration"],
        "recordDeleteAfter is shorter than recordSegmentDuration, expected at least as much, or 0s",
      ),
    );
  if (playback && !path.recordPath.includes("%f"))
    faults.push(broken(["recordPath"], "expected %f in it, which playback needs"));
  return faults;
};

const commandFaults = (path: PathConfig): Broken[] => {
  const faults: Broken[] = [];
  if (path.runOnInit !== "" && kindOfPath(path.name) !== "name")
    faults.push(broken(["runOnInit"], "needs a path with a plain name"));
  if (path.runOnDemand !== "" && path.source !== "publisher")
    faults.push(broken(["runOnDemand"], "needs source: publisher"));
  if (path.runOnUnDemand !== "" && path.runOnDemand === "")
    faults.push(broken(["runOnUnDemand"], "needs runOnDemand"));
  return faults;
};
