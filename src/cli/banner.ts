import { networkInterfaces } from "node:os";
import { formatHostPort, type HostPort } from "../base/host-port.ts";

/** Addresses under which others reach a listener. A wildcard is reached under every IPv4 address of this machine. */
export const reachableAt = (address: HostPort): string[] => {
  const isWildcard = address.host === "" || address.host === "0.0.0.0" || address.host === "::";
  if (!isWildcard) return [formatHostPort(address)];
  const found = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((each) => each.family === "IPv4")
    // Addresses that others can use come first.
    .sort((a, b) => Number(a.internal) - Number(b.internal))
    .map((each) => formatHostPort({ host: each.address, port: address.port }));
  return found.length > 0 ? found : [formatHostPort({ host: "127.0.0.1", port: address.port })];
};

/** Ports that clients take by themselves. */
const usualPorts = { rtmp: /:1935$/, rtmps: /:443$/ } as const;

/** A URL without the port where it is the one that clients take by themselves. */
const rtmpUrl = ({ scheme, at }: { scheme: keyof typeof usualPorts; at: string }, path: string): string =>
  `${scheme}://${at.replace(usualPorts[scheme], "")}/${path}`;

/** What to paste into an encoder and a player, to begin with. */
export interface FirstSteps {
  /** OBS's field Server. */
  readonly server: string;
  /** OBS's field Stream Key. */
  readonly streamKey: string;
  /** What other encoders publish to, and players open. */
  readonly url: string;
}

/** The first steps with a server at this address, which serves RTMP unless `scheme` says RTMPS. */
export const firstSteps = (address: HostPort, scheme: keyof typeof usualPorts = "rtmp"): FirstSteps => {
  const [at = ""] = reachableAt(address);
  const server = rtmpUrl({ scheme, at }, "live");
  return { server, streamKey: "test", url: `${server}/test` };
};

/** The page that helps with them in a browser, served at this address. */
export const firstStepsPage = (address: HostPort, scheme: "http" | "https"): string =>
  `${scheme}://${reachableAt(address)[0]}/`;

/** The first steps as a text for people. `page` is where they stand for browsers. */
export const banner = ({ server, streamKey, url }: FirstSteps, page: string | undefined): string => `
  Publish with OBS     Settings, Stream, Service: Custom
                         Server      ${server}
                         Stream Key  ${streamKey}
  Publish with ffmpeg  ffmpeg -re -i FILE -c copy -f flv ${url}
  Play                 ffplay ${url}
                       VLC: Media, Open Network Stream, ${url}
${page === undefined ? "" : `  In a browser         ${page}\n`}`;
