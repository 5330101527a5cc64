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

/** A URL without the port where it is the one that clients take by themselves. */
export const rtmpUrl = (at: string, path: string): string => `rtmp://${at.replace(/:1935$/, "")}/${path}`;

/** What to paste into OBS, ffmpeg and a player. */
export const banner = (address: HostPort): string => {
  const [at = ""] = reachableAt(address);
  const server = rtmpUrl(at, "live");
  const stream = rtmpUrl(at, "live/test");
  return `
  Publish with OBS     Settings, Stream, Service: Custom
                         Server      ${server}
                         Stream Key  test
  Publish with ffmpeg  ffmpeg -re -i FILE -c copy -f flv ${stream}
  Play                 ffplay ${stream}
                       VLC: Media, Open Network Stream, ${stream}
`;
};
