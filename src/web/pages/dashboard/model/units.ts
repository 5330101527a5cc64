const withUnit = (value: number, units: readonly string[], step: number): string => {
  let [scaled, index] = [value, 0];
  while (scaled >= step && index < units.length - 1) {
    scaled /= step;
    index++;
  }
  const digits = index === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${units[index]}`;
};

/** Bits per second as `4.52 Mb/s`. */
export const bitrateText = (bitsPerSecond: number): string =>
  withUnit(bitsPerSecond, ["b/s", "kb/s", "Mb/s", "Gb/s"], 1_000);

/** Bytes as `1.21 GiB`. */
export const bytesText = (bytes: number): string => withUnit(bytes, ["B", "KiB", "MiB", "GiB", "TiB"], 1_024);

/** Pictures per second: whole where they are. */
export const frameRateText = (pictures: number): string =>
  Math.abs(pictures - Math.round(pictures)) < 0.25 ? String(Math.round(pictures)) : pictures.toFixed(1);

/** How long something has been: `0:05`, `12:34`, `3:04:05`, `2 d 03:04`. */
export const durationText = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24];
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return `${days} d ${two(hours)}:${two(minutes)}`;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
  return `${minutes}:${two(seconds % 60)}`;
};

/** How long ago something was, roughly: `now`, `45 s ago`, `3 min ago`, `5 h ago`, `2 d ago`. */
export const agoText = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 1) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
};

/** A time of day: `17:04:09`. */
export const clockText = (unixMs: number): string => {
  const date = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** A time of the API as this browser's day and time of day, to the second. */
export const momentText = (rfc3339: string): string => {
  const date = new Date(rfc3339);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${clockText(date.getTime())}`;
};

/** `1 stream`, `2 streams`. */
export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
