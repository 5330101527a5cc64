import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { effectiveConfig, writeGlobal, writePath } from "../../../src/config/server/effective.ts";
import { loadServerConfig } from "../../../src/config/server/load.ts";
import { redacted } from "../../../src/config/server/setting.ts";
import { hooksSection } from "../../../src/hooks/settings/hook-file.ts";
import { badServerFiles } from "./bad-server-files.ts";
import { defaultGlobal, defaultPath, ownDefaults, template } from "./samples.ts";

const load = (text: string, environment: Record<string, string> = {}) =>
  loadServerConfig({ text, name: "f", environment });

const faultsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
};

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("a configuration without anything", () => {
  test("is what MediaMTX has, to the byte, but for pages that are on, on this machine alone", () => {
    const written = writeGlobal(load("{}").config, { redacted: true });
    const expected = { ...JSON.parse(defaultGlobal), ...ownDefaults };
    expect(JSON.stringify(written)).toBe(JSON.stringify(expected));
  });

  test("gives paths what MediaMTX gives them, to the byte", () => {
    const { config } = load("paths: {live/cam1: }");
    const expected = JSON.parse(defaultPath);
    for (const path of [config.paths["live/cam1"]!, { ...config.pathDefaults, name: "live/cam1" }]) {
      const written = Object.entries(writePath(path, { redacted: true }));
      const shown = written.filter(([key]) => !key.startsWith("rpiCamera") || Object.hasOwn(expected, key));
      expect(JSON.stringify(Object.fromEntries(shown))).toBe(JSON.stringify(expected));
      const cameraKeys = written.map(([key], index) => (key.startsWith("rpiCamera") ? index : -1));
      const cameras = cameraKeys.filter((index) => index >= 0);
      expect(written[(cameras[0] ?? 0) - 1]?.[0]).toBe("sourceRedirect");
      expect(written[(cameras.at(-1) ?? 0) + 1]?.[0]).toBe("runOnInit");
      expect((cameras.at(-1) ?? 0) - (cameras[0] ?? 0) + 1).toBe(cameras.length);
    }
    expect(config.pathDefaults.name).toBe("");
  });

  test("may be a file of comments, and lets everybody use every name, which it says", () => {
    for (const text of ["", "\n# rtmp: no\n\n", "---\n", "{}", "paths:", "paths: {}"]) {
      const { config, warnings } = load(text);
      expect(Object.keys(config.paths)).toEqual(["all_others"]);
      const line = "f:1: paths: no path, so that every name may be used; expected all_others: to say so";
      expect(warnings).toEqual([line]);
    }
  });
});

describe("the template for MediaMTX", () => {
  test("loads as it is written", () => {
    const { config, warnings, variables } = load(template);
    const { logLevel, logDestinations, rtmp, rtmpAddress, rtsp, rtspAddress, paths } = config;
    expect({ logLevel, logDestinations, rtmp, rtmpAddress, rtsp, rtspAddress }).toEqual({
      logLevel: "info",
      logDestinations: ["stdout"],
      rtmp: true,
      rtmpAddress: ":1935",
      rtsp: true,
      rtspAddress: ":8554",
    });
    const { api, apiAddress, metrics, metricsAddress, playback, playbackAddress } = config;
    expect([api, apiAddress, metrics, metricsAddress, playback, playbackAddress]).toEqual([
      true,
      ":9997",
      true,
      ":9998",
      true,
      ":9996",
    ]);
    expect(paths).toMatchObject({
      all_others: {
        name: "all_others",
        source: "publisher",
        runOnAvailable: "/hooks/mtx-hook ready",
        runOnUnavailable: "/hooks/mtx-hook not-ready",
        record: false,
        recordPath: "./recordings/%path/%Y-%m-%d_%H-%M-%S-%f",
        recordFormat: "fmp4",
        recordPartDuration: 1_000,
        recordMaxPartSize: 52_428_800,
        recordSegmentDuration: 3_600_000,
        recordDeleteAfter: 86_400_000,
      },
    });
    expect([...variables]).toEqual([]);
    expect(warnings.map((line) => line.replace(/^f:\d+: /, ""))).toEqual([
      "pathDefaults.runOnReady: deprecated, expected runOnAvailable",
      "pathDefaults.runOnNotReady: deprecated, expected runOnUnavailable",
      "paths: no path, so that every name may be used; expected all_others: to say so",
    ]);
  });
});

