/** What stands behind the question mark of a URL, as it came. */
export const rawQueryOf = (url: string): string => /\?([^#]*)/.exec(url)?.[1] ?? "";
