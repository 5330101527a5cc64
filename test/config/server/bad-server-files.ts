/** A configuration file that is refused, and every line of why; the file is called `f`. */
export interface BadServerFile {
  readonly name: string;
  readonly text: string;
  readonly faults: readonly string[];
}

const top = (name: string, text: string, ...faults: string[]): BadServerFile => ({ name, text, faults });

/** A path `cam` with these lines, which begin on line 3. */
const cam = (name: string, lines: string, ...faults: string[]): BadServerFile => ({
  name,
  text: `paths:\n  cam:\n${lines.replace(/^/gm, "    ")}`,
  faults,
});

const wide = (name: string, lines: string, ...faults: string[]): BadServerFile => ({
  name,
  text: `paths:\n  ~^live/:\n${lines.replace(/^/gm, "    ")}`,
  faults,
});

const user = (name: string, lines: string, ...faults: string[]): BadServerFile => ({
  name,
  text: `authInternalUsers:\n  - permissions: [{action: read}]\n${lines.replace(/^/gm, "    ")}`,
  faults,
});

const durationForm = "expected a duration such as 500ms, 10s, 1m30s, 1h or 7d";
const noDuration = (text: string): string =>
  `"${text}" is no duration, expected a number with a unit such as 500ms, 10s, 1m30s, 1h or 7d`;
const noAddress = (text: string): string => `"${text}" is no address, expected :PORT, HOST:PORT`;
const noNetwork = "expected an IP address or network such as 10.0.0.1, 192.168.0.0/16 or ::1";
const fingerprint = "no fingerprint, expected the SHA-256 of a certificate: 64 hexadecimal digits";
const hex = "ab".repeat(32);

