/** What MediaMTX answers about its global configuration where nothing is configured, as text; but for the keys of {@link ownDefaults}. */
export const defaultGlobal = `{"logLevel":"info","logDestinations":["stdout"],"logStructured":false,"logFile":"mediamtx.log","sysLogPrefix":"mediamtx","dumpPackets":false,
 "readTimeout":"10s","writeTimeout":"10s","writeQueueSize":512,"udpMaxPayloadSize":1452,"udpReadBufferSize":0,
 "runOnConnect":"","runOnConnectRestart":false,"runOnDisconnect":"",
 "authMethod":"internal",
 "authInternalUsers":[
  {"user":"any","pass":"","ips":[],"permissions":[{"action":"publish","path":""},{"action":"read","path":""},{"action":"playback","path":""}]},
  {"user":"any","pass":"","ips":["127.0.0.1/32","::1/128"],"permissions":[{"action":"api","path":""},{"action":"metrics","path":""},{"action":"pprof","path":""}]}],
 "authHTTPAddress":"","authHTTPFingerprint":"","authHTTPExclude":[],"authJWTJWKS":"","authJWTJWKSFingerprint":"",
 "authJWTClaimKey":"mediamtx_permissions","authJWTExclude":[],"authJWTIssuer":"","authJWTAudience":"",
 "api":false,"apiAddress":":9997","apiEncryption":false,"apiServerKey":"server.key","apiServerCert":"server.crt","apiAllowOrigins":["*"],"apiTrustedProxies":[],
 "metrics":false,"metricsAddress":":9998","metricsEncryption":false,"metricsServerKey":"server.key","metricsServerCert":"server.crt","metricsAllowOrigins":["*"],"metricsTrustedProxies":[],
 "pprof":false,"pprofAddress":":9999","pprofEncryption":false,"pprofServerKey":"server.key","pprofServerCert":"server.crt","pprofAllowOrigins":["*"],"pprofTrustedProxies":[],
 "playback":false,"playbackAddress":":9996","playbackEncryption":false,"playbackServerKey":"server.key","playbackServerCert":"server.crt","playbackAllowOrigins":["*"],"playbackTrustedProxies":[],
 "rtsp":true,"rtspTransports":["multicast","tcp","udp"],"rtspEncryption":"no","rtspAddress":":8554","rtspsAddress":":8322","rtpAddress":":8000","rtcpAddress":":8001",
 "multicastIPRange":"224.1.0.0/16","multicastRTPPort":8002,"multicastRTCPPort":8003,"srtpAddress":":8004","srtcpAddress":":8005","multicastSRTPPort":8006,"multicastSRTCPPort":8007,
 "rtspServerKey":"server.key","rtspServerCert":"server.crt","rtspAuthMethods":["basic"],"rtspTrustedProxies":[],
 "rtmp":true,"rtmpEncryption":"no","rtmpAddress":":1935","rtmpsAddress":":1936","rtmpServerKey":"server.key","rtmpServerCert":"server.crt","rtmpTrustedProxies":[],
 "hls":true,"hlsAddress":":8888","hlsEncryption":false,"hlsServerKey":"server.key","hlsServerCert":"server.crt","hlsAllowOrigins":["*"],"hlsTrustedProxies":[],"hlsAlwaysRemux":false,
 "hlsVariant":"lowLatency","hlsSegmentCount":7,"hlsSegmentDuration":"1s","hlsPartDuration":"200ms","hlsSegmentMaxSize":"50M","hlsDirectory":"","hlsMuxerCloseAfter":"1m0s","hlsCDNSecret":"",
 "webrtc":true,"webrtcAddress":":8889","webrtcEncryption":false,"webrtcServerKey":"server.key","webrtcServerCert":"server.crt","webrtcAllowOrigins":["*"],"webrtcTrustedProxies":[],
 "webrtcLocalUDPAddress":":8189","webrtcLocalTCPAddress":"","webrtcIPsFromInterfaces":true,"webrtcIPsFromInterfacesList":[],"webrtcAdditionalHosts":[],"webrtcICEServers2":[],
 "webrtcSTUNGatherTimeout":"5s","webrtcHandshakeTimeout":"10s","webrtcTrackGatherTimeout":"2s",
 "srt":true,"srtAddress":":8890","moq":true,"moqHTTP2Address":":8892","moqHTTP3Address":":8892","moqQUICAddress":":8893","moqServerKey":"auto.key","moqServerCert":"auto.crt",
 "moqAllowOrigins":["*"],"moqTrustedProxies":[]}`;

