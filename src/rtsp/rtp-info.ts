/** Where a track begins to play. RFC 2326 12.33. */
export type RtpInfo = {
  /** The track's control URL. */
  readonly url: string;
  /** Sequence number of the first packet. */
  readonly sequence: number | undefined;
  /** RTP time of the moment that the Range of the answer names. */
  readonly rtpTime: number | undefined;
};

/** The value of an RTP-Info header. */
export const formatRtpInfo = (infos: readonly RtpInfo[]): string =>
  infos
    .map(({ url, sequence, rtpTime }) =>
      [
        `url=${url}`,
        ...(sequence === undefined ? [] : [`seq=${sequence}`]),
        ...(rtpTime === undefined ? [] : [`rtptime=${rtpTime}`]),
      ].join(";"),
    )
    .join(",");

/** Reads an RTP-Info header; tracks without a URL are left out. Never throws. */
export const parseRtpInfo = (value: string): RtpInfo[] => {
  const infos: RtpInfo[] = [];
  // A URL may hold commas: a track begins where `url=` does.
  for (const part of value.split(/,(?=\s*url\s*=)/i)) {
    const found = new Map<string, string>();
    for (const each of part.split(";")) {
      const equals = each.indexOf("=");
      if (equals > 0)
        found.set(each.substring(0, equals).trim().toLowerCase(), each.substring(equals + 1).trim());
    }
    const url = found.get("url");
    if (!url) continue;
    infos.push({
      url: url.replace(/^"|"$/g, ""),
      sequence: numberOf(found.get("seq"), 0xffff),
      rtpTime: numberOf(found.get("rtptime"), 0xffffffff),
    });
  }
  return infos;
};

const numberOf = (text: string | undefined, limit: number): number | undefined => {
  const value = text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= limit ? value : undefined;
};
