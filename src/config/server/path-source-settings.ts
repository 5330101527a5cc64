import { ConfigError } from "../../base/errors.ts";
import { hideStreamKey } from "../../base/hide-secrets.ts";
import { shownValue } from "../field.ts";
import { checkFingerprint } from "./credential.ts";
import { itemsSetting, listSetting } from "./list-setting.ts";
import { faultOfPathName } from "./path-name.ts";
import { durationSetting, own, switchSetting, textSetting, wholeSetting, wordSetting } from "./setting.ts";
import { forwardSchemes, sourceKindOf } from "./source.ts";
import { readUrl } from "./url.ts";

const passphrase = (doc: string) =>
  textSetting(doc, "", {
    type: "10 to 79 characters",
    secret: "all",
    check: (text) => {
      if (text.length < 10 || text.length > 79)
        throw new ConfigError(`${text.length} characters, expected 10 to 79`);
    },
  });

const trackSettings = {
  codec: wordSetting("codec", "H264", ["AV1", "VP9", "H265", "H264", "Opus", "MPEG4Audio", "G711", "LPCM"]),
  sampleRate: wholeSetting("samples per second", 0, { min: 0, max: 384_000 }),
  channelCount: wholeSetting("channels", 0, { min: 0, max: 255 }),
  muLaw: switchSetting("G711 in µ-law"),
};

const forwardSettings = {
  dest: textSetting("URL; `$MTX_PATH` and `$G1` stand for parts of the path's name", "", {
    type: "URL",
    check: (text) => void readUrl(text, forwardSchemes),
    isRequired: true,
    secret: hideStreamKey,
  }),
  destFingerprint: textSetting("SHA-256 of its certificate", "", {
    type: "fingerprint",
    check: checkFingerprint,
  }),
  whipBearerToken: textSetting("bearer token for WHIP", "", { secret: "all" }),
};

const redirectTarget = (text: string): void => {
  if (!text.startsWith("/")) return void readUrl(text, ["rtsp", "rtsps"]);
  const fault = faultOfPathName(text.substring(1));
  if (fault !== undefined) throw new ConfigError(`no name of a path behind the slash: ${fault}`);
};

/** Where the stream of a path comes from, and who may have it. */
export const sourceSettings = {
  source: textSetting(
    "where the stream comes from: `publisher`, `redirect`, `rpiCamera` or a URL",
    "publisher",
    {
      type: "source",
      check: (text) => void sourceKindOf(text),
      isRequired: true,
      secret: "url",
    },
  ),
  sourceFingerprint: textSetting("SHA-256 of the certificate of the source", "", {
    type: "fingerprint",
    check: checkFingerprint,
  }),
  sourceOnDemand: switchSetting("pull the stream only while somebody wants it"),
  sourceOnDemandStartTimeout: durationSetting("how long readers wait for it", "10s", { isPositive: true }),
  sourceOnDemandCloseAfter: durationSetting("how long it goes on when nobody wants it any more", "10s"),
  maxReaders: wholeSetting("readers at once; 0 for any number", 0, { min: 0, max: 2 ** 31 - 1 }),
  srtReadPassphrase: passphrase("passphrase for reading by SRT"),
  useAbsoluteTimestamp: switchSetting("use the absolute timestamps of the source"),
  alwaysAvailable: switchSetting("show something while nobody publishes"),
  alwaysAvailableTracks: itemsSetting("tracks of what is shown then", [], {
    type: "tracks {codec, sampleRate, channelCount, muLaw}",
    settings: trackSettings,
  }),
  alwaysAvailableFile: textSetting("MP4 that is shown then", "", { type: "file" }),
  forward: itemsSetting("where the stream is forwarded", [], {
    type: "destinations {dest, destFingerprint, whipBearerToken}",
    settings: forwardSettings,
  }),
};

const portRange = (items: readonly number[]): readonly number[] => {
  const [first = 0, last = 0] = items;
  if (first > last) throw new ConfigError(`${first} to ${last}, expected the lower port first`);
  return items;
};

/** What MediaMTX has no key for. */
export const limitPathSettings = {
  maxBitrateKbps: own(
    wholeSetting("most that a publisher may send, in kbit/s; 0 for any", 0, { min: 0, max: 2 ** 31 - 1 }),
  ),
};

/** How a publisher and a pulled source are treated. */
export const ingestSettings = {
  overridePublisher: switchSetting("let a second publisher take the path over", true),
  srtPublishPassphrase: passphrase("passphrase for publishing by SRT"),
  rtspDemuxMpegts: switchSetting("take MPEG-TS in RTSP apart"),
  rtspTransport: wordSetting("how media of an RTSP source travels", "automatic", [
    "automatic",
    "udp",
    "multicast",
    "tcp",
  ]),
  rtspAnyPort: switchSetting("take media of an RTSP source from any port"),
  rtspRangeType: wordSetting("unit of `rtspRangeStart`", "", ["", "clock", "npt", "smpte"]),
  rtspRangeStart: textSetting("where an RTSP source begins to play"),
  rtspScale: textSetting("how fast an RTSP source plays"),
  rtspUDPSourcePortRange: listSetting("ports for media of an RTSP source, first and last", [32_768, 60_999], {
    type: "two ports",
    jsonSchema: { type: "integer", minimum: 1, maximum: 65_535 },
    length: 2,
    parse: (item) => {
      const given = typeof item === "string" && /^\d+$/.test(item) ? Number(item) : item;
      if (typeof given !== "number" || !Number.isInteger(given) || given < 1 || given > 65_535)
        throw new ConfigError(`${shownValue(item)}, expected a port from 1 to 65535`);
      return given;
    },
    arrange: portRange,
  }),
  rtpSDP: textSetting("SDP of an RTP source"),
  moqTransport: textSetting("how a Media over QUIC source is reached", "quic"),
  whepBearerToken: textSetting("bearer token for a WHEP source", "", { secret: "all" }),
  whepSTUNGatherTimeout: durationSetting("how long STUN may take", "5s"),
  whepHandshakeTimeout: durationSetting("how long a handshake may take", "10s"),
  whepTrackGatherTimeout: durationSetting("how long tracks may take to appear", "2s"),
  sourceRedirect: textSetting("where `source: redirect` sends readers: a path or an RTSP URL", "", {
    type: "`/path` or URL",
    check: redirectTarget,
    secret: "url",
  }),
};

/** Where readers of RTSP are sent while nobody publishes. */
export const fallbackSetting = textSetting("where readers of RTSP are sent while nobody publishes", "", {
  type: "`/path` or URL",
  check: redirectTarget,
  secret: "url",
});
