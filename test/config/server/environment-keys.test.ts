import { describe, expect, test } from "bun:test";
import { effectiveConfig } from "../../../src/config/server/effective.ts";
import { loadServerConfig } from "../../../src/config/server/load.ts";

const load = (text: string, environment: Record<string, string>) =>
  loadServerConfig({ text, name: "f", environment });

/** The written value at a path of keys. */
const at = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce((part, key) => (part as Record<string, unknown>)[key], value);

const rows: {
  name: string;
  text?: string;
  environment: Record<string, string>;
  keys: string[];
  value: unknown;
}[] = [
  { name: "an address", environment: { MTX_RTSPADDRESS: ":1" }, keys: ["rtspAddress"], value: ":1" },
  { name: "the old prefix", environment: { RTSP_RTMPADDRESS: ":1" }, keys: ["rtmpAddress"], value: ":1" },
  {
    name: "the new prefix before the old one",
    environment: { MTX_RTMPADDRESS: ":2", RTSP_RTMPADDRESS: ":1" },
    keys: ["rtmpAddress"],
    value: ":2",
  },
  {
    name: "before the file",
    text: "rtmpAddress: :1",
    environment: { MTX_RTMPADDRESS: ":2" },
    keys: ["rtmpAddress"],
    value: ":2",
  },
  { name: "a truth", environment: { MTX_API: "yes" }, keys: ["api"], value: true },
  { name: "a number", environment: { MTX_WRITEQUEUESIZE: "1024" }, keys: ["writeQueueSize"], value: 1_024 },
  { name: "a duration", environment: { MTX_READTIMEOUT: "90s" }, keys: ["readTimeout"], value: "1m30s" },
  { name: "a size", environment: { MTX_HLSSEGMENTMAXSIZE: "1G" }, keys: ["hlsSegmentMaxSize"], value: "1G" },
  {
    name: "an encryption as no",
    environment: { MTX_RTSPENCRYPTION: "no" },
    keys: ["rtspEncryption"],
    value: "no",
  },
  {
    name: "an encryption as false",
    environment: { MTX_RTSPENCRYPTION: "false" },
    keys: ["rtspEncryption"],
    value: "no",
  },
  {
    name: "an encryption as true",
    environment: { MTX_RTSPENCRYPTION: "true" },
    keys: ["rtspEncryption"],
    value: "strict",
  },
  {
    name: "a list",
    environment: { MTX_RTSPTRANSPORTS: "udp, tcp" },
    keys: ["rtspTransports"],
    value: ["tcp", "udp"],
  },
  { name: "an empty list", environment: { MTX_APIALLOWORIGINS: "" }, keys: ["apiAllowOrigins"], value: [] },
  {
    name: "an empty text",
    text: "logFile: x",
    environment: { MTX_LOGFILE: "" },
    keys: ["logFile"],
    value: "",
  },
  { name: "a text with a comma", environment: { MTX_LOGFILE: "a,b" }, keys: ["logFile"], value: "a,b" },
  { name: "our own keys", environment: { MTX_CHUNKSIZE: "128" }, keys: ["chunkSize"], value: 128 },
  { name: "an old key", environment: { MTX_PROTOCOLS: "tcp" }, keys: ["rtspTransports"], value: ["tcp"] },
  {
    name: "a default of paths",
    environment: { MTX_PATHDEFAULTS_RECORD: "yes" },
    keys: ["pathDefaults", "record"],
    value: true,
  },
  {
    name: "a default that reaches paths",
    text: "paths: {a: }",
    environment: { MTX_PATHDEFAULTS_RECORD: "yes" },
    keys: ["paths", "a", "record"],
    value: true,
  },
  {
    name: "a new path",
    environment: { MTX_PATHS_CAM1_RECORD: "yes" },
    keys: ["paths", "cam1", "record"],
    value: true,
  },
  {
    name: "a path of the file",
    text: "paths: {cam1: {maxReaders: 3}}",
    environment: { MTX_PATHS_CAM1_RECORD: "yes" },
    keys: ["paths", "cam1", "maxReaders"],
    value: 3,
  },
  {
    name: "a path of the file with other signs",
    text: "paths: {live/Cam_1: }",
    environment: { MTX_PATHS_LIVE_CAM_1_RECORD: "yes" },
    keys: ["paths", "live/Cam_1", "record"],
    value: true,
  },
  {
    name: "all others",
    text: "paths: {all_others: }",
    environment: { MTX_PATHS_ALL_OTHERS_RECORD: "yes" },
    keys: ["paths", "all_others", "record"],
    value: true,
  },
  {
    name: "ports",
    environment: { MTX_PATHDEFAULTS_RTSPUDPSOURCEPORTRANGE: "1000,2000" },
    keys: ["pathDefaults", "rtspUDPSourcePortRange"],
    value: [1_000, 2_000],
  },
  {
    name: "a default user in place",
    environment: { MTX_AUTHINTERNALUSERS_0_USER: "joe" },
    keys: ["authInternalUsers", "0", "permissions", "1", "action"],
    value: "read",
  },
  {
    name: "a permission in place",
    environment: { MTX_AUTHINTERNALUSERS_0_PERMISSIONS_0_PATH: "cam" },
    keys: ["authInternalUsers", "0", "permissions", "0"],
    value: { action: "publish", path: "cam" },
  },
  {
    name: "a further user",
    environment: {
      MTX_AUTHINTERNALUSERS_2_PERMISSIONS_0_ACTION: "api",
      MTX_AUTHINTERNALUSERS_2_USER: "joe",
      MTX_AUTHINTERNALUSERS_2_IPS: "10.0.0.1,::1",
    },
    keys: ["authInternalUsers", "2"],
    value: {
      user: "joe",
      pass: "",
      ips: ["10.0.0.1/32", "::1/128"],
      permissions: [{ action: "api", path: "" }],
    },
  },
  {
    name: "users beside those of the file",
    text: "authInternalUsers: [{user: a, permissions: [{action: api}]}]",
    environment: { MTX_AUTHINTERNALUSERS_1_USER: "b", MTX_AUTHINTERNALUSERS_1_PERMISSIONS_0_ACTION: "read" },
    keys: ["authInternalUsers", "1", "user"],
    value: "b",
  },
  {
    name: "more than ten of a list in their order",
    environment: Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `MTX_PATHDEFAULTS_FORWARD_${index}_DEST`,
        `rtmp://h/${index}`,
      ]),
    ),
    keys: ["pathDefaults", "forward", "11", "dest"],
    value: "rtmp://h/11",
  },
];