describe("a configuration file", () => {
  test("puts a path over pathDefaults, lists as a whole", () => {
    const { config } = load(`
pathDefaults: { maxReaders: 3, recordFormat: flv, forward: [{dest: rtmp://a/b}] }
paths:
  one: { maxReaders: 5 }
  two: { forward: [] }
  three:
`);
    const shown = Object.values(config.paths).map((path) => [
      path.name,
      path.maxReaders,
      path.recordFormat,
      path.forward.length,
    ]);
    expect(shown).toEqual([
      ["one", 5, "flv", 1],
      ["two", 3, "flv", 0],
      ["three", 3, "flv", 1],
    ]);
  });

  test("takes values in every form that MediaMTX has", () => {
    const { config } = load(`
rtspEncryption: no
rtmpEncryption: "strict"
hls: off
rtspTransports: [udp, tcp, udp]
apiAllowOrigins: https://a.example
apiAddress: unix:///run/api.sock
metricsAddress: 127.0.0.1:9998
hlsTrustedProxies: [10.1.2.3, 192.168.7.9/16, "::1", "2001:db8::5/32"]
hlsSegmentMaxSize: 1.5MB
playerQueueBytes: 1048576
writeTimeout: 1d12h
readTimeout: 1m30s
paths:
  cam: { recordDeleteAfter: 0s, sourceOnDemandCloseAfter: 300ms, recordSegmentDuration: 90m }
`);
    expect(config).toMatchObject({
      rtspEncryption: "no",
      rtmpEncryption: "strict",
      hls: false,
      rtspTransports: ["tcp", "udp"],
      apiAllowOrigins: ["https://a.example"],
      hlsTrustedProxies: ["10.1.2.3/32", "192.168.0.0/16", "::1/128", "2001:db8::/32"],
      hlsSegmentMaxSize: 1_572_864,
      playerQueueBytes: 1_048_576,
      writeTimeout: 129_600_000,
      readTimeout: 90_000,
    });
    const written = asJson(effectiveConfig(config, { redacted: false }));
    expect(written).toMatchObject({
      writeTimeout: "1d12h0m0s",
      readTimeout: "1m30s",
      hlsSegmentMaxSize: "1536K",
      playerQueueBytes: "1M",
      paths: {
        cam: { recordDeleteAfter: "", sourceOnDemandCloseAfter: "300ms", recordSegmentDuration: "1h30m0s" },
      },
    });
  });

  test("leaves variables of commands and passwords alone", () => {
    const { config, variables } = load(`
authInternalUsers: [{user: joe, pass: "\${X}", permissions: [{action: read}]}]
paths: { cam: { runOnAvailable: "echo \${MTX_PATH} $MTX_QUERY" } }`);
    expect(config.authInternalUsers[0]?.pass).toBe(`\${X}`);
    expect(config.paths.cam?.runOnAvailable).toBe(`echo \${MTX_PATH} $MTX_QUERY`);
    expect([...variables]).toEqual([]);
  });

  test("may have paths that are called like parts of objects", () => {
    const { config } = load(
      "paths:\n  constructor: {maxReaders: 1}\n  __proto__: {maxReaders: 2}\n  toString:\n",
    );
    const shown = Object.entries(config.paths).map(([name, path]) => [name, path.name, path.maxReaders]);
    expect(shown).toEqual([
      ["constructor", "constructor", 1],
      ["__proto__", "__proto__", 2],
      ["toString", "toString", 0],
    ]);
  });

  test("has hooks, with variables, which are shown as they are written", () => {
    const text = `
hooks:
  webhooks:
    - event_types: publish_start
      url: https://example.com/
      timeout: 3s
      auth: { type: hmac, secret: "\${SECRET}" }
`;
    const loaded = loadServerConfig({
      text,
      name: "f",
      environment: { SECRET: "s3cret" },
      hooks: hooksSection,
    });
    expect(loaded.config.hooks?.read).toEqual({
      webhooks: [
        {
          event_types: ["publish_start"],
          url: "https://example.com/",
          timeout: 3_000,
          auth: { type: "hmac", secret: "s3cret" },
        },
      ],
    });
    expect([...loaded.variables]).toEqual(["SECRET"]);
    const auth = (isRedacted: boolean) =>
      asJson(
        (effectiveConfig(loaded.config, { redacted: isRedacted }).hooks as { webhooks: unknown[] })
          .webhooks[0],
      );
    expect(auth(false)).toMatchObject({ timeout: "3s", auth: { secret: `\${SECRET}` } });
    expect(auth(true)).toMatchObject({ timeout: "3s", auth: { secret: "***" } });
    expect(
      faultsOf(() => loadServerConfig({ text, name: "f", environment: {}, hooks: hooksSection })),
    ).toEqual(["f:7: hooks.webhooks[0].auth.secret: variable SECRET is not set"]);
  });

  for (const { name, text, faults } of badServerFiles) {
    test(`is refused: ${name}`, () => {
      const told = faultsOf(() => load(text));
      expect(told.map((line, index) => line.substring(0, `f:${faults[index]}`.length))).toEqual(
        faults.map((fault) => `f:${fault}`),
      );
      expect(told.join("\n")).not.toMatch(/hide|secret\b/);
    });
  }

  test("is refused in more than eighty ways", () => {
    expect(badServerFiles.length).toBeGreaterThan(80);
  });
});

