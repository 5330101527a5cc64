import * as HLS from "hls-parser";

/** A segment as a playlist has it; the last one may be a segment under way, which has no name yet. */
export interface ReadSegment {
  readonly number: number;
  readonly name: string | undefined;
  readonly duration: number;
  readonly isDiscontinuous: boolean;
  readonly init: string | undefined;
  readonly dateMs: number;
  readonly parts: readonly {
    readonly name: string;
    readonly duration: number;
    readonly isIndependent: boolean;
  }[];
}

/** A media playlist, read by its tags: RFC 8216bis. */
export interface ReadPlaylist {
  readonly text: string;
  readonly version: number;
  readonly target: number;
  readonly partTarget: number | undefined;
  readonly control: Readonly<Record<string, string>>;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly skipped: number;
  readonly segments: readonly ReadSegment[];
  readonly hint: string | undefined;
  readonly isEnded: boolean;
}

const attributes = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)].map(([, name = "", value = ""]) => [
      name,
      value.replace(/^"|"$/g, ""),
    ]),
  );

const tag = (text: string, name: string): string | undefined =>
  new RegExp(`^#EXT-X-${name}:(.*)$`, "m").exec(text)?.[1];

/** Reads a media playlist. */
export const readPlaylist = (text: string): ReadPlaylist => {
  const skipped = Number(attributes(tag(text, "SKIP") ?? "")["SKIPPED-SEGMENTS"] ?? 0);
  const mediaSequence = Number(tag(text, "MEDIA-SEQUENCE") ?? 0);
  const segments: ReadSegment[] = [];
  let init: string | undefined;
  const blank = () => ({ duration: 0, isDiscontinuous: false, dateMs: Number.NaN });
  let current = { ...blank(), parts: [] as ReadSegment["parts"][number][] };
  const finish = (name: string | undefined): void => {
    segments.push({ number: mediaSequence + skipped + segments.length, name, init, ...current });
    current = { ...blank(), parts: [] };
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("#EXT-X-DISCONTINUITY") && !line.includes("SEQUENCE")) current.isDiscontinuous = true;
    else if (line.startsWith("#EXT-X-MAP:")) init = attributes(line).URI;
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:"))
      current.dateMs = Date.parse(line.substring(line.indexOf(":") + 1));
    else if (line.startsWith("#EXTINF:")) current.duration = Number(/:([\d.]+)/.exec(line)?.[1]);
    else if (line.startsWith("#EXT-X-PART:")) {
      const { URI = "", DURATION, INDEPENDENT } = attributes(line);
      current.parts.push({ name: URI, duration: Number(DURATION), isIndependent: INDEPENDENT === "YES" });
    } else if (line !== "" && !line.startsWith("#")) finish(line);
  }
  if (current.parts.length > 0) finish(undefined);
  const partTarget = attributes(tag(text, "PART-INF") ?? "")["PART-TARGET"];
  return {
    text,
    version: Number(tag(text, "VERSION")),
    target: Number(tag(text, "TARGETDURATION")),
    partTarget: partTarget === undefined ? undefined : Number(partTarget),
    control: attributes(tag(text, "SERVER-CONTROL") ?? ""),
    mediaSequence,
    discontinuitySequence: Number(tag(text, "DISCONTINUITY-SEQUENCE") ?? 0),
    skipped,
    segments,
    hint: attributes(tag(text, "PRELOAD-HINT") ?? "").URI,
    isEnded: text.includes("#EXT-X-ENDLIST"),
  };
};

HLS.setOptions({ strictMode: true });

/** What a parser from npm says against a playlist, in its strict mode. */
const parserFault = (text: string): string | undefined => {
  try {
    HLS.parse(text);
    return undefined;
  } catch (error) {
    return `hls-parser: ${String(error)}`;
  }
};

/** Whether two sums of rounded seconds agree. */
const areClose = (a: number, b: number, count: number): boolean => Math.abs(a - b) <= 0.001 * (count + 1);

const partFaults = ({ partTarget, segments, control, target }: ReadPlaylist): string[] => {
  if (partTarget === undefined)
    return segments.some(({ parts }) => parts.length > 0) ? ["parts without target"] : [];
  const faults: string[] = [];
  if (control["CAN-BLOCK-RELOAD"] !== "YES") faults.push("parts without CAN-BLOCK-RELOAD");
  if (Number(control["PART-HOLD-BACK"]) < 3 * partTarget - 0.001) faults.push("PART-HOLD-BACK too short");
  if (Number(control["HOLD-BACK"]) < 3 * target) faults.push("HOLD-BACK too short");
  if (Number(control["CAN-SKIP-UNTIL"]) < 6 * target) faults.push("CAN-SKIP-UNTIL too short");
  for (const { number, parts, name, duration } of segments) {
    parts.forEach((part, index) => {
      if (part.duration > partTarget) faults.push(`part ${part.name} of ${part.duration} s is too long`);
      const isLast = index === parts.length - 1;
      if (!isLast && part.duration < 0.85 * partTarget)
        faults.push(`part ${part.name} of ${part.duration} s is too short`);
    });
    const sum = parts.reduce((total, part) => total + part.duration, 0);
    // One that a pause made longer is listed with what was promised.
    const isPaused = parts.some((part) => part.duration === partTarget);
    if (name !== undefined && parts.length > 0 && !isPaused && !areClose(sum, duration, parts.length))
      faults.push(`the parts of segment ${number} make ${sum} s, not ${duration}`);
  }
  return faults;
};

