/**
 * A moment as RFC 3339 has it, with this machine's offset from UTC: `2026-08-22T18:57:28.5+02:00`, and `Z` where there is none. The
 * fraction is as long as it must be. `microseconds` are those of the second, for moments that are known better than to the millisecond.
 */
export const formatRfc3339 = (date: Date, microseconds = date.getUTCMilliseconds() * 1_000): string => {
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().replace(/\..*$/, "");
  return `${local}${fractionOf(microseconds)}${zoneOf(offset)}`;
};

const twoDigits = (value: number): string => String(value).padStart(2, "0");

const fractionOf = (microseconds: number): string =>
  microseconds === 0 ? "" : `.${String(microseconds).padStart(6, "0").replace(/0+$/, "")}`;

const zoneOf = (minutes: number): string => {
  if (minutes === 0) return "Z";
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${twoDigits(Math.trunc(size / 60))}:${twoDigits(size % 60)}`;
};
