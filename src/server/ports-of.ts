import type { PortsObject, WebPortObject } from "../http/api/own-objects.ts";
import type { Pages, PagesName } from "./pages.ts";
import type { RtmpPorts } from "./rtmp-ports.ts";
import type { RtspPorts } from "./rtsp-ports.ts";
import type { RunConfig } from "./run-config.ts";

/** What listens. */
export interface Listening {
  readonly config: () => RunConfig;
  readonly ports: RtmpPorts;
  readonly rtspPorts: RtspPorts;
  readonly pages: Readonly<Record<PagesName, Pages>>;
}

/** Where the server is found at this moment. */
export const portsOf = ({ config, ports, rtspPorts, pages }: Listening): PortsObject => {
  const { server } = config();
  const web = (name: "hls" | "playback"): WebPortObject | null => {
    const { port } = pages[name];
    return port ? { scheme: server[`${name}Encryption`] ? "https" : "http", port } : null;
  };
  return {
    rtmp: ports.port("rtmp") ?? null,
    rtmps: ports.port("rtmps") ?? null,
    rtsp: rtspPorts.port("rtsp") ?? null,
    rtsps: rtspPorts.port("rtsps") ?? null,
    hls: web("hls"),
    playback: web("playback"),
  };
};
