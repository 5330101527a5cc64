import type { PathObject, RtmpConnObject } from "../api/objects.ts";
import { blockText } from "./block.ts";
import { forwardsBlock, type PathForward, pathsBlock, rtmpConnsBlock, rtmpsConnsBlock } from "./blocks.ts";
import type { MtxFilter } from "./filter.ts";

/** Everything that MediaMTX's metrics are made of. Lists of servers that are off are undefined. */
export interface MtxState {
  readonly paths: readonly PathObject[];
  readonly forwards: readonly PathForward[];
  readonly rtmpConns: readonly RtmpConnObject[] | undefined;
  readonly rtmpsConns: readonly RtmpConnObject[] | undefined;
}

/** The metrics under MediaMTX's names, in its blocks and their order: what `filter` asks for of them. */
export const mtxMetrics = ({ paths, forwards, rtmpConns, rtmpsConns }: MtxState, filter: MtxFilter): string =>
  [
    blockText(pathsBlock, paths, filter),
    blockText(forwardsBlock, forwards, filter),
    blockText(rtmpConnsBlock, rtmpConns, filter),
    blockText(rtmpsConnsBlock, rtmpsConns, filter),
  ].join("");
