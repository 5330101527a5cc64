import { networksSetting, wordsSetting } from "./list-setting.ts";
import { parseNetwork } from "./network.ts";
import { addressSetting, encryptionSetting, switchSetting, textSetting, wholeSetting } from "./setting.ts";

const port = (doc: string, fallback: number) => wholeSetting(doc, fallback, { min: 1, max: 65_535 });

/** RTSP. */
export const rtspSettings = {
  rtsp: switchSetting("serve RTSP", true),
  rtspTransports: wordsSetting("how media may travel", ["multicast", "tcp", "udp"], {
    words: ["udp", "multicast", "tcp"],
    isSorted: true,
  }),
  rtspEncryption: encryptionSetting("serve RTSP, RTSPS or both"),
  rtspAddress: addressSetting("where RTSP is served", ":8554"),
  rtspsAddress: addressSetting("where RTSPS is served", ":8322"),
  rtpAddress: addressSetting("where RTP is received", ":8000"),
  rtcpAddress: addressSetting("where RTCP is received", ":8001"),
  multicastIPRange: textSetting("addresses for multicast", "224.1.0.0/16", {
    type: "network",
    check: (text) => void parseNetwork(text),
  }),
  multicastRTPPort: port("port of RTP by multicast", 8_002),
  multicastRTCPPort: port("port of RTCP by multicast", 8_003),
  srtpAddress: addressSetting("where encrypted RTP is received", ":8004"),
  srtcpAddress: addressSetting("where encrypted RTCP is received", ":8005"),
  multicastSRTPPort: port("port of encrypted RTP by multicast", 8_006),
  multicastSRTCPPort: port("port of encrypted RTCP by multicast", 8_007),
  rtspServerKey: textSetting("private key for RTSPS, PEM", "server.key", { type: "file" }),
  rtspServerCert: textSetting("certificate for RTSPS, PEM", "server.crt", { type: "file" }),
  rtspAuthMethods: wordsSetting("how clients may prove who they are", ["basic"], {
    words: ["basic", "digest"],
  }),
  rtspTrustedProxies: networksSetting("proxies whose PROXY header is believed"),
};
