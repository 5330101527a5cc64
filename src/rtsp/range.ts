/** A Range header. RFC 2326 12.29. What is not npt is kept as it came: a live stream has no other. */
export type RtspRange =
  | { readonly kind: "npt"; readonly startSeconds: number | "now"; readonly endSeconds: number | undefined }
  | { readonly kind: "clock" | "smpte"; readonly start: string; readonly end: string };

/** Reads a Range header; undefined where it cannot be read, which is answered with 457. Never throws. */
export const parseRange = (value: string): RtspRange | undefined => {
  const [range = ""] = value.split(";");
  const [, unit = "", start = "", end = ""] = /^\s*([a-z0-9-]+)\s*=([^-]*)(?:-(.*))?$/i.exec(range) ?? [];
  const kind = unit.toLowerCase();
  if (kind === "npt") {
    const startSeconds = start.trim() === "now" ? "now" : start.trim() === "" ? 0 : secondsOf(start);
    const endSeconds = end.trim() === "" ? undefined : secondsOf(end);
    if (startSeconds === undefined || (end.trim() !== "" && endSeconds === undefined)) return undefined;
    return { kind, startSeconds, endSeconds };
  }
  if (kind === "clock" || kind.startsWith("smpte")) {
    return { kind: kind === "clock" ? "clock" : "smpte", start: start.trim(), end: end.trim() };
  }
  return undefined;
};

/** Seconds, or hours, minutes and seconds. */
const secondsOf = (text: string): number | undefined => {
  const [, hours = "0", minutes = "0", seconds = ""] =
    /^(?:(\d{1,6}):(\d{1,2}):)?(\d{1,10}(?:\.\d{0,9})?)$/.exec(text.trim()) ?? [];
  return seconds === "" ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
};

/** The header's value. */
export const formatRange = (range: RtspRange): string => {
  if (range.kind !== "npt") return `${range.kind}=${range.start}-${range.end}`;
  const start = range.startSeconds === "now" ? "now" : range.startSeconds.toFixed(3);
  return `npt=${start}-${range.endSeconds?.toFixed(3) ?? ""}`;
};
