/** Where a track begins for one reader. */
export interface TrackStart {
  /** Sequence number of the first packet. */
  readonly sequence: number;
  /** RTP time of the first packet; undefined where it has not come yet. */
  readonly rtpTime: number | undefined;
}
