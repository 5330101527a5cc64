import { checkCredential } from "./credential.ts";
import { globalSettings } from "./global-section.ts";
import { networksSetting, textsSetting } from "./list-setting.ts";
import { pathSettings } from "./path-section.ts";
import { type Setting, type Settings, switchSetting, textSetting } from "./setting.ts";

/** A key that has another name now. */
export interface DeprecatedKey {
  readonly setting: Setting<unknown>;
  /** What to write instead, for a person. */
  readonly instead: string;
  /** The keys that are meant, of the level it stands on or of `pathDefaults`. */
  readonly keys: readonly string[];
  readonly isForPaths?: boolean;
  /** What those keys are when this one is `value`. */
  readonly replace: (value: unknown) => Readonly<Record<string, unknown>>;
}

type DeprecatedKeys = Readonly<Record<string, DeprecatedKey>>;

/** A key that was only renamed. */
const renamed = (settings: Settings, key: string): DeprecatedKey => {
  const setting = settings[key];
  if (!setting) throw new TypeError(`no key ${key}`);
  return { setting, instead: key, keys: [key], replace: (value) => ({ [key]: value }) };
};

/** A switch that meant the opposite. */
const inverted = (key: string): DeprecatedKey => ({
  setting: switchSetting(`the opposite of \`${key}\``),
  instead: `${key}: no`,
  keys: [key],
  replace: (value) => ({ [key]: !value }),
});

const singleOrigin = (key: string): DeprecatedKey => ({
  setting: textSetting(`one origin of \`${key}\``),
  instead: key,
  keys: [key],
  replace: (value) => ({ [key]: [value] }),
});

const atTop = (key: string): DeprecatedKey => ({
  ...renamed(pathSettings, key),
  instead: `pathDefaults.${key}`,
  isForPaths: true,
});

/** `stun:HOST:PORT` or `turn:USER:PASSWORD:HOST:PORT`, as it was once written. */
const iceServer = (text: string): unknown => {
  const parts = text.split(":");
  const [scheme = "", username = "", password = "", ...host] = parts;
  const hasUser = parts.length === 5;
  return {
    url: hasUser ? `${scheme}:${host.join(":")}` : text,
    username: hasUser ? username : "",
    password: hasUser ? password : "",
    clientOnly: false,
  };
};

const iceServers: DeprecatedKey = {
  setting: textsSetting("STUN and TURN servers"),
  instead: "webrtcICEServers2",
  keys: ["webrtcICEServers2"],
  replace: (value) => ({ webrtcICEServers2: (value as readonly string[]).map(iceServer) }),
};

const externalAuthentication: DeprecatedKey = {
  setting: globalSettings.authHTTPAddress,
  instead: "authMethod: http and authHTTPAddress",
  keys: ["authHTTPAddress", "authMethod"],
  replace: (value) => (value === "" ? {} : { authMethod: "http", authHTTPAddress: value }),
};

const top = (key: string): DeprecatedKey => renamed(globalSettings, key);
const path = (key: string): DeprecatedKey => renamed(pathSettings, key);

/** Old keys at the top of the file. */
export const deprecatedGlobalKeys: DeprecatedKeys = {
  externalAuthenticationURL: externalAuthentication,
  readBufferCount: top("writeQueueSize"),
  rtspDisable: inverted("rtsp"),
  rtmpDisable: inverted("rtmp"),
  hlsDisable: inverted("hls"),
  webrtcDisable: inverted("webrtc"),
  protocols: top("rtspTransports"),
  encryption: top("rtspEncryption"),
  serverKey: top("rtspServerKey"),
  serverCert: top("rtspServerCert"),
  authMethods: top("rtspAuthMethods"),
  ...Object.fromEntries(
    ["api", "metrics", "pprof", "playback", "hls", "webrtc"].map((name) => [
      `${name}AllowOrigin`,
      singleOrigin(`${name}AllowOrigins`),
    ]),
  ),
  webrtcICEServers: iceServers,
  webrtcICEUDPMuxAddress: top("webrtcLocalUDPAddress"),
  webrtcICETCPMuxAddress: top("webrtcLocalTCPAddress"),
  webrtcICEHostNAT1To1IPs: top("webrtcAdditionalHosts"),
  webrtcICEInterfaces: top("webrtcIPsFromInterfacesList"),
  moqHTTPS2Address: top("moqHTTP2Address"),
  moqHTTPS3Address: top("moqHTTP3Address"),
  record: atTop("record"),
  recordPath: atTop("recordPath"),
  recordFormat: atTop("recordFormat"),
  recordPartDuration: atTop("recordPartDuration"),
  recordSegmentDuration: atTop("recordSegmentDuration"),
  recordDeleteAfter: atTop("recordDeleteAfter"),
};

/** Old keys of paths that say who may publish and read. They become users. */
export const credentialSettings = {
  publishUser: textSetting("who may publish", "", { check: checkCredential }),
  publishPass: textSetting("with which password", "", { check: checkCredential, secret: "all" }),
  publishIPs: networksSetting("and from where"),
  readUser: textSetting("who may read", "", { check: checkCredential }),
  readPass: textSetting("with which password", "", { check: checkCredential, secret: "all" }),
  readIPs: networksSetting("and from where"),
};

/** Old keys of paths. */
export const deprecatedPathKeys: DeprecatedKeys = {
  runOnReady: path("runOnAvailable"),
  runOnReadyRestart: path("runOnAvailableRestart"),
  runOnNotReady: path("runOnUnavailable"),
  disablePublisherOverride: inverted("overridePublisher"),
  sourceProtocol: path("rtspTransport"),
  sourceAnyPortEnable: path("rtspAnyPort"),
  playback: {
    setting: switchSetting("no longer means anything"),
    instead: "nothing",
    keys: [],
    replace: () => ({}),
  },
};

/** Keys that still do what they say, and should not be used any more, with what to do instead. */
export const discouragedKeys: Readonly<Record<string, string>> = {
  authJWTInHTTPQuery: "tokens in the Authorization header",
  fallback: "alwaysAvailable",
};
