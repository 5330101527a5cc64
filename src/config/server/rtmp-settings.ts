import { networksSetting } from "./list-setting.ts";
import { addressSetting, encryptionSetting, own, switchSetting, textSetting } from "./setting.ts";

/** RTMP. */
export const rtmpSettings = {
  rtmp: switchSetting("serve RTMP", true),
  rtmpEncryption: encryptionSetting("serve RTMP, RTMPS or both"),
  rtmpAddress: addressSetting("where RTMP is served", ":1935"),
  rtmpsAddress: addressSetting("where RTMPS is served", ":1936"),
  rtmpServerKey: textSetting("private key for RTMPS, PEM", "server.key", { type: "file" }),
  rtmpServerCert: textSetting("certificate for RTMPS, PEM", "server.crt", { type: "file" }),
  rtmpAuthChallenge: own(
    switchSetting(
      "ask encoders that show nothing for user and password when they connect, as the fields of OBS answer; encoders with `?user=` in their stream key cannot connect then",
    ),
  ),
  rtmpTrustedProxies: networksSetting("proxies whose PROXY header is believed"),
};
