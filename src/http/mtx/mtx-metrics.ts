import type { HlsMuxerObject, HlsSessionObject } from "../api/hls-objects.ts";
import type { PathObject, RtmpConnObject } from "../api/objects.ts";
import type { FlvConnObject } from "../api/own-objects.ts";
import type { RtspConnObject, RtspSessionObject } from "../api/rtsp-objects.ts";
import { blockText } from "./block.ts";
import { forwardsBlock, type PathForward, pathsBlock, rtmpConnsBlock, rtmpsConnsBlock } from "./blocks.ts";
import type { MtxFilter } from "./filter.ts";
import { flvConnsBlock } from "./flv-blocks.ts";
import { hlsMuxersBlock, hlsSessionsBlock } from "./hls-blocks.ts";
import { rtspConnsBlock, rtspSessionsBlock, rtspsConnsBlock, rtspsSessionsBlock } from "./rtsp-blocks.ts";

/** Everything that MediaMTX's metrics are made of. Lists of servers that are off are undefined. */
export interface MtxState {
  readonly paths: readonly PathObject[];
  readonly forwards: readonly PathForward[];
  readonly hlsSessions?: readonly HlsSessionObject[] | undefined;
  readonly hlsMuxers?: readonly HlsMuxerObject[] | undefined;
  readonly rtspConns?: readonly RtspConnObject[] | undefined;
  readonly rtspSessions?: readonly RtspSessionObject[] | undefined;
  readonly rtspsConns?: readonly RtspConnObject[] | undefined;
  readonly rtspsSessions?: readonly RtspSessionObject[] | undefined;
  readonly rtmpConns: readonly RtmpConnObject[] | undefined;
  readonly rtmpsConns: readonly RtmpConnObject[] | undefined;
  readonly flvConns?: readonly FlvConnObject[] | undefined;
}

/** The metrics under MediaMTX's names, in its blocks and their order: what `filter` asks for of them. */
export const mtxMetrics = (state: MtxState, filter: MtxFilter): string =>
  [
    blockText(pathsBlock, state.paths, filter),
    blockText(forwardsBlock, state.forwards, filter),
    blockText(hlsSessionsBlock, state.hlsSessions, filter),
    blockText(hlsMuxersBlock, state.hlsMuxers, filter),
    blockText(rtspConnsBlock, state.rtspConns, filter),
    blockText(rtspSessionsBlock, state.rtspSessions, filter),
    blockText(rtspsConnsBlock, state.rtspsConns, filter),
    blockText(rtspsSessionsBlock, state.rtspsSessions, filter),
    blockText(rtmpConnsBlock, state.rtmpConns, filter),
    blockText(rtmpsConnsBlock, state.rtmpsConns, filter),
    blockText(flvConnsBlock, state.flvConns, filter),
  ].join("");
