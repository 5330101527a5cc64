import { httpSettings } from "./http-settings.ts";
import { itemsSetting, networksSetting, textsSetting } from "./list-setting.ts";
import { addressSetting, durationSetting, switchSetting, textSetting } from "./setting.ts";

const iceServerSettings = {
  url: textSetting("`stun:` or `turn:` URL", "", { type: "URL" }),
  username: textSetting("user"),
  password: textSetting("password", "", { secret: "all" }),
  clientOnly: switchSetting("only clients use it"),
};

/** Protocols that are not served. Their keys are read, so that files of MediaMTX can be used. */
export const unservedSettings = {
  ...httpSettings("webrtc", { what: "WebRTC", address: ":8889", isOn: true }),
  webrtcLocalUDPAddress: addressSetting("where media is received by UDP", ":8189", { allowsEmpty: true }),
  webrtcLocalTCPAddress: addressSetting("where media is received by TCP", "", { allowsEmpty: true }),
  webrtcIPsFromInterfaces: switchSetting("offer the addresses of network interfaces", true),
  webrtcIPsFromInterfacesList: textsSetting("interfaces that count; empty for all"),
  webrtcAdditionalHosts: textsSetting("further hosts that are offered"),
  webrtcICEServers2: itemsSetting("STUN and TURN servers", [], {
    type: "servers {url, username, password, clientOnly}",
    settings: iceServerSettings,
  }),
  webrtcSTUNGatherTimeout: durationSetting("how long STUN may take", "5s"),
  webrtcHandshakeTimeout: durationSetting("how long a handshake may take", "10s"),
  webrtcTrackGatherTimeout: durationSetting("how long tracks may take to appear", "2s"),
  srt: switchSetting("serve SRT", true),
  srtAddress: addressSetting("where SRT is served", ":8890"),
  moq: switchSetting("serve Media over QUIC", true),
  moqHTTP2Address: addressSetting("where its page is served by HTTP/2", ":8892"),
  moqHTTP3Address: addressSetting("where its page is served by HTTP/3", ":8892"),
  moqQUICAddress: addressSetting("where it is served by QUIC", ":8893"),
  moqServerKey: textSetting("private key, PEM; `auto.key` for one that is made", "auto.key", {
    type: "file",
  }),
  moqServerCert: textSetting("certificate, PEM; `auto.crt` for one that is made", "auto.crt", {
    type: "file",
  }),
  moqAllowOrigins: textsSetting("origins of web pages that may use it; `*` for all", { fallback: ["*"] }),
  moqTrustedProxies: networksSetting("proxies whose headers are believed"),
};
