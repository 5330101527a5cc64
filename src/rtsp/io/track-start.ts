/** Where a track begins for one reader. */
export interface TrackStart {
  /** Sequence number of the first packet. */
  readonly sequence: number;
  /** RTP time of the moment at which the reader begins, the same for all tracks; undefined where that is not known yet. */
  readonly rtpTime: number | undefined;
}