const segmentFaults = ({ target, segments }: ReadPlaylist): string[] => {
  const faults: string[] = [];
  segments.forEach((segment, index) => {
    const { number, duration, dateMs, isDiscontinuous, init } = segment;
    if (Math.round(duration) > target)
      faults.push(`segment ${number} of ${duration} s is longer than ${target} s`);
    if (Number.isNaN(dateMs)) faults.push(`segment ${number} has no date`);
    const before = segments[index - 1];
    if (!before || isDiscontinuous) return;
    if (init !== before.init) faults.push(`segment ${number} has another init without a discontinuity`);
    if (Math.abs(dateMs - before.dateMs - before.duration * 1_000) > 5)
      faults.push(`segment ${number} does not begin where the one before it ends`);
  });
  return faults;
};

/** What is wrong with a media playlist by itself. */
export const faultsOf = (text: string): string[] => {
  const playlist = readPlaylist(text);
  const { segments, mediaSequence, target, isEnded } = playlist;
  const names = segments.flatMap(({ name, parts }) => [
    ...(name ? [name] : []),
    ...parts.map((part) => part.name),
  ]);
  const total = segments.reduce((sum, { duration, name }) => sum + (name ? duration : 0), 0);
  const parser = playlist.skipped > 0 ? undefined : parserFault(text);
  return [
    ...(parser === undefined ? [] : [parser]),
    ...(text.startsWith("#EXTM3U\n") ? [] : ["it does not begin with #EXTM3U"]),
    ...((text.match(/#EXT-X-TARGETDURATION/g) ?? []).length === 1 ? [] : ["no single target duration"]),
    ...(new Set(names).size === names.length ? [] : ["a name stands there twice"]),
    ...(mediaSequence > 0 && !isEnded && playlist.skipped === 0 && total < 3 * target
      ? [`only ${total} s are left of it`]
      : []),
    ...segmentFaults(playlist),
    ...partFaults(playlist),
  ];
};

const sameSegmentFaults = (a: ReadSegment, b: ReadSegment): string[] => {
  const faults: string[] = [];
  const what = `segment ${a.number}`;
  if (a.isDiscontinuous !== b.isDiscontinuous || a.init !== b.init || a.dateMs !== b.dateMs)
    faults.push(`${what} changed`);
  if (a.name !== undefined && (a.name !== b.name || a.duration !== b.duration))
    faults.push(`${what} changed`);
  a.parts.forEach((part, index) => {
    const later = b.parts[index];
    if (later && !Bun.deepEquals(later, part)) faults.push(`part ${part.name} changed`);
    // Parts may leave a playlist all at once.
    if (!later && b.parts.length > 0) faults.push(`part ${part.name} is gone`);
  });
  return faults;
};

/** What is wrong with a playlist, seen that `earlier` came before it. RFC 8216bis 6.2.1. */
export const faultsOfChange = (earlierText: string, text: string): string[] => {
  const [a, b] = [readPlaylist(earlierText), readPlaylist(text)];
  const faults: string[] = [];
  for (const key of ["target", "partTarget", "version"] as const)
    if (a[key] !== b[key]) faults.push(`${key} changed from ${a[key]} to ${b[key]}`);
  if (b.mediaSequence < a.mediaSequence) faults.push("the media sequence runs backwards");
  if (a.isEnded && earlierText !== text) faults.push("it changed after its end");
  const byNumber = new Map(b.segments.map((segment) => [segment.number, segment]));
  for (const segment of a.segments) {
    const later = byNumber.get(segment.number);
    if (later) faults.push(...sameSegmentFaults(segment, later));
    else if (segment.number >= b.mediaSequence + b.skipped) faults.push(`segment ${segment.number} is gone`);
  }
  const removed = a.segments.filter(
    ({ number, isDiscontinuous }) => number < b.mediaSequence && isDiscontinuous,
  );
  const isOverlapping = b.mediaSequence <= a.mediaSequence + a.segments.length;
  if (isOverlapping && b.discontinuitySequence !== a.discontinuitySequence + removed.length)
    faults.push(`discontinuity sequence ${b.discontinuitySequence} after ${a.discontinuitySequence}`);
  const parts = b.segments.flatMap((segment) => segment.parts.map(({ name }) => name));
  const lastPart = a.segments.at(-1)?.parts.at(-1)?.name;
  const next = lastPart === undefined ? -1 : parts.indexOf(lastPart) + 1;
  if (a.hint !== undefined && next > 0 && next < parts.length && parts[next] !== a.hint)
    faults.push(`part ${a.hint} was promised, ${parts[next]} came`);
  return faults;
};
