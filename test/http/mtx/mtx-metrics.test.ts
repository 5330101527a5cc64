import { describe, expect, test } from "bun:test";
import { parseMtxFilter } from "../../../src/http/mtx/filter.ts";
import { type MtxState, mtxMetrics } from "../../../src/http/mtx/mtx-metrics.ts";
import { parsePage } from "../../base/exposition.ts";
import {
  busy,
  connOf,
  flvConnOf,
  forwardOf,
  hlsMuxerOf,
  hlsSessionOf,
  idle,
  pathOf,
} from "./sample-state.ts";

/** What a query shows; it has to be readable whatever it is. */
const show = (state: MtxState, query = ""): string => {
  const text = mtxMetrics(state, parseMtxFilter(new URLSearchParams(query)));
  parsePage(text);
  return text;
};

const titles = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("#"));

const idlePaths = `# Paths
paths 0
paths_inbound_bytes 0
paths_outbound_bytes 0
paths_inbound_frames_in_error 0

# Paths (deprecated)
paths_bytes_received 0
paths_bytes_sent 0
paths_readers 0

`;

const idleRtmp = `# RTMP connections
rtmp_conns 0
rtmp_conns_inbound_bytes 0
rtmp_conns_outbound_bytes 0
rtmp_conns_outbound_frames_discarded 0

# RTMP connections (deprecated)
rtmp_conns_bytes_received 0
rtmp_conns_bytes_sent 0

`;

const busyPaths = `# Paths
paths{name="live/a",state="ready"} 1
paths_readers{name="live/a",readerType="rtmpConn",state="ready"} 2
paths_readers{name="live/a",readerType="rtmpsConn",state="ready"} 1
paths_inbound_bytes{name="live/a",state="ready"} 1000
paths_outbound_bytes{name="live/a",state="ready"} 2500
paths_inbound_frames_in_error{name="live/a",state="ready"} 1
paths{name="live/b",state="notReady"} 1
paths_readers{name="live/b",readerType="",state="notReady"} 0
paths_inbound_bytes{name="live/b",state="notReady"} 0
paths_outbound_bytes{name="live/b",state="notReady"} 0
paths_inbound_frames_in_error{name="live/b",state="notReady"} 0

# Paths (deprecated)
paths_bytes_received{name="live/a",state="ready"} 1000
paths_bytes_sent{name="live/a",state="ready"} 2500
paths_bytes_received{name="live/b",state="notReady"} 0
paths_bytes_sent{name="live/b",state="notReady"} 0

`;

const busyForwards = `# Forward destinations
forward_dests{id="f1",path="live/a",protocol="rtmp",state="forwarding"} 1
forward_dests_outbound_bytes{id="f1",path="live/a",protocol="rtmp",state="forwarding"} 77
forward_dests{id="f2",path="live/a",protocol="rtmp",state="forwarding"} 1
forward_dests_outbound_bytes{id="f2",path="live/a",protocol="rtmp",state="forwarding"} 77

`;

const labelsOf1 = `{id="1",path="live/a",remoteAddr="192.0.2.7:50123",state="publish"}`;
const labelsOf2 = `{id="2",path="live/a",remoteAddr="[2001:db8::1]:1",state="read"}`;

const rtmp1 = `rtmp_conns${labelsOf1} 1
rtmp_conns_inbound_bytes${labelsOf1} 1100
rtmp_conns_outbound_bytes${labelsOf1} 300
rtmp_conns_outbound_frames_discarded${labelsOf1} 0
`;
const old1 = `rtmp_conns_bytes_received${labelsOf1} 1100
rtmp_conns_bytes_sent${labelsOf1} 300
`;
const rtmp2 = `rtmp_conns${labelsOf2} 1
rtmp_conns_inbound_bytes${labelsOf2} 0
rtmp_conns_outbound_bytes${labelsOf2} 1300
rtmp_conns_outbound_frames_discarded${labelsOf2} 5
`;
const old2 = `rtmp_conns_bytes_received${labelsOf2} 0
rtmp_conns_bytes_sent${labelsOf2} 1300
`;