describe("an old key", () => {
  const rows: { old: string; now: string; instead: string }[] = [
    {
      old: "externalAuthenticationURL: http://a/",
      now: "authMethod: http\nauthHTTPAddress: http://a/",
      instead: "authMethod: http and authHTTPAddress",
    },
    { old: "readBufferCount: 256", now: "writeQueueSize: 256", instead: "writeQueueSize" },
    { old: "rtspDisable: yes", now: "rtsp: no", instead: "rtsp: no" },
    { old: "rtmpDisable: no", now: "rtmp: yes", instead: "rtmp: no" },
    { old: "hlsDisable: yes", now: "hls: no", instead: "hls: no" },
    { old: "webrtcDisable: yes", now: "webrtc: no", instead: "webrtc: no" },
    { old: "protocols: [tcp]", now: "rtspTransports: [tcp]", instead: "rtspTransports" },
    { old: "encryption: optional", now: "rtspEncryption: optional", instead: "rtspEncryption" },
    { old: "serverKey: k", now: "rtspServerKey: k", instead: "rtspServerKey" },
    { old: "serverCert: c", now: "rtspServerCert: c", instead: "rtspServerCert" },
    { old: "authMethods: [digest]", now: "rtspAuthMethods: [digest]", instead: "rtspAuthMethods" },
    { old: "apiAllowOrigin: https://a", now: "apiAllowOrigins: [https://a]", instead: "apiAllowOrigins" },
    { old: "hlsAllowOrigin: '*'", now: "hlsAllowOrigins: ['*']", instead: "hlsAllowOrigins" },
    {
      old: "webrtcICEServers: ['stun:a:1', 'turn:u:p:b:2']",
      now: "webrtcICEServers2: [{url: 'stun:a:1'}, {url: 'turn:b:2', username: u, password: p}]",
      instead: "webrtcICEServers2",
    },
    { old: "webrtcICEUDPMuxAddress: :1", now: "webrtcLocalUDPAddress: :1", instead: "webrtcLocalUDPAddress" },
    { old: "moqHTTPS2Address: :1", now: "moqHTTP2Address: :1", instead: "moqHTTP2Address" },
    {
      old: "recordDeleteAfter: 2d",
      now: "pathDefaults: {recordDeleteAfter: 2d}",
      instead: "pathDefaults.recordDeleteAfter",
    },
    { old: "record: yes", now: "pathDefaults: {record: yes}", instead: "pathDefaults.record" },
  ];
  for (const { old, now, instead } of rows) {
    test(`means its new one: ${old}`, () => {
      const before = load(old);
      expect(before.config).toEqual(load(now).config);
      const key = old.substring(0, old.indexOf(":"));
      expect(before.warnings).toContain(`f:1: ${key}: deprecated, expected ${instead}`);
    });
  }

  const pathRows = [
    { old: "runOnReady: x", now: "runOnAvailable: x" },
    { old: "runOnReadyRestart: yes", now: "runOnAvailableRestart: yes" },
    { old: "runOnNotReady: x", now: "runOnUnavailable: x" },
    { old: "disablePublisherOverride: yes", now: "overridePublisher: no" },
    { old: "sourceProtocol: tcp", now: "rtspTransport: tcp" },
    { old: "sourceAnyPortEnable: yes", now: "rtspAnyPort: yes" },
    { old: "playback: no", now: "" },
    { old: "name: other", now: "" },
  ];
  for (const { old, now } of pathRows) {
    test(`of a path means its new one: ${old}`, () => {
      const file = (line: string): string => `pathDefaults:\n  ${line}\npaths:\n  cam:\n    ${line}`;
      expect(load(file(old)).config).toEqual(load(file(now)).config);
    });
  }

  test("counts more than the new one beside it, which is told, and less than one of the path itself", () => {
    const { config, warnings } = load(`
pathDefaults: { runOnAvailable: new, runOnReady: old }
paths: { one: , two: { runOnAvailable: own } }`);
    expect(Object.values(config.paths).map((path) => path.runOnAvailable)).toEqual(["old", "own"]);
    expect(warnings).toContain(
      "f:2: pathDefaults.runOnReady: deprecated, expected runOnAvailable; it counts more than runOnAvailable",
    );
  });

  test("about users becomes users", () => {
    const { config, warnings } = load(`
paths:
  cam: { publishUser: joe, publishPass: secret, publishIPs: [10.0.0.0/8] }
  all_others: { readUser: jim }`);
    const publish = (path: string, who: object) => ({ ...who, permissions: [{ action: "publish", path }] });
    const read = (path: string, who: object) => ({ ...who, permissions: [{ action: "read", path }] });
    const anybody = { user: "any", pass: "", ips: [] };
    expect(config.authInternalUsers.map((each) => ({ ...each }))).toEqual([
      { ...anybody, permissions: [{ action: "playback", path: "" }] },
      {
        ...anybody,
        ips: ["127.0.0.1/32", "::1/128"],
        permissions: ["api", "metrics", "pprof"].map((action) => ({ action, path: "" })),
      },
      publish("cam", { user: "joe", pass: "secret", ips: ["10.0.0.0/8"] }),
      read("cam", anybody),
      publish("~^.*$", anybody),
      read("~^.*$", { ...anybody, user: "jim" }),
    ] as unknown as (typeof config.authInternalUsers)[number][]);
    expect(warnings).toContain("f:3: paths.cam.publishUser: deprecated, expected authInternalUsers");
    expect(warnings.filter((line) => line.includes("does not protect"))).toEqual([
      'f:3: paths.cam.publishUser: does not protect from who may publish every path of "all_others", expected credentials there too',
    ]);
  });
});

