import { createHash, timingSafeEqual } from "node:crypto";
import { parseStreamPath, printable } from "../../base/stream-path.ts";
import type { Muxer, PlaylistWish } from "../../hls/muxer.ts";
import { mediaPlaylistName } from "../../hls/muxer.ts";
import { type PlaylistText, tokenParameter } from "../../hls/playlist-text.ts";
import type { HlsSession } from "../../hls/session.ts";
import type { HlsSessions } from "../../hls/sessions.ts";
import { showsSomething, type Viewer } from "../../hls/viewer.ts";
import { errorResponse } from "../error-response.ts";
import { parseRange } from "../range.ts";
import { rawQueryOf } from "../raw-query.ts";
import type { Call, Handler } from "../resource.ts";

/** What HLS over HTTP needs. */
export interface HlsParts {
  readonly sessions: HlsSessions;
  /** The bearer token of a CDN; empty for none. */
  readonly cdnSecret: () => string;
}

/** Where a player begins. */
export const indexName = "index.m3u8";

/** An answer may be waited for so long, in seconds: a stream that has to be fetched first, and then a segment. */
const patienceSeconds = 60;

/** Parameters of ours: what else stands in a query is the viewer's. */
const ownParameter = new RegExp(`^(?:_HLS_|${tokenParameter}=)`);

/** Answers requests for playlists and for what they name: `PATH/index.m3u8`, `PATH/main_stream.m3u8`, `PATH/….mp4`. */
export const hlsHandler =
  (parts: HlsParts): Handler =>
  async (request, call) => {
    const slash = call.name.lastIndexOf("/");
    const file = call.name.substring(slash + 1);
    const viewer = viewerOf(request, call, { path: call.name.substring(0, Math.max(0, slash)), parts });
    const session = await sessionOf(parts.sessions, { viewer, call, isBeginning: file === indexName });
    if (session instanceof Response) return session;
    session.beginRequest();
    let answer: Answer = { response: undefined, bytes: 0 };
    try {
      const muxer = session.muxer ?? (await waitFor(session, call));
      answer = await answerOf(file, { muxer, session, request, call });
      return answer.response ?? errorResponse(404, `stream ${viewer.path} has no file ${printable(file)}`);
    } finally {
      session.endRequest(answer.bytes);
    }
  };

const waitFor = (session: HlsSession, call: Call): Promise<Muxer> => {
  call.extend(patienceSeconds);
  return session.whenReady;
};

const viewerOf = (
  { url, headers }: Request,
  { query, client }: Call,
  { path, parts }: { path: string; parts: HlsParts },
): Viewer => {
  const authorization = headers.get("Authorization") ?? "";
  return {
    path: parseStreamPath(path),
    ip: client.ip,
    port: client.port,
    userAgent: headers.get("User-Agent") ?? "",
    query: ownQueryOf(url),
    authorization,
    token: query.get(tokenParameter) ?? undefined,
    isCdn: isSecret(authorization, parts.cdnSecret()),
  };
};

const ownQueryOf = (url: string): string => {
  const query = rawQueryOf(url);
  if (query === "") return query;
  const own = query.split("&").filter((each) => !ownParameter.test(each));
  return own.join("&");
};

/** In a time that tells nothing of the secret. */
const isSecret = (authorization: string, secret: string): boolean => {
  if (secret === "" || authorization === "") return false;
  const [, token] = /^bearer +(\S+)\s*$/i.exec(authorization) ?? [];
  if (token === undefined) return false;
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(token), digest(secret));
};

/** The session of a request, or what to answer to who may not have one. */
const sessionOf = async (
  sessions: HlsSessions,
  { viewer, call, isBeginning }: { viewer: Viewer; call: Call; isBeginning: boolean },
): Promise<HlsSession | Response> => {
  const known = sessions.find(viewer);
  // Who begins shows who it is, and may not be let in any more.
  if (known && !(isBeginning && (known.isOver || viewer.token === undefined))) return known;
  if (!isBeginning && (viewer.token !== undefined || sessions.isKicked(viewer)))
    return errorResponse(401, "the session is over, expected a request for index.m3u8 first");
  const id = known && !known.isOver ? known.peer.id : sessions.nextId();
  const fresh = { ...viewer, token: undefined };
  if (viewer.isCdn) return sessions.open(fresh, { id, user: "", isSigned: false });
  const entrance = await call.enter({ action: "read", path: viewer.path, protocol: "hls", id });
  if ("refusal" in entrance) return entrance.refusal;
  const isSigned = showsSomething(viewer) && !entrance.isForAnybody;
  return sessions.open(fresh, { id, user: entrance.user, isSigned });
};