describe("a variable", () => {
  for (const { name, text = "{}", environment, keys, value } of rows) {
    test(`sets ${name}`, () => {
      const { config, variables } = load(text, environment);
      expect(at(effectiveConfig(config, { redacted: false, full: true }), keys)).toEqual(value);
      expect([...variables].sort()).toEqual(Object.keys(environment).sort());
    });
  }

  test("that is at fault is named", () => {
    const faults = (environment: Record<string, string>, text = "{}"): string => {
      try {
        load(text, environment);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(faults({ MTX_APIADDRESS: "x" })).toBe(
      'MTX_APIADDRESS: apiAddress: "x" is no address, expected :PORT, HOST:PORT, [IPV6]:PORT or unix://PATH',
    );
    expect(faults({ MTX_PATHS_CAM_SOURCEONDEMAND: "yes" })).toStartWith(
      "MTX_PATHS_CAM_SOURCEONDEMAND: paths.cam.sourceOnDemand: has no use with source: publisher",
    );
    expect(faults({ MTX_AUTHINTERNALUSERS_0_PASS: "hide me" })).toBe(
      "MTX_AUTHINTERNALUSERS_0_PASS: authInternalUsers[0].pass: a character that is not allowed, expected letters, digits and any of ! $ ( ) * + . ; < = > [ ] ^ _ - { } @ # &",
    );
    expect(faults({ MTX_AUTHINTERNALUSERS_4_USER: "x" })).toBe(
      "MTX_AUTHINTERNALUSERS_4_USER: item 4 of 2, expected at most 2",
    );
    expect(faults({ MTX_AUTHINTERNALUSERS: "joe" })).toStartWith("MTX_AUTHINTERNALUSERS: a list of mappings");
    expect(faults({ MTX_CONFKEY: "hide" })).toBe(
      "MTX_CONFKEY: encrypted files cannot be read, expected a plain file and no key",
    );
    expect(faults({ MTX_PATHS_LIVE_A_RECORD: "yes" }, "paths: {live/a: , live_a: }")).toBe(
      'MTX_PATHS_LIVE_A_RECORD: "live/a" and "live_a" are both meant, expected the file to set one of them',
    );
    expect(faults({ MTX_RTMP: "perhaps" }, "api: perhaps").split("\n").sort()).toEqual([
      'MTX_RTMP: rtmp: "perhaps", expected true or false',
      'f:1: api: "perhaps", expected true or false',
    ]);
  });

  test("that means nothing is told, unless a hook would have it", () => {
    const { warnings } = load("paths: {all: }", {
      MTX_RTMPADRESS: ":1",
      MTX_PATH: "live/a",
      MTX_QUERY: "",
      MTX_SOURCE_TYPE: "rtmpConn",
      MTX_SEGMENT_PATH: "x",
      RTSP_PORT: "8554",
      RTSP_PATH: "a",
      OTHER: "1",
    });
    expect(warnings).toEqual(["MTX_RTMPADRESS: no such key, ignored; did you mean MTX_RTMPADDRESS?"]);
  });

  test("leaves what the file shares by an anchor alone", () => {
    const text = "paths:\n  a: &one {maxReaders: 1}\n  b: *one\n";
    const { config } = load(text, { MTX_PATHS_A_MAXREADERS: "2" });
    expect(Object.values(config.paths).map(({ maxReaders }) => maxReaders)).toEqual([2, 1]);
  });
});
