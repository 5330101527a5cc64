import type { StreamPath } from "../base/stream-path.ts";

/** Whoever asks for something of a stream: as far as a request tells. */
export interface Viewer {
  /** As the request names it: readers may be sent on to another stream. */
  readonly path: StreamPath;
  readonly ip: string;
  readonly port: number;
  readonly userAgent: string;
  /** What of the query is the viewer's own, credentials included. */
  readonly query: string;
  /** The header `Authorization`, where there is one. */
  readonly authorization: string;
  /** What names its session in the address; undefined where nothing does. */
  readonly token: string | undefined;
  /** It has shown the secret of a CDN. */
  readonly isCdn: boolean;
}

/**
 * Who a viewer is as far as sessions go. Players without cookies are told apart by address and program; those who show something also by
 * that. What comes through a CDN is one viewer.
 */
export const identityOf = ({ path, ip, userAgent, query, authorization, isCdn }: Viewer): string =>
  isCdn ? `cdn\n${path}` : `${path}\n${ip}\n${userAgent}\n${authorization}\n${query}`;

/** The same viewer, had it shown nothing. */
export const plainIdentityOf = ({ path, ip, userAgent }: Viewer): string =>
  `${path}\n${ip}\n${userAgent}\n\n`;

/** Whether there is anything by which access might be decided. */
export const showsSomething = ({ query, authorization }: Viewer): boolean =>
  query !== "" || authorization !== "";
