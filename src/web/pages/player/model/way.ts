import type { StreamState, TrackState } from "./stream-state.ts";

/** A way to play a stream, by the word that stands in the page's address behind `#`. */
export type Way = "ws-flv" | "http-flv" | "hls" | "native-hls";

/** What people call them. */
export const wayNames: Readonly<Record<Way, string>> = {
  "ws-flv": "FLV over WebSocket",
  "http-flv": "FLV over HTTP",
  hls: "HLS",
  "native-hls": "HLS of the browser",
};

const ways = Object.keys(wayNames) as readonly Way[];

/** The way that an address asks for; undefined for the best. */
export const wayIn = (hash: string): Way | undefined => ways.find((way) => `#${way}` === hash);

/** What a browser can do. */
export interface Abilities {
  /** Whether it can decode this type. */
  readonly plays: (type: string) => boolean;
  /** Whether it has media source extensions, by which pages hand media over. */
  readonly hasSources: boolean;
  /** Whether the browser knows HLS itself. */
  readonly hasNativeHls: boolean;
  /** Requests have to carry a header, which neither WebSockets nor the browser's own player can. */
  readonly needsHeader: boolean;
}

/** Codecs of which the server knows no more than the name, as a browser is asked for them. */
const usual: Readonly<Record<string, string>> = {
  H264: "avc1.640028",
  H265: "hvc1.1.6.L123.B0",
  AV1: "av01.0.08M.08",
  VP9: "vp09.00.41.08",
  AAC: "mp4a.40.2",
  MP3: "mp3",
  Opus: "opus",
  "AC-3": "ac-3",
  "E-AC-3": "ec-3",
  FLAC: "flac",
};

/** What mpegts.js reads of FLV. */
const flvCodecs = ["H264", "H265", "AV1", "AAC", "MP3", "Opus"];

const typeOf = ({ kind, codec, codecString }: TrackState): string | undefined => {
  const codecs = codecString ?? usual[codec];
  return codecs && `${kind}/mp4; codecs="${codecs}"`;
};

/** The tracks that the browser cannot play, in the server's words. */
export const unplayable = (tracks: readonly TrackState[], { plays }: Abilities): readonly TrackState[] =>
  tracks.filter((track) => {
    const type = typeOf(track);
    return type === undefined || !plays(type);
  });

/**
 * The ways by which a stream can be played, the best one first: FLV has the least delay, and a WebSocket takes none of the few connections
 * that a browser has for a server.
 */
export const waysFor = ({ tracks }: StreamState, can: Abilities): readonly Way[] => {
  if (unplayable(tracks, can).length > 0) return [];
  const isInFlv = tracks.every(({ codec }) => flvCodecs.includes(codec));
  const hasFlv = can.hasSources && isInFlv;
  return [
    ...(hasFlv && !can.needsHeader ? (["ws-flv"] as const) : []),
    ...(hasFlv ? (["http-flv"] as const) : []),
    ...(can.hasSources ? (["hls"] as const) : []),
    ...(can.hasNativeHls ? (["native-hls"] as const) : []),
  ];
};