/** Where our defaults differ from those of MediaMTX. */
export const ownDefaults = {
  api: true,
  apiAddress: "127.0.0.1:9997",
  metrics: true,
  metricsAddress: "127.0.0.1:9998",
};

/** The same of a path, with two of the keys of cameras. */
export const defaultPath = `{"name":"live/cam1","source":"publisher","sourceFingerprint":"","sourceOnDemand":false,"sourceOnDemandStartTimeout":"10s","sourceOnDemandCloseAfter":"10s","maxReaders":0,
 "srtReadPassphrase":"","useAbsoluteTimestamp":false,"alwaysAvailable":false,"alwaysAvailableTracks":[],"alwaysAvailableFile":"","forward":[],
 "record":false,"recordPath":"./recordings/%path/%Y-%m-%d_%H-%M-%S-%f","recordFormat":"fmp4","recordPartDuration":"1s","recordMaxPartSize":"50M","recordSegmentDuration":"1h0m0s","recordDeleteAfter":"1d",
 "overridePublisher":true,"srtPublishPassphrase":"","rtspDemuxMpegts":false,
 "rtspTransport":"automatic","rtspAnyPort":false,"rtspRangeType":"","rtspRangeStart":"","rtspScale":"","rtspUDPSourcePortRange":[32768,60999],
 "rtpSDP":"","moqTransport":"quic","whepBearerToken":"","whepSTUNGatherTimeout":"5s","whepHandshakeTimeout":"10s","whepTrackGatherTimeout":"2s","sourceRedirect":"",
 "rpiCameraCamID":0,"rpiCameraWidth":1920,
 "runOnInit":"","runOnInitRestart":false,"runOnDemand":"","runOnDemandRestart":false,"runOnDemandStartTimeout":"10s","runOnDemandCloseAfter":"10s","runOnUnDemand":"",
 "runOnAvailable":"","runOnAvailableRestart":false,"runOnUnavailable":"","runOnOnline":"","runOnOnlineRestart":false,"runOnOffline":"",
 "runOnRead":"","runOnReadRestart":false,"runOnUnread":"","runOnRecordSegmentCreate":"","runOnRecordSegmentComplete":""}`;

/** A configuration as it is written for MediaMTX. */
export const template = `logLevel: info
logDestinations: [stdout]

rtmp: yes
rtmpAddress: :1935

rtsp: yes
# keep TCP enabled for GStreamer (default includes tcp already)
# optionally restrict to TCP-only in NAT/firewall environments:
# rtspTransports: [tcp]
rtspAddress: :8554

api: yes
apiAddress: :9997

metrics: yes
metricsAddress: :9998

playback: yes
playbackAddress: :9996

# pprof: yes
# pprofAddress: :9999

pathDefaults:
  # v0 decision: treat all paths as publisher paths; orchestrator decides what
  # to do based on suffix (\`.../in\` vs \`.../out\`).
  source: publisher
  runOnReady: /hooks/mtx-hook ready
  runOnNotReady: /hooks/mtx-hook not-ready

  # recording defaults (override per-path if needed)
  record: no
  recordPath: ./recordings/%path/%Y-%m-%d_%H-%M-%S-%f
  recordFormat: fmp4
  recordPartDuration: 1s
  recordMaxPartSize: 50M
  recordSegmentDuration: 1h
  recordDeleteAfter: 1d

# Using path naming, we treat these as conventions (not an allowlist):
# - Ingest:    live/<streamId>/in
# - Processed: live/<streamId>/out
#
# If you want to restrict allowed paths, explicitly enumerate them here.
paths: {}
`;