const rtmpText = (current: string, old: string): string =>
  `# RTMP connections\n${current}\n# RTMP connections (deprecated)\n${old}\n`;

const without = (text: string, part: string): string =>
  text
    .split("\n")
    .filter((line) => !line.includes(part))
    .join("\n");

describe("metrics under MediaMTX's names", () => {
  test("are zeros without labels where nobody is there, and nothing of servers that are off", () => {
    expect(show(idle)).toBe(idlePaths + idleRtmp);
    expect(show({ ...idle, rtmpConns: undefined })).toBe(idlePaths);
    expect(show({ ...idle, rtmpConns: undefined, rtmpsConns: [] })).toBe(
      idlePaths + idleRtmp.replaceAll("rtmp_", "rtmps_").replaceAll("RTMP", "RTMPS"),
    );
  });

  test("know readers of FLV, which MediaMTX does not have, once there are any", () => {
    const flvConns = [flvConnOf("3"), flvConnOf("4")];
    const lines = (id: string): string => {
      const labels = `{id="${id}",path="live/a",remoteAddr="192.0.2.7:50124",state="read"}`;
      return `flv_conns${labels} 1\nflv_conns_outbound_bytes${labels} 70\nflv_conns_outbound_frames_discarded${labels} 2\n`;
    };
    const state = { ...idle, flvConns };
    expect(show({ ...idle, flvConns: [] })).toBe(show(idle));
    expect(show(state)).toBe(`${show(idle)}# FLV connections\n${lines("3")}${lines("4")}\n`);
    expect(show(state, "flv_conn=4")).toBe(`# FLV connections\n${lines("4")}\n`);
  });

  test("are one line for each object and metric, in blocks with the older names behind", () => {
    expect(show({ ...busy, rtmpsConns: undefined })).toBe(
      busyPaths + busyForwards + rtmpText(rtmp1 + rtmp2, old1 + old2),
    );
  });

  test("have blocks in a fixed order", () => {
    expect(titles(show({ ...busy, rtmpsConns: [connOf("9")] }))).toEqual([
      "# Paths",
      "# Paths (deprecated)",
      "# Forward destinations",
      "# RTMP connections",
      "# RTMP connections (deprecated)",
      "# RTMPS connections",
      "# RTMPS connections (deprecated)",
    ]);
  });

  test("cannot be forged by a name, whose letters are escaped", () => {
    const name = 'a"} 1\nevil 1\\';
    const [block] = parsePage(show({ ...idle, paths: [pathOf(name)] })).blocks;
    expect(block?.samples.map((sample) => sample.labels.name)).toEqual(Array(5).fill(name));
  });
});

describe("type=", () => {
  test.each([
    ["paths", busyPaths],
    ["forward_dests", busyForwards],
    ["rtmp_conns", rtmpText(rtmp1 + rtmp2, old1 + old2)],
  ])("%s shows that block alone", (type, text) => {
    expect(show(busy, `type=${type}`)).toBe(text);
  });

  test("shows nothing where the type is unknown, or that of a server that is off", () => {
    for (const type of ["nonsense", "hls_muxers", "rtmp_conn", "PATHS"])
      expect(show(busy, `type=${type}`)).toBe("");
    expect(show(idle, "type=rtmps_conns")).toBe("");
  });

  test("forward_dests shows zeros where there are none, which else are left out", () => {
    const zeros = "# Forward destinations\nforward_dests 0\nforward_dests_outbound_bytes 0\n\n";
    expect(show(idle, "type=forward_dests")).toBe(zeros);
    expect(show(idle, "type=forward_dests&path=live/a")).toBe("");
  });
});

