/** The last part of a track's URL, in front of its number. MediaMTX, ffmpeg and VLC cut it off like this. */
const trackWord = "trackID=";

/** The `a=control` value of a track. */
export const trackControl = (index: number): string => `${trackWord}${index}`;

/** What a request's URL names. */
export type ControlUrl = {
  /** The path without its first and last slash, percent-decoded; empty for `*`. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Undefined for the URL of the whole session. */
  readonly track: number | undefined;
};

/**
 * Reads the URL of a request: absolute or a path. Clients append the track to the whole URL, query included
 * (`rtsp://host/live/a?token=x/trackID=0`), or to the path in front of the query; both are read. `controls` are those of the media that a
 * publisher announced, who names its tracks in its own way (FFmpeg `streamid=0`, GStreamer `stream=0`). Never throws.
 */
export const parseControlUrl = (url: string, controls: readonly (string | undefined)[] = []): ControlUrl => {
  const announced = cutControl(url, controls);
  const rest = announced.text.replace(/^rtsps?:\/\/[^/?]*/i, "");
  const question = rest.indexOf("?");
  const path = cutTrack(question < 0 ? rest : rest.substring(0, question));
  const query = cutTrack(question < 0 ? "" : rest.substring(question + 1));
  const name = path.text === "*" ? "" : path.text;
  return {
    path: decoded(name.replace(/^\/+|\/+$/g, "")),
    query: query.text.replace(/\/+$/, ""),
    track: announced.track ?? query.track ?? path.track,
  };
};

const cutControl = (
  url: string,
  controls: readonly (string | undefined)[],
): { readonly text: string; readonly track: number | undefined } => {
  const text = url.replace(/\/$/, "");
  for (const [track, control] of controls.entries()) {
    if (control === undefined || control === "" || control === "*") continue;
    // An absolute control has the session's URL in front of its last part.
    if (text === control) return { text: text.substring(0, text.lastIndexOf("/")), track };
    const tail = `/${control.replace(/^\//, "")}`;
    if (text.endsWith(tail)) return { text: text.substring(0, text.length - tail.length), track };
    const front = text.replace(/\?.*$/s, "");
    if (front.endsWith(tail))
      return { text: front.substring(0, front.length - tail.length) + text.substring(front.length), track };
  }
  return { text: url, track: undefined };
};

const cutTrack = (text: string): { readonly text: string; readonly track: number | undefined } => {
  const slash = text.lastIndexOf("/");
  const last = text.substring(slash + 1);
  const [, number] = /^trackID=(\d{1,3})$/i.exec(last) ?? [];
  if (number === undefined) return { text, track: undefined };
  return { text: text.substring(0, Math.max(slash, 0)), track: Number(number) };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * The URL to send SETUP to: `control` as an SDP gives it, resolved against the session's base (Content-Base, Content-Location or the
 * URL of the request) as ffmpeg and live555 do it, which is not what RFC 3986 says: a relative one is appended behind a slash.
 */
export const resolveControl = (base: string, control: string | undefined): string => {
  if (control === undefined || control === "" || control === "*") return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  if (control.startsWith("?")) return `${base}${control}`;
  return `${base.replace(/\/$/, "")}/${control.replace(/^\//, "")}`;
};
