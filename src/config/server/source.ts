import { ConfigError } from "../../base/errors.ts";
import { readUrl } from "./url.ts";

/** Schemes of URLs that a stream can be pulled from, by protocol. */
const schemes = {
  rtsp: ["rtsp", "rtsps", "rtsp+http", "rtsps+http", "rtsp+ws", "rtsps+ws"],
  rtmp: ["rtmp", "rtmps"],
  hls: ["http", "https"],
  mpegts: ["udp+mpegts", "unix+mpegts"],
  rtp: ["udp+rtp", "unix+rtp"],
  srt: ["srt"],
  webrtc: ["whep", "wheps"],
  moq: ["moqt"],
} as const satisfies Record<string, readonly string[]>;

/** Where the stream of a path comes from. */
export type SourceKind = "publisher" | "redirect" | "rpiCamera" | keyof typeof schemes;

/** The kind of a `source`. @throws ConfigError for what is none, never with a password */
export const sourceKindOf = (source: string): SourceKind => {
  if (source === "publisher" || source === "redirect" || source === "rpiCamera") return source;
  const scheme = /^([a-z0-9+]+):\/\//.exec(source)?.[1];
  const protocols = Object.entries(schemes) as [keyof typeof schemes, readonly string[]][];
  const [kind, known] = protocols.find(([, each]) => each.includes(scheme ?? "")) ?? [];
  if (kind === undefined || known === undefined)
    throw new ConfigError(
      `${scheme === undefined ? "no source" : `a ${scheme} URL`}, expected publisher, redirect, rpiCamera or a URL such as rtsp://, rtmp://, https://, udp+mpegts:// or srt://`,
    );
  readUrl(source, known);
  return kind;
};

/** Whether a source is something that the server connects to by itself. */
export const isPulled = (kind: SourceKind): boolean => kind !== "publisher" && kind !== "redirect";

/** Schemes of URLs that a stream can be forwarded to. */
export const forwardSchemes: readonly string[] = ["rtmp", "rtmps", "rtsp", "rtsps", "srt", "whip", "whips"];