describe("a filter", () => {
  test("path= shows that path and its destinations, and no connections", () => {
    const onlyA = without(busyPaths, "live/b");
    expect(show(busy, "path=live/a")).toBe(onlyA + busyForwards);
    expect(show(busy, "path=live%2Fa&type=paths")).toBe(onlyA);
    const withOther = { ...busy, forwards: [...busy.forwards, forwardOf("f3", "live/b")] };
    expect(show(withOther, "path=live/b")).toContain('forward_dests{id="f3",path="live/b"');
    expect(show(withOther, "path=live/b")).not.toContain("live/a");
  });

  test("forward_dest= shows one destination", () => {
    expect(show(busy, "forward_dest=f2")).toBe(without(busyForwards, '"f1"'));
    expect(show(busy, "forward_dest=f2&path=live/b&type=forward_dests")).toBe("");
  });

  test("rtmp_conn= shows one connection", () => {
    expect(show(busy, "rtmp_conn=2")).toBe(rtmpText(rtmp2, old2));
    expect(show(busy, "rtmp_conn=2&type=paths")).toBe("");
  });

  test("rtmps_conn= is about RTMPS alone", () => {
    const text = show({ ...busy, rtmpsConns: [connOf("1"), connOf("9")] }, "rtmps_conn=9");
    expect(text).toContain('rtmps_conns{id="9"');
    expect(text).not.toContain('id="1"');
    expect(titles(text)).toEqual(["# RTMPS connections", "# RTMPS connections (deprecated)"]);
  });

  test("hls_session= and hls_muxer= show one of them, in blocks of their own", () => {
    const state = {
      ...busy,
      hlsSessions: [hlsSessionOf("s1"), hlsSessionOf("s2")],
      hlsMuxers: [hlsMuxerOf("live/a"), hlsMuxerOf("live/b")],
    };
    expect(show(state, "hls_session=s2")).toBe(
      `# HLS sessions
hls_sessions{id="s2",path="live/a",remoteAddr="192.0.2.7:50125"} 1
hls_sessions_outbound_bytes{id="s2",path="live/a",remoteAddr="192.0.2.7:50125"} 90

`,
    );
    expect(show(state, "hls_muxer=live/b")).toBe(
      `# HLS muxers
hls_muxers{name="live/b"} 1
hls_muxers_outbound_bytes{name="live/b"} 180
hls_muxers_outbound_frames_discarded{name="live/b"} 0

# HLS muxers (deprecated)
hls_muxers_bytes_sent{name="live/b"} 180

`,
    );
    expect(titles(show(state)).indexOf("# HLS sessions")).toBeLessThan(
      titles(show(state)).indexOf("# RTMP connections"),
    );
  });

  test("of several kinds shows what each asks for", () => {
    expect(titles(show(busy, "path=live/b&rtmp_conn=1"))).toEqual([
      "# Paths",
      "# Paths (deprecated)",
      "# RTMP connections",
      "# RTMP connections (deprecated)",
    ]);
  });

  test("that nothing matches leaves the comments, and nothing at all where the list is empty", () => {
    expect(show(busy, "rtmp_conn=none")).toBe(rtmpText("", ""));
    expect(show(busy, "path=none")).toBe("# Paths\n\n# Paths (deprecated)\n\n");
    expect(show(idle, "path=none")).toBe("");
    expect(show(idle, "rtmp_conn=1")).toBe("");
  });

  test("of servers that are not here shows nothing", () => {
    for (const key of ["hls_muxer", "hls_session", "rtsp_conn", "srt_conn", "webrtc_session", "moq_session"])
      expect(show(busy, `${key}=1`)).toBe("");
  });

  test("that is empty or unknown asks for nothing", () => {
    expect(parseMtxFilter(new URLSearchParams("path=&type=&name=a")).isActive).toBe(false);
    expect(show(busy, "path=&type=&name=live/b")).toBe(show(busy));
    for (const query of ["type=x", "path=x", "rtsps_session=x"])
      expect(parseMtxFilter(new URLSearchParams(query)).isActive).toBe(true);
  });
});