/** Files that are wrong in the ways people get them wrong. */
export const badServerFiles: readonly BadServerFile[] = [
  top("a list", "- rtmp", "1: expected a mapping"),
  top("users that are text", "authInternalUsers: S3cret", "1: authInternalUsers: text, expected a list"),
  top(
    "a user that is text",
    "authInternalUsers: [S3cret]",
    "1: authInternalUsers[0]: text, expected a mapping",
  ),
  top(
    "a user that is a number",
    "authInternalUsers: [123]",
    "1: authInternalUsers[0]: a number, expected a mapping",
  ),
  cam(
    "a destination that is text",
    "forward: [rtmp://u:S3cret@h/a/KEY]",
    "3: paths.cam.forward[0]: text, expected a mapping",
  ),
  top("a key twice", "rtmp: yes\nrtmp: no", '2: "rtmp" stands twice, first on line 1'),
  top("no YAML", "paths: [", "1: flow sequence in block collection"),
  top("a misspelt key", "rtmpAdress: :1935", "1: rtmpAdress: unknown key, did you mean rtmpAddress?"),
  top(
    "a key in other capitals",
    "rtmp: yes\nRTMPAddress: :1935",
    "2: RTMPAddress: unknown key, did you mean rtmpAddress? Capitals count",
  ),
  top("a key of nothing", "zzzzzzzzzzzz: 1", "1: zzzzzzzzzzzz: unknown key"),
  top("the key of a path", "overridePublisher: no", "1: overridePublisher: unknown key"),
  top(
    "keys of objects",
    "constructor: 1\n__proto__: 2",
    "1: constructor: unknown key",
    "2: __proto__: unknown key",
  ),
  top("hooks where there are none", "hooks: {}", "1: hooks: unknown key"),
  top(
    "several faults",
    "rtmp: 3\n\napi: maybe",
    "1: rtmp: 3, expected true or false",
    '3: api: "maybe", expected true or false',
  ),

  top("a level of logging", "logLevel: trace", '1: logLevel: "trace", expected error, warn, info or debug'),
  top(
    "a destination",
    "logDestinations: [stderr]",
    '1: logDestinations: "stderr", expected stdout, file, syslog',
  ),
  top(
    "no destination",
    "logDestinations: []",
    "1: logDestinations: empty, expected some of stdout, file, syslog",
  ),
  top(
    "destinations as a mapping",
    "logDestinations: {a: 1}",
    "1: logDestinations: a mapping, expected a list",
  ),
  top("a number as text", "logFile: 3", "1: logFile: 3, expected text in quotes"),
  top("a list as text", "sysLogPrefix: [a]", "1: sysLogPrefix: a list, expected text in quotes"),
  top("a truth in numbers", "dumpPackets: 1", "1: dumpPackets: 1, expected true or false"),

  top("a duration without unit", "readTimeout: 10", `1: readTimeout: 10, ${durationForm}`),
  top("a duration of zero", "readTimeout: 0s", '1: readTimeout: "0s", expected a duration above zero'),
  top("no duration", 'writeTimeout: ""', '1: writeTimeout: "", expected a duration above zero'),
  top("a duration in words", "writeTimeout: soon", `1: writeTimeout: ${noDuration("soon")}`),
  top("a negative duration", "playWait: -5s", `1: playWait: ${noDuration("-5s")}`),
  top("days behind hours", "playWait: 5h1d", `1: playWait: ${noDuration("5h1d")}`),
  top(
    "an endless duration",
    "playWait: 99999d",
    '1: playWait: "99999d", expected a duration of at most 36500d',
  ),
  top(
    "a queue that is no power of two",
    "writeQueueSize: 500",
    "1: writeQueueSize: 500, expected a power of two from 1 to 16777216",
  ),
  top("no queue", "writeQueueSize: 0", "1: writeQueueSize: 0, expected a power of two"),
  top(
    "a large packet",
    "udpMaxPayloadSize: 1500",
    "1: udpMaxPayloadSize: 1500, expected a whole number from 1 to 1472",
  ),
  top(
    "a negative buffer",
    "udpReadBufferSize: -1",
    "1: udpReadBufferSize: -1, expected a whole number from 0",
  ),

  top("a method", "authMethod: ldap", '1: authMethod: "ldap", expected internal, http or jwt'),
  top(
    "http without a URL",
    "authMethod: http",
    "1: authMethod: http without authHTTPAddress, expected a URL there",
  ),
  top("jwt without a URL", "authMethod: jwt", "1: authMethod: jwt without authJWTJWKS, expected a URL there"),
  top(
    "jwt without a claim",
    'authMethod: jwt\nauthJWTJWKS: https://a/\nauthJWTClaimKey: ""',
    "3: authJWTClaimKey: empty, expected the name of a claim",
  ),
  top(
    "no URL",
    "authHTTPAddress: localhost:80",
    "1: authHTTPAddress: no URL, expected one with http:// or https://",
  ),
  top(
    "another URL",
    "authJWTJWKS: ftp://a/",
    "1: authJWTJWKS: a ftp URL, expected one with http:// or https://",
  ),
  top("a fingerprint with colons", "authHTTPFingerprint: AB:CD", `1: authHTTPFingerprint: ${fingerprint}`),
  top("a short fingerprint", `authJWTJWKSFingerprint: ${hex}0`, `1: authJWTJWKSFingerprint: ${fingerprint}`),
  top(
    "an exclusion of nothing",
    "authHTTPExclude: [{action: fly}]",
    '1: authHTTPExclude[0].action: "fly", expected publish, read, playback, api, metrics or pprof',
  ),
  top(
    "an exclusion with another key",
    "authJWTExclude: [{actions: api}]",
    "1: authJWTExclude[0].actions: unknown key, did you mean action?",
  ),
  top(
    "users as a mapping",
    "authInternalUsers: {user: any}",
    "1: authInternalUsers: a mapping, expected a list",
  ),
  top(
    "a nothing among users",
    "authInternalUsers: [null]",
    "1: authInternalUsers[0]: null, expected a mapping",
  ),
  user("a user without a name", "pass: x", "2: authInternalUsers[0].user: empty, expected a name or any"),
  user(
    "any with a password",
    "user: any\npass: secret",
    "4: authInternalUsers[0].pass: user any with a password, expected a name or no password",
  ),
  user(
    "a numeric password",
    "user: joe\npass: 1234",
    "4: authInternalUsers[0].pass: no text, expected text in quotes",
  ),
  user(
    "a password with a blank",
    "user: joe\npass: hide me",
    "4: authInternalUsers[0].pass: a character that is not allowed, expected letters, digits",
  ),
  user(
    "a broken digest",
    "user: joe\npass: sha256:abc",
    "4: authInternalUsers[0].pass: sha256: without a digest",
  ),
  user(
    "another broken digest",
    "user: joe\npass: argon2:abc",
    "4: authInternalUsers[0].pass: argon2: without a digest",
  ),
  user("an address", "user: joe\nips: [1.2.3]", `4: authInternalUsers[0].ips: "1.2.3", ${noNetwork}`),
  user(
    "a long prefix",
    "user: joe\nips: 1.2.3.4/33",
    `4: authInternalUsers[0].ips: "1.2.3.4/33", ${noNetwork}`,
  ),
  user(
    "a name as an address",
    "user: joe\nips: [localhost]",
    `4: authInternalUsers[0].ips: "localhost", ${noNetwork}`,
  ),
  top(
    "a user with no permission",
    "authInternalUsers:\n  - user: joe\n    permissions: []",
    "3: authInternalUsers[0].permissions: empty, expected at least one permission",
  ),
  top(
    "a permission for a broken expression",
    "authInternalUsers: [{user: joe, permissions: [{action: read, path: '~('}]}]",
    '1: authInternalUsers[0].permissions[0].path: "(" is no regular expression as Go has them: missing closing )',
  ),

  top("an address without a port", "apiAddress: localhost", `1: apiAddress: ${noAddress("localhost")}`),
  top("a port in numbers", "rtmpAddress: 1935", '1: rtmpAddress: 1935, expected an address such as ":1935"'),
  top("a port in text", 'rtmpAddress: "1935"', `1: rtmpAddress: ${noAddress("1935")}`),
  top("a port beyond all", "hlsAddress: :65536", `1: hlsAddress: ${noAddress(":65536")}`),
  top("IPv6 without brackets", "rtspAddress: ::1:8554", `1: rtspAddress: ${noAddress("::1:8554")}`),
  top("a file for RTMP", "rtmpAddress: unix:///tmp/x", `1: rtmpAddress: ${noAddress("unix:///tmp/x")}`),
  top("no address", 'rtspsAddress: ""', `1: rtspsAddress: ${noAddress("")}`),
  top("origins as numbers", "apiAllowOrigins: [1]", "1: apiAllowOrigins: 1, expected text"),
  top("a proxy", "rtmpTrustedProxies: proxy", `1: rtmpTrustedProxies: "proxy", ${noNetwork}`),
  top("a transport", "rtspTransports: [quic]", '1: rtspTransports: "quic", expected udp, multicast, tcp'),
  top(
    "an encryption",
    "rtspEncryption: maybe",
    '1: rtspEncryption: "maybe", expected no, optional or strict',
  ),
  top("a network for multicast", "multicastIPRange: 224.1.0", `1: multicastIPRange: "224.1.0", ${noNetwork}`),
  top(
    "a port of zero",
    "multicastRTPPort: 0",
    "1: multicastRTPPort: 0, expected a whole number from 1 to 65535",
  ),
  top(
    "digest with http",
    "authMethod: http\nauthHTTPAddress: http://a/\nrtspAuthMethods: [digest]",
    "3: rtspAuthMethods: digest does not go with authMethod: http, expected basic",
  ),
  top(
    "digest with a hash",
    `rtspAuthMethods: [digest]\nauthInternalUsers: [{user: joe, pass: "sha256:${"A".repeat(43)}=", permissions: [{action: read}]}]`,
    "1: rtspAuthMethods: digest does not go with hashed users and passwords, expected basic",
  ),
  top("a variant", "hlsVariant: dash", '1: hlsVariant: "dash", expected mpegts, fmp4 or lowLatency'),
  top("no segments", "hlsSegmentCount: 0", "1: hlsSegmentCount: 0, expected a whole number from 1 to 10000"),
  top(
    "segments of nothing",
    "hlsSegmentDuration: 0",
    "1: hlsSegmentDuration: 0, expected a duration above zero",
  ),
  top(
    "a size in words",
    "hlsSegmentMaxSize: big",
    '1: hlsSegmentMaxSize: "big" is no size, expected a number with a unit such as 512K, 50M or 1G',
  ),
  top("a size without unit", 'hlsSegmentMaxSize: "50"', '1: hlsSegmentMaxSize: "50" is no size'),
  top("no size", "playerQueueBytes: 0", "1: playerQueueBytes: 0, expected at least 1B"),
  top(
    "an ICE server",
    "webrtcICEServers2: [{urls: x}]",
    "1: webrtcICEServers2[0].urls: unknown key, did you mean url?",
  ),
  top("a chunk size", "chunkSize: 65537", "1: chunkSize: 65537, expected a whole number from 1 to 65536"),
  top(
    "a queue of fractions",
    "playerQueueMs: 1.5",
    "1: playerQueueMs: 1.5, expected a whole number from 1 to 3600000",
  ),
  top("no stall", "stallTimeout: 0", "1: stallTimeout: 0, expected a duration above zero"),
  top("a relay", "relayTo: [http://a/live]", "1: relayTo: a http URL, expected one with rtmp:// or rtmps://"),
  top(
    "a relay with a password before its host",
    "relayTo: [rtmp://a/live, rtmp://jo:secret@a/live]",
    "1: relayTo: a URL with a user and password in front of the host, expected rtmp[s]://HOST[:PORT]/APP[/NAME] with credentials in the query of NAME",
  ),
  top(
    "a relay to no application",
    "relayTo: rtmp://a/",
    "1: relayTo: no application, expected rtmp[s]://HOST[:PORT]/APP[/NAME]",
  ),
  top(
    "a relay with a query behind its application",
    'relayTo: "rtmp://a/live?token=secret/{name}"',
    "1: relayTo: a query behind the application, expected rtmp[s]://HOST[:PORT]/APP[/NAME] with the query behind NAME",
  ),
  top(
    "a relay to a host of the publisher's choice",
    "relayTo: rtmp://{name}/live",
    "1: relayTo: a placeholder in the host, expected placeholders in APP and NAME only",
  ),
  top(
    "a relay with a placeholder that is none",
    "relayTo: rtmp://a/live/{key}",
    "1: relayTo: the placeholder {key}, expected {app}, {name} or {stream_key}",
  ),
  top("a relay to no port", "relayTo: rtmp://a:0/live", "1: relayTo: port 0, expected 1 to 65535"),
  top("a relay to nobody", "relayTo: rtmp:///live", "1: relayTo: rtmp:// without a host"),
  top("an old switch", "rtmpDisable: perhaps", '1: rtmpDisable: "perhaps", expected true or false'),
  top(
    "an old duration",
    "recordSegmentDuration: 25h\nrecordDeleteAfter: 0s",
    '1: recordSegmentDuration: path "all_others": more than 24h',
  ),

  top("defaults as text", "pathDefaults: yes", "1: pathDefaults: text, expected a mapping"),
  top("paths as a list", "paths: [cam]", "1: paths: a list, expected a mapping"),
  top("a path as text", "paths: {cam: rtsp}", "1: paths.cam: text, expected a mapping"),
  top(
    "a name with a slash before it",
    "paths: {/cam: }",
    '1: paths."/cam": no name of a path: "/cam", expected no slash at its beginning',
  ),
  top(
    "a name with a slash behind it",
    "paths: {cam/: }",
    '1: paths."cam/": no name of a path: "cam/", expected no slash at its end',
  ),
  top("an empty name", 'paths: {"": }', '1: paths."": no name of a path: an empty name'),
  top(
    "a name with a blank",
    "paths: {my cam: }",
    '1: paths."my cam": no name of a path: "my cam", expected letters',
  ),
  top(
    "a way up",
    "paths: {a/../b: }",
    '1: paths."a/../b": no name of a path: "a/../b", expected no segment . or ..',
  ),
  top(
    "a double slash, which no stream has",
    "paths: {live//cam: }",
    '1: paths."live//cam": no name of a path: "live//cam", expected no double slash, which no stream has in its name',
  ),
  top(
    "a name that is longer than a stream's may be",
    `paths: {${"abc/".repeat(64)}a: }`,
    `1: paths."${"abc/".repeat(20)}…": no name of a path: "${"abc/".repeat(20)}…": it has 257 characters, expected at most 256`,
  ),
  top(
    "a segment that is longer than a stream's may be",
    `paths: {${"a".repeat(129)}: }`,
    `1: paths.${"a".repeat(129)}: no name of a path: "${"a".repeat(80)}…": a segment has 129 characters, expected at most 128`,
  ),
  top(
    "a regular expression without ~",
    "paths: {^live$: }",
    '1: paths."^live$": no name of a path: "^live$", expected letters, digits, and any of _ - / .; a regular expression begins with ~',
  ),
  top(
    "a broken expression",
    "paths: {'~a(b': }",
    '1: paths."~a(b": no name of a path: "a(b" is no regular expression as Go has them: missing closing ): `a(b`',
  ),
  top(
    "an expression that Go does not know",
    "paths: {'~(?=a)': }",
    '1: paths."~(?=a)": no name of a path: "(?=a)" is no regular expression as Go has them',
  ),
  top(
    "two for all others",
    "paths:\n  all:\n  all_others:",
    '3: paths.all_others: "all_others" means the same as "all", expected one of them',
  ),
  top(
    "an expression for all others",
    "paths:\n  all_others:\n  ~^.*$:",
    '3: paths."~^.*$": "~^.*$" means the same as "all_others", expected one of them',
  ),
  cam("a misspelt key", "recrod: yes", "3: paths.cam.recrod: unknown key, did you mean record?"),
  cam(
    "other capitals",
    "runonready: x",
    "3: paths.cam.runonready: unknown key, did you mean runOnReady? Capitals count",
  ),
  cam(
    "a source",
    "source: camera",
    "3: paths.cam.source: no source, expected publisher, redirect, rpiCamera or a URL",
  ),
  cam("no source", 'source: ""', "3: paths.cam.source: no source"),
  cam("a source of files", "source: file:///a.mp4", "3: paths.cam.source: a file URL, expected publisher"),
  cam("a source without host", "source: rtsp://", "3: paths.cam.source: rtsp:// without a host"),
  cam(
    "a source with half of a user",
    "source: rtsp://joe@host/cam",
    "3: paths.cam.source: a URL with only one of user and password",
  ),
  cam(
    "a source with a password alone",
    "source: rtsp://:hide@host/cam",
    "3: paths.cam.source: a URL with only one of user and password",
  ),
  cam(
    "a publisher on demand",
    "sourceOnDemand: yes",
    "3: paths.cam.sourceOnDemand: has no use with source: publisher",
  ),
  cam(
    "a fallback to no name",
    "fallback: /",
    "3: paths.cam.fallback: no name of a path behind the slash: an empty name",
  ),
  cam(
    "a fallback upwards",
    "fallback: /live/..",
    '3: paths.cam.fallback: no name of a path behind the slash: "live/..", expected no segment . or ..',
  ),
  cam(
    "a redirect to a double slash",
    "source: redirect\nsourceRedirect: /live//a",
    '4: paths.cam.sourceRedirect: no name of a path behind the slash: "live//a", expected no double slash',
  ),
  cam("a redirect to nowhere", "source: redirect", "3: paths.cam.source: redirect without sourceRedirect"),
  cam(
    "a redirect to RTMP",
    "source: redirect\nsourceRedirect: rtmp://a/b",
    "4: paths.cam.sourceRedirect: a rtmp URL, expected one with rtsp:// or rtsps://",
  ),
  cam(
    "RTP without SDP",
    "source: udp+rtp://238.0.0.1:5000",
    "3: paths.cam.source: an RTP source without rtpSDP",
  ),
  cam("a fingerprint", "sourceFingerprint: xx", `3: paths.cam.sourceFingerprint: ${fingerprint}`),
  cam("readers", "maxReaders: -1", "3: paths.cam.maxReaders: -1, expected a whole number from 0"),
  cam(
    "a short passphrase",
    "srtReadPassphrase: hide",
    "3: paths.cam.srtReadPassphrase: 4 characters, expected 10 to 79",
  ),
  cam(
    "a passphrase for nobody",
    "source: rtsp://a/b\nsrtPublishPassphrase: hide567890",
    "4: paths.cam.srtPublishPassphrase: needs source: publisher",
  ),
  cam(
    "always available with nothing",
    "alwaysAvailable: yes",
    "3: paths.cam.alwaysAvailable: expected alwaysAvailableTracks or alwaysAvailableFile too",
  ),
  cam(
    "always available twice",
    "alwaysAvailable: yes\nalwaysAvailableTracks: [{codec: H264}]\nalwaysAvailableFile: a.mp4",
    "5: paths.cam.alwaysAvailableFile: both alwaysAvailableFile and alwaysAvailableTracks, expected one",
  ),
  cam(
    "always available on demand",
    "alwaysAvailable: yes\nalwaysAvailableFile: a.mp4\nrunOnDemand: x",
    "3: paths.cam.alwaysAvailable: does not go with runOnDemand",
  ),
  cam(
    "always available in absolute time",
    "alwaysAvailable: yes\nalwaysAvailableFile: a.mp4\nuseAbsoluteTimestamp: yes",
    "3: paths.cam.alwaysAvailable: does not go with useAbsoluteTimestamp",
  ),
  cam(
    "always available from a pulled source",
    "alwaysAvailable: yes\nalwaysAvailableFile: a.mp4\nsource: rtsp://a/b\nsourceOnDemand: yes",
    "3: paths.cam.alwaysAvailable: does not go with sourceOnDemand",
  ),
  cam(
    "a codec",
    "alwaysAvailableTracks: [{codec: MP3}]",
    '3: paths.cam.alwaysAvailableTracks[0].codec: "MP3", expected AV1, VP9',
  ),
  cam(
    "a forward",
    "forward: [{dest: http://a/}]",
    "3: paths.cam.forward[0].dest: a http URL, expected one with rtmp://",
  ),
  cam(
    "a recording without %path",
    "recordPath: ./%Y",
    '3: paths.cam.recordPath: "./%Y", expected %path in it',
  ),
  cam(
    "a recording without seconds",
    "recordPath: ./%path/%Y%m%d%H%M",
    '3: paths.cam.recordPath: "./%path/%Y%m%d%H%M", expected %s or %Y %m %d %H %M %S in it; %S not found',
  ),
  cam("no place for recordings", 'recordPath: ""', '3: paths.cam.recordPath: "", expected %path in it'),
  cam(
    "a form of recordings",
    "recordFormat: mkv",
    '3: paths.cam.recordFormat: "mkv", expected fmp4, mpegts or flv',
  ),
  cam(
    "parts of nothing",
    "recordPartDuration: 0s",
    '3: paths.cam.recordPartDuration: "0s", expected a duration above zero',
  ),
  cam(
    "long segments",
    "recordSegmentDuration: 25h\nrecordDeleteAfter: 0s",
    "3: paths.cam.recordSegmentDuration: more than 24h",
  ),
  cam(
    "recordings that go at once",
    "recordDeleteAfter: 30m",
    "3: paths.cam.recordDeleteAfter: recordDeleteAfter is shorter than recordSegmentDuration",
  ),
  cam(
    "a transport of RTSP",
    "rtspTransport: quic",
    '3: paths.cam.rtspTransport: "quic", expected automatic, udp, multicast or tcp',
  ),
  cam("a range", "rtspRangeType: utc", '3: paths.cam.rtspRangeType: "utc", expected '),
  cam(
    "one port",
    "rtspUDPSourcePortRange: [5000]",
    "3: paths.cam.rtspUDPSourcePortRange: 1 values, expected 2",
  ),
  cam(
    "ports backwards",
    "rtspUDPSourcePortRange: [6000, 5000]",
    "3: paths.cam.rtspUDPSourcePortRange: 6000 to 5000, expected the lower port first",
  ),
  cam("camera gains", "rpiCameraAWBGains: [a, b]", '3: paths.cam.rpiCameraAWBGains: "a", expected a number'),
  cam(
    "a demand that ends and never began",
    "runOnUnDemand: x",
    "3: paths.cam.runOnUnDemand: needs runOnDemand",
  ),
  cam(
    "a demand for what is pulled",
    "source: rtsp://a/b\nrunOnDemand: x",
    "4: paths.cam.runOnDemand: needs source: publisher",
  ),
  cam(
    "a wait of nothing",
    "runOnDemandStartTimeout: 0s",
    '3: paths.cam.runOnDemandStartTimeout: "0s", expected a duration above zero',
  ),
  wide(
    "an expression that begins",
    "runOnInit: x",
    '3: paths."~^live/".runOnInit: needs a path with a plain name',
  ),
  wide(
    "an expression that is pulled",
    "source: rtsp://a/$G1",
    '3: paths."~^live/".source: a path that is no plain name has a source to pull, expected sourceOnDemand: yes too',
  ),
  wide(
    "an expression that is always there",
    "alwaysAvailable: yes\nalwaysAvailableFile: a.mp4",
    '3: paths."~^live/".alwaysAvailable: needs a path with a plain name',
  ),
  top(
    "a default that no path can have",
    "pathDefaults:\n  sourceOnDemand: yes\npaths:\n  a:\n  b:\n    source: rtsp://x/y",
    '2: pathDefaults.sourceOnDemand: path "a": has no use with source: publisher',
  ),
  top(
    "a default that a path refuses",
    "pathDefaults: {runOnInit: x}\npaths:\n  all:",
    '1: pathDefaults.runOnInit: path "all": needs a path with a plain name',
  ),
  top(
    "recordings that playback cannot play",
    "playback: yes\npathDefaults:\n  recordPath: ./%path/%s",
    '3: pathDefaults.recordPath: path "all_others": expected %f in it, which playback needs',
  ),
  top(
    "old and new users",
    "authInternalUsers: [{user: joe, permissions: [{action: read}]}]\npaths:\n  cam:\n    readUser: jim",
    "4: paths.cam.readUser: does not go with authInternalUsers, expected that alone",
  ),
  cam("an old user", "publishPass: hide me", "3: paths.cam.publishPass: a character that is not allowed"),
];