describe("what is not served", () => {
  const warned = (text: string): string[] =>
    load(`${text}\npaths: {all_others: }`).warnings.map((line) => line.replace(/^f:/, ""));

  test("is told in one line for protocols that there are not", () => {
    expect(warned("webrtc: yes\nsrtAddress: :9000\npathDefaults:\n  whepBearerToken: x")).toEqual([
      "1: webrtc: read and ignored, as its protocol is not served: webrtc, srtAddress, pathDefaults.whepBearerToken",
    ]);
    expect(warned("pathDefaults: {source: 'srt://a:1', sourceOnDemand: yes}")).toContain(
      "1: pathDefaults.source: read and ignored, as its protocol is not served: pathDefaults.source",
    );
  });

  test("is told in one line for what is not done yet", () => {
    expect(
      warned("writeTimeout: 5s\npathDefaults: {record: yes, recordFormat: mpegts, maxReaders: 2}"),
    ).toEqual(["1: writeTimeout: read and checked, but not served yet: writeTimeout"]);
  });

  test("is not told where it is off, or as it is anyway", () => {
    expect(
      warned("webrtc: no\nwebrtcAddress: :1\nhls: no\nhlsAddress: :2\nsrt: no\nmoq: no\nrtspAddress: :8554"),
    ).toEqual([]);
    expect(warned("pathDefaults: {record: yes, recordFormat: flv}\nhls: no")).toEqual([]);
  });
});

describe("secrets", () => {
  const text = `
authInternalUsers: [{user: joe, pass: hideA, permissions: [{action: read}]}]
authHTTPAddress: http://u:hideB@a/?k=hideC
hlsCDNSecret: hideD
relayTo: [rtmp://a/live/hideE, "rtmp://a/live/{name}"]
webrtcICEServers2: [{url: 'turn:a:1', username: u, password: hideF}]
paths:
  cam:
    source: rtmp://u:hideG@host/app#hideH
    srtReadPassphrase: hideI67890
    whepBearerToken: hideJ
    forward: [{dest: rtmp://x/live/hideK, whipBearerToken: hideL}]
  old: {sourceRedirect: "rtsp://u:hideM@a/b"}
`;
  test("are hidden in what people see, and nowhere else", () => {
    const { config } = load(text);
    const shown = JSON.stringify(effectiveConfig(config, { redacted: true }));
    expect(shown).not.toContain("hide");
    expect(shown).toContain('"source":"rtmp://***@host/app?***"');
    expect(config.authInternalUsers[0]?.pass).toBe("hideA");
    expect(JSON.stringify(effectiveConfig(config, { redacted: false })).match(/hide[A-M]/g)?.length).toBe(13);
    const [user] = effectiveConfig(config, { redacted: true }).authInternalUsers as {
      pass: string;
      user: string;
    }[];
    expect([user?.user, user?.pass]).toEqual(["joe", redacted]);
  });
});
