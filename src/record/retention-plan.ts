/** A segment that may be deleted. */
export interface OldSegment {
  readonly path: string;
  readonly file: string;
  /** When it began, in Unix milliseconds. */
  readonly startMs: number;
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
 * there is too much together or too little room. What is busy counts, and stays.
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
    const isOver = maxBytes > 0 && (pathBytes.get(segment.path) ?? 0) > maxBytes;
    if (isOver && !removed.has(segment)) remove(segment);
  }
  for (const segment of removable) {
    const isOver = (rules.maxTotalBytes > 0 && totalBytes > rules.maxTotalBytes) || bytesToFree > 0;
    if (isOver && !removed.has(segment)) remove(segment);
  }
  return [...removed];
};
