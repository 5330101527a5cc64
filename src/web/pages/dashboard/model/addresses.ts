import type { Ports, WebPort } from "./objects.ts";

/** A stream's name as the path of a URL: slashes stay. */
export const pathOf = (name: string): string => name.split("/").map(encodeURIComponent).join("/");

/** The default port of a scheme is not written. */
const portText = (port: number | null, usual: number): string =>
  port === usual || port === null ? "" : `:${port}`;

const usualPorts: Readonly<Record<WebPort["scheme"], number>> = { http: 80, https: 443 };

const originOf = (host: string, { scheme, port }: WebPort): string =>
  `${scheme}://${host}${portText(port, usualPorts[scheme])}`;

/** The page that plays a stream, on the host that this page comes from; undefined where that is off. */
export const playerUrl = (host: string, { hls }: Ports, name: string): string | undefined =>
  hls ? `${originOf(host, hls)}/${pathOf(name)}/` : undefined;

/** Whether a page may hold what comes from a port: browsers let none that came by HTTPS hold what comes by HTTP. */
export const isEmbeddable = (protocol: string, port: WebPort | null): boolean =>
  port !== null && (protocol !== "https:" || port.scheme === "https");

/** The page that helps with the first steps. */
export const firstStepsUrl = (host: string, { hls }: Ports): string | undefined =>
  hls ? `${originOf(host, hls)}/` : undefined;

/** Where the playback server is. */
export const playbackOrigin = (host: string, { playback }: Ports): string | undefined =>
  playback ? originOf(host, playback) : undefined;

/** What a publisher types in: where to, for every stream of an application. */
export const publishUrl = (host: string, { rtmp, rtmps }: Ports, app: string): string | undefined => {
  if (rtmp !== null) return `rtmp://${host}${portText(rtmp, 1935)}/${pathOf(app)}`;
  return rtmps !== null ? `rtmps://${host}${portText(rtmps, 443)}/${pathOf(app)}` : undefined;
};
