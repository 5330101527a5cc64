import type { Call, Handler, Resource } from "../resource.ts";

/** Who answers what viewers ask for. What is not given is not there. */
export interface WatchHandlers {
  /** The page that plays a stream, whose path is {@link Call.name} without its last slash. */
  readonly page: Handler;
  /** `PATH.flv`, over HTTP or a WebSocket. */
  readonly flv?: Handler | undefined;
  /** Playlists, and the files that they name. */
  readonly hls?: Handler | undefined;
}

const hlsFile = /\.(?:m3u8|mp4|m4s|ts)$/;

/**
 * Everything that somebody who watches may ask for, all of it under the name of a stream, which may be any: what it is shows in how it ends.
 * A stream's name alone leads to its page.
 */
export const watchResource = ({ page, flv, hls }: WatchHandlers): Resource => {
  const handle: Handler = (request, call) => {
    const { name } = call;
    if (name === "" || name.endsWith("/")) return page(request, call);
    if (flv && name.endsWith(".flv")) return flv(request, call);
    if (hls && hlsFile.test(name)) return hls(request, call);
    return toPage(request, call);
  };
  // Whether a client may watch depends on the stream: each handler asks.
  return { path: "/{name...}", methods: { GET: handle, HEAD: handle }, isUnguarded: true };
};

/** Relative addresses of the page begin at its slash. */
const toPage = ({ url }: Request, { path }: Call): Response => {
  const last = path.substring(path.lastIndexOf("/") + 1);
  const location = `${encodeURIComponent(last)}/${URL.parse(url)?.search ?? ""}`;
  return new Response(null, { status: 302, headers: { Location: location, "Cache-Control": "no-store" } });
};