/** An answer with the number of its bytes; undefined for what is not there. */
interface Answer {
  readonly response: Response | undefined;
  readonly bytes: number;
}

interface Asking {
  readonly muxer: Muxer;
  readonly session: HlsSession;
  readonly request: Request;
  readonly call: Call;
}

const answerOf = async (file: string, asking: Asking): Promise<Answer> => {
  const { muxer, call } = asking;
  if (file === indexName) {
    call.extend(patienceSeconds);
    return playlist(await muxer.multivariant(), asking, "fresh");
  }
  if (file !== mediaPlaylistName) return media(file, await muxer.file(file), asking);
  const wish = wishOf(call.query);
  if (!wish)
    return problem(400, "_HLS_msn and _HLS_part have to be whole numbers, _HLS_part beside _HLS_msn");
  if (wish.segment !== undefined) call.extend(patienceSeconds);
  const text = await muxer.media(wish);
  if (text === "never") return problem(400, `segment ${wish.segment} is too far ahead`);
  if (text === "late") return problem(503, `segment ${wish.segment} does not come in time`);
  return playlist(text, asking, wish.segment === undefined ? "fresh" : "settled");
};

const problem = (status: number, text: string): Answer => ({
  response: errorResponse(status, text),
  bytes: 0,
});

/** Undefined where it makes no sense. RFC 8216bis 6.2.5. */
const wishOf = (query: URLSearchParams): PlaylistWish | undefined => {
  const msn = query.get("_HLS_msn");
  const part = query.get("_HLS_part");
  const skip = query.get("_HLS_skip");
  const isNumber = (text: string | null): boolean => text === null || /^\d{1,15}$/.test(text);
  if (!isNumber(msn) || !isNumber(part) || (part !== null && msn === null)) return undefined;
  return {
    segment: msn === null ? undefined : Number(msn),
    part: part === null ? undefined : Number(part),
    isDelta: skip === "YES" || skip === "v2",
  };
};

/**
 * What caches may do. Who asks for what there is has to get what there is, though a cache in between may give it to many at once; what was
 * waited for is as good a moment later.
 */
const playlistCaching = {
  fresh: "public, max-age=0, s-maxage=1",
  settled: "public, max-age=0, s-maxage=6",
  signed: "private, no-store",
} as const;

const playlist = (
  text: PlaylistText,
  { session: { token }, request }: Asking,
  age: "fresh" | "settled",
): Answer => {
  const headers: Record<string, string> = {
    "Content-Type": "application/vnd.apple.mpegurl",
    "Cache-Control": token === undefined ? playlistCaching[age] : playlistCaching.signed,
    Vary: "Accept-Encoding",
  };
  if (token !== undefined) return bodyOf(text.signed(token), headers);
  if (!/\bgzip\b/i.test(request.headers.get("Accept-Encoding") ?? "")) return bodyOf(text.plain, headers);
  return bodyOf(text.gzip, { ...headers, "Content-Encoding": "gzip" });
};

const bodyOf = (body: Blob, headers: Record<string, string>): Answer => ({
  response: new Response(body, { headers }),
  bytes: body.size,
});

/** Names never come back, so that what they name may be kept for good. */
const mediaCaching = {
  plain: "public, max-age=31536000, immutable",
  signed: "private, max-age=31536000, immutable",
} as const;

const media = (name: string, file: Blob | undefined, { session, request }: Asking): Answer => {
  if (!file) return { response: undefined, bytes: 0 };
  const { size } = file;
  const range = parseRange(request.headers.get("Range"), size);
  if (range === "none") {
    const headers = { "Content-Range": `bytes */${size}`, "Cache-Control": "no-store" };
    return { response: new Response(null, { status: 416, headers }), bytes: 0 };
  }
  const headers: Record<string, string> = {
    "Content-Type": name.endsWith(".ts") ? "video/mp2t" : "video/mp4",
    "Cache-Control": session.token === undefined ? mediaCaching.plain : mediaCaching.signed,
    "Accept-Ranges": "bytes",
  };
  if (!range) return { response: new Response(file, { headers }), bytes: size };
  headers["Content-Range"] = `bytes ${range.from}-${range.to - 1}/${size}`;
  const body = file.slice(range.from, range.to);
  return { response: new Response(body, { status: 206, headers }), bytes: body.size };
};
