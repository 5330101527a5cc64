import { json, type Resource } from "../resource.ts";
import { authRoutes, type KeysPort } from "./auth.ts";
import { configRoutes } from "./config.ts";
import { configPathRoutes } from "./config-paths.ts";
import type { ConfigPort } from "./config-port.ts";
import { type ConfigStatusPort, configStatusRoutes } from "./config-status.ts";
import { type FlvConnsPort, flvConnRoutes } from "./flv-conns.ts";
import { type ForwardsPort, forwardRoutes } from "./forwards.ts";
import { type HlsPort, hlsRoutes } from "./hls.ts";
import { type HooksPort, hookRoutes } from "./hooks.ts";
import { type InfoPort, infoRoutes } from "./info.ts";
import { type LivePort, liveRoutes } from "./live.ts";
import { openApiDocument } from "./openapi.ts";
import { type PathsPort, pathRoutes, type RecordingSwitchPort, recordingSwitchRoutes } from "./paths.ts";
import { type RecordingsPort, recordingRoutes } from "./recordings.ts";
import { type RelaysPort, relayRoutes } from "./relays.ts";
import { type ApiRoute, resourcesOf } from "./route.ts";
import { type RtmpConnsPort, rtmpConnRoutes } from "./rtmp-conns.ts";
import { type RtspConnsPort, rtspConnRoutes } from "./rtsp-conns.ts";
import { type RtspSessionsPort, rtspSessionRoutes } from "./rtsp-sessions.ts";
import { type ThumbnailsPort, thumbnailRoutes } from "./thumbnails.ts";

/** What the control API shows and does. What is not given has no routes. */
export interface ControlApiPorts {
  readonly info: InfoPort;
  readonly paths: PathsPort;
  readonly config?: ConfigPort | undefined;
  readonly configStatus?: ConfigStatusPort | undefined;
  readonly keys?: KeysPort | undefined;
  readonly forwards?: ForwardsPort | undefined;
  readonly recordings?: RecordingsPort | undefined;
  readonly recordingSwitch?: RecordingSwitchPort | undefined;
  readonly thumbnails?: ThumbnailsPort | undefined;
  /** Where HLS is on. */
  readonly hls?: HlsPort | undefined;
  /** Where plain RTSP is on, as are its sessions. */
  readonly rtspConns?: RtspConnsPort | undefined;
  readonly rtspSessions?: RtspSessionsPort | undefined;
  /** Where RTSPS is on, as are its sessions. */
  readonly rtspsConns?: RtspConnsPort | undefined;
  readonly rtspsSessions?: RtspSessionsPort | undefined;
  /** Where streams are served over HTTP. */
  readonly flvConns?: FlvConnsPort | undefined;
  /** Where plain RTMP is on. */
  readonly rtmpConns?: RtmpConnsPort | undefined;
  /** Where RTMPS is on. */
  readonly rtmpsConns?: RtmpConnsPort | undefined;
  readonly relays?: RelaysPort | undefined;
  readonly hooks?: HooksPort | undefined;
  readonly live?: LivePort | undefined;
}

/** The endpoints for what there is. */
export const controlApiRoutes = (ports: ControlApiPorts): readonly ApiRoute[] => {
  const { config, configStatus, keys, forwards, recordings, recordingSwitch } = ports;
  const { rtspConns, rtspSessions, rtspsConns, rtspsSessions, rtmpConns, rtmpsConns } = ports;
  return [
    ...infoRoutes(ports.info),
    ...(keys ? authRoutes(keys) : []),
    ...(config ? [...configRoutes(config), ...configPathRoutes(config)] : []),
    ...(configStatus ? configStatusRoutes(configStatus) : []),
    ...pathRoutes(ports.paths),
    ...(recordingSwitch ? recordingSwitchRoutes(recordingSwitch) : []),
    ...(ports.thumbnails ? thumbnailRoutes(ports.thumbnails) : []),
    ...(forwards ? forwardRoutes(forwards, ports.paths) : []),
    ...(ports.hls ? hlsRoutes(ports.hls) : []),
    ...(rtspConns ? rtspConnRoutes("rtspconns", rtspConns) : []),
    ...(rtspSessions ? rtspSessionRoutes("rtspsessions", rtspSessions) : []),
    ...(rtspsConns ? rtspConnRoutes("rtspsconns", rtspsConns) : []),
    ...(rtspsSessions ? rtspSessionRoutes("rtspssessions", rtspsSessions) : []),
    ...(rtmpConns ? rtmpConnRoutes("rtmpconns", rtmpConns) : []),
    ...(rtmpsConns ? rtmpConnRoutes("rtmpsconns", rtmpsConns) : []),
    ...(ports.flvConns ? flvConnRoutes(ports.flvConns) : []),
    ...(recordings ? recordingRoutes(recordings) : []),
    ...(ports.relays ? relayRoutes(ports.relays) : []),
    ...(ports.hooks ? hookRoutes(ports.hooks) : []),
    ...(ports.live ? liveRoutes(ports.live) : []),
  ];
};

/** The control API, and `/v3/openapi.json`, which describes it. */
export const controlApi = (ports: ControlApiPorts): readonly Resource[] => {
  const routes = controlApiRoutes(ports);
  const document = openApiDocument(routes, ports.info.version);
  return [...resourcesOf(routes), { path: "/v3/openapi.json", methods: { GET: () => json(document) } }];
};

/** What pages of other origins may do with the control API. */
export const controlApiCors = {
  methods: ["OPTIONS", "GET", "POST", "PATCH", "DELETE"],
  headers: ["Authorization", "Content-Type"],
} as const;

/** What pages of other origins may do with metrics, profiles and recordings. */
export const pagesCors = { methods: ["OPTIONS", "GET"], headers: ["Authorization"] } as const;

/** The longest body of a request to the control API, in bytes. */
export const controlApiBodyBytes = 10 * 1024 * 1024;
