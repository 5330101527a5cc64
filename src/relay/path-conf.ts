/** What the configuration says of where a stream comes from, as far as this room looks at it. */
export interface SourceConf {
  readonly source: string;
  readonly sourceFingerprint: string;
  /** How media of an RTSP source travel. */
  readonly rtspTransport: "automatic" | "udp" | "multicast" | "tcp";
  readonly sourceOnDemand: boolean;
  /** In milliseconds. */
  readonly sourceOnDemandCloseAfter: number;
}

/** One destination of a path. */
export interface ForwardConf {
  readonly dest: string;
  readonly destFingerprint: string;
  readonly whipBearerToken: string;
}

/** An entry of the configuration, as far as this room looks at it. */
export interface PathConf extends SourceConf {
  readonly forward: readonly ForwardConf[];
}

/** The configuration, as far as this room looks at it. */
export interface RelayConf {
  readonly paths: Readonly<Record<string, PathConf>>;
  /** URLs that every stream is pushed to. */
  readonly relayTo: readonly string[];
}

/**
 * What the configuration that holds now says of a stream's name; undefined where nothing does. `groups` are those of its regular
 * expression.
 */
export type FindPath = (
  name: string,
) => { readonly conf: PathConf; readonly groups: readonly string[] } | undefined;

/** The scheme of a URL; undefined for text that is none, such as `publisher`. */
export const schemeOf = (text: string): string | undefined => /^([a-z0-9+]+):\/\//.exec(text)?.[1];

/** Whether an entry of the configuration stands for the one stream of this name, not for all that a pattern takes. */
export const isPlainName = (name: string): boolean =>
  !name.startsWith("~") && name !== "all" && name !== "all_others";
