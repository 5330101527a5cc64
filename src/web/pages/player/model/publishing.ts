import { pathOf } from "./address.ts";

/** What somebody has to know to publish, as `/.first-steps` of the server tells it. */
export interface FirstSteps {
  readonly rtmp: number | null;
  readonly rtmps: number | null;
  readonly login: "none" | "user" | "token";
}

/** What an encoder is given. */
export interface PublishAddress {
  /** For every stream of the application: what OBS calls the server. */
  readonly server: string;
  /** What OBS calls the stream key, with what else has to be shown. */
  readonly key: string;
  /** Both in one. */
  readonly url: string;
}

const additions: Readonly<Record<FirstSteps["login"], string>> = {
  none: "",
  user: "?user=NAME&pass=PASSWORD",
  token: "?token=TOKEN",
};

/** Where a stream is published on this host; undefined where RTMP is off. The first segment of its name is the application. */
export const publishAddress = (
  { rtmp, rtmps, login }: FirstSteps,
  { host, name }: { host: string; name: string },
): PublishAddress | undefined => {
  const [scheme, port, usual] =
    rtmp === null ? (["rtmps", rtmps, 443] as const) : (["rtmp", rtmp, 1935] as const);
  if (port === null) return undefined;
  const cut = name.lastIndexOf("/");
  const app = cut < 0 ? "" : `/${pathOf(name.substring(0, cut))}`;
  const server = `${scheme}://${host}${port === usual ? "" : `:${port}`}${app}`;
  const key = `${encodeURIComponent(name.substring(cut + 1))}${additions[login]}`;
  return { server, key, url: `${server}/${key}` };
};

/** A text as a shell takes it for one word. */
const quoted = (text: string): string =>
  /^[\w:/.@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** A command that publishes a file. */
export const ffmpegLine = (url: string): string => `ffmpeg -re -i video.mp4 -c copy -f flv ${quoted(url)}`;
