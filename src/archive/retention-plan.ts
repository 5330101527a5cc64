/** A segment that may be deleted. */
export interface OldSegment {
  /** Of its archive: see `RecordPath`. */
  readonly template: string;
  readonly root: string;
  readonly path: string;
  readonly file: string;
  readonly isLocal: boolean;
  /** Where it is in a store, `s3://BUCKET/KEY`. */
  readonly remote: string | undefined;
  /** When it began, in Unix milliseconds. */
  readonly startMs: number;
  /** What it takes on the disk here. */
  readonly bytes: number;
  /** Something writes or plays it: it stays. */
  readonly isBusy: boolean;
}

/** What is kept of one path. 0 stands for no bound. */
export interface KeepRule {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** What is kept in all. */
export interface KeepRules {
  readonly nowMs: number;
  readonly of: (path: string) => KeepRule;
  /** 0 for no bound. */
  readonly maxTotalBytes: number;
  /** So many bytes are to be freed. */
  readonly bytesToFree: number;
}

/**
 * Which segments are to be deleted: those that are too old, then the oldest of paths that have too much, then the oldest of all while
 * there is too much together or too little room. What is busy counts, and stays; what takes no room here is deleted for its age alone.
 */
export const planRemovals = (segments: readonly OldSegment[], rules: KeepRules): readonly OldSegment[] => {
  const byAge = [...segments].sort((a, b) => a.startMs - b.startMs);
  const removed = new Set<OldSegment>();
  const pathBytes = new Map<string, number>();
  let totalBytes = 0;
  let bytesToFree = rules.bytesToFree;
  for (const { path, bytes } of byAge) {
    pathBytes.set(path, (pathBytes.get(path) ?? 0) + bytes);
    totalBytes += bytes;
  }
  const remove = (segment: OldSegment): void => {
    const { path, bytes } = segment;
    removed.add(segment);
    pathBytes.set(path, (pathBytes.get(path) ?? 0) - bytes);
    totalBytes -= bytes;
    bytesToFree -= bytes;
  };
  const removable = byAge.filter(({ isBusy }) => !isBusy);
  for (const segment of removable) {
    const { maxAgeMs } = rules.of(segment.path);
    if (maxAgeMs > 0 && segment.startMs <= rules.nowMs - maxAgeMs) remove(segment);
  }
  for (const segment of removable) {
    const { maxBytes } = rules.of(segment.path);
    const isOver = maxBytes > 0 && segment.bytes > 0 && (pathBytes.get(segment.path) ?? 0) > maxBytes;
    if (isOver && !removed.has(segment)) remove(segment);
  }
  for (const segment of removable) {
    const isOver = (rules.maxTotalBytes > 0 && totalBytes > rules.maxTotalBytes) || bytesToFree > 0;
    if (isOver && segment.bytes > 0 && !removed.has(segment)) remove(segment);
  }
  return [...removed];
};

/** What is kept of several archives. */
export interface SweepRules {
  readonly nowMs: number;
  readonly archives: readonly {
    readonly template: string;
    readonly root: string;
    /** By the names of paths; what has none is left alone. */
    readonly paths: Readonly<Record<string, KeepRule>>;
  }[];
  /** 0 for no bound. */
  readonly maxTotalBytes: number;
  /** How much more room is wanted on the disks of roots, in bytes. */
  readonly bytesToFree: Readonly<Record<string, number>>;
  /** Some of the rules are about sizes. */
  readonly needsSizes: boolean;
  /** Absolute paths of files that something writes or plays. */
  readonly busy: readonly string[];
}

/** How much a path has, and when its oldest segment began, in microseconds. */
export interface PathTotal {
  readonly name: string;
  readonly root: string;
  readonly bytes: number;
  readonly oldest: number;
}

const rulesOf = ({ archives }: SweepRules): ReadonlyMap<string, KeepRule> =>
  new Map(archives.flatMap(({ paths }) => Object.entries(paths)));

/** Whether anything may have to be deleted: else segments need not be looked at. */
export const hasWork = (totals: readonly PathTotal[], rules: SweepRules): boolean => {
  const known = rulesOf(rules);
  const sum = totals.reduce((bytes, total) => bytes + total.bytes, 0);
  if (rules.maxTotalBytes > 0 && sum > rules.maxTotalBytes) return true;
  if (Object.values(rules.bytesToFree).some((bytes) => bytes > 0)) return true;
  return totals.some(({ name, bytes, oldest }) => {
    const { maxAgeMs = 0, maxBytes = 0 } = known.get(name) ?? {};
    const isOld = maxAgeMs > 0 && oldest / 1_000 <= rules.nowMs - maxAgeMs;
    return isOld || (maxBytes > 0 && bytes > maxBytes);
  });
};

/** Which segments are to be deleted: by the rules of {@link planRemovals}, then the oldest of each root that needs more room. */
export const planSweep = (segments: readonly OldSegment[], rules: SweepRules): readonly OldSegment[] => {
  const known = rulesOf(rules);
  const keep = {
    nowMs: rules.nowMs,
    of: (path: string): KeepRule => known.get(path) ?? { maxAgeMs: 0, maxBytes: 0 },
  };
  const removals = new Set(
    planRemovals(segments, { ...keep, maxTotalBytes: rules.maxTotalBytes, bytesToFree: 0 }),
  );
  for (const [root, bytes] of Object.entries(rules.bytesToFree)) {
    const here = segments.filter((segment) => segment.root === root);
    const soon = here.reduce((sum, segment) => sum + (removals.has(segment) ? segment.bytes : 0), 0);
    const left = here.filter((segment) => !removals.has(segment));
    for (const segment of planRemovals(left, { ...keep, maxTotalBytes: 0, bytesToFree: bytes - soon }))
      removals.add(segment);
  }
  return [...removals];
};
