/** The name of the stream whose page has this path; empty for the page that belongs to none. */
export const nameOf = (pathname: string): string => {
  const segments = pathname.split("/").filter((segment) => segment !== "");
  return segments.map(decoded).join("/");
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** A stream's name as the path of a URL: slashes stay. */
export const pathOf = (name: string): string => name.split("/").map(encodeURIComponent).join("/");

/** Where the parts of a stream are found on the server that this page comes from. */
export interface StreamUrls {
  readonly state: string;
  readonly flv: string;
  readonly socket: string;
  readonly hls: string;
}

/** `search` is that of the page, with its question mark, and goes along: credentials may stand there. */
export const urlsOf = (name: string, { origin, search }: { origin: string; search: string }): StreamUrls => {
  const path = pathOf(name);
  return {
    state: `${origin}/.state/${path}${search}`,
    flv: `${origin}/${path}.flv${search}`,
    socket: `${origin.replace(/^http/, "ws")}/${path}.flv${search}`,
    hls: `${origin}/${path}/index.m3u8${search}`,
  };
};
