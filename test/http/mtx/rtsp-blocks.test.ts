import { describe, expect, test } from "bun:test";
import { parseMtxFilter } from "../../../src/http/mtx/filter.ts";
import { type MtxState, mtxMetrics } from "../../../src/http/mtx/mtx-metrics.ts";
import { parsePage } from "../../base/exposition.ts";
import { busyRtsp, idle } from "./sample-state.ts";

/** What a query shows; it has to be readable whatever it is. */
const show = (state: MtxState, query = ""): string => {
  const text = mtxMetrics(state, parseMtxFilter(new URLSearchParams(query)));
  parsePage(text);
  return text;
};

const titles = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("#"));

const connsText = `# RTSP connections
rtsp_conns{id="c1"} 1
rtsp_conns_inbound_bytes{id="c1"} 11
rtsp_conns_outbound_bytes{id="c1"} 12

# RTSP connections (deprecated)
rtsp_conns_bytes_received{id="c1"} 13
rtsp_conns_bytes_sent{id="c1"} 14

`;

const sessionText = (id: string): { current: string; old: string } => {
  const labels = `{id="${id}",path="live/a",remoteAddr="192.0.2.8:50124",state="read"}`;
  return {
    current: `rtsp_sessions${labels} 1
rtsp_sessions_inbound_bytes${labels} 101
rtsp_sessions_inbound_rtp_packets${labels} 102
rtsp_sessions_inbound_rtp_packets_lost${labels} 103
rtsp_sessions_inbound_rtp_packets_in_error${labels} 104
rtsp_sessions_inbound_rtp_packets_jitter${labels} 105.25
rtsp_sessions_inbound_rtcp_packets${labels} 106
rtsp_sessions_inbound_rtcp_packets_in_error${labels} 107
rtsp_sessions_outbound_bytes${labels} 108
rtsp_sessions_outbound_rtp_packets${labels} 109
rtsp_sessions_outbound_rtp_packets_reported_lost${labels} 110
rtsp_sessions_outbound_rtp_packets_discarded${labels} 111
rtsp_sessions_outbound_rtcp_packets${labels} 112
`,
    old: `rtsp_sessions_bytes_received${labels} 201
rtsp_sessions_bytes_sent${labels} 202
rtsp_sessions_rtp_packets_received${labels} 203
rtsp_sessions_rtp_packets_sent${labels} 204
rtsp_sessions_rtp_packets_lost${labels} 205
rtsp_sessions_rtp_packets_in_error${labels} 206
rtsp_sessions_rtp_packets_jitter${labels} 207.5
rtsp_sessions_rtcp_packets_received${labels} 208
rtsp_sessions_rtcp_packets_sent${labels} 209
rtsp_sessions_rtcp_packets_in_error${labels} 210
`,
  };
};

const sessionsText = (...ids: readonly string[]): string => {
  const texts = ids.map(sessionText);
  const current = texts.map((text) => text.current).join("");
  const old = texts.map((text) => text.old).join("");
  return `# RTSP sessions\n${current}\n# RTSP sessions (deprecated)\n${old}\n`;
};

/** The same without labels and with zeros. */
const zeros = (text: string): string => text.replace(/\{.*\} .*$/gm, " 0");

const asRtsps = (text: string): string => text.replaceAll("rtsp_", "rtsps_").replaceAll("RTSP", "RTSPS");

describe("the blocks of RTSP", () => {
  test("have MediaMTX's names, in its order, with the older names behind", () => {
    expect(show(busyRtsp, "type=rtsp_conns")).toBe(connsText);
    expect(show(busyRtsp, "type=rtsp_sessions")).toBe(sessionsText("s1", "s2"));
    expect(show(busyRtsp, "type=rtsps_sessions")).toBe(asRtsps(sessionsText("s1", "s3")));
  });

  test("stand between forward destinations and RTMP", () => {
    const both = (title: string) => [`# ${title}`, `# ${title} (deprecated)`];
    expect(titles(show(busyRtsp))).toEqual([
      ...both("Paths"),
      "# Forward destinations",
      ...both("RTSP connections"),
      ...both("RTSP sessions"),
      ...both("RTSPS connections"),
      ...both("RTSPS sessions"),
      ...both("RTMP connections"),
      ...both("RTMPS connections"),
    ]);
  });

  test("are zeros without labels where nobody is there, and absent where the server is off", () => {
    const on = { ...idle, rtspConns: [], rtspSessions: [] };
    const text = zeros(connsText + sessionsText("s1"));
    expect(show(on)).toContain(text);
    expect(show(on)).not.toContain("rtsps_");
    expect(show({ ...idle, rtspsConns: [], rtspsSessions: [] })).toContain(asRtsps(text));
    expect(show(idle)).not.toMatch(/rtsp/i);
    expect(show(idle, "type=rtsp_sessions")).toBe("");
  });

  test.each([
    ["rtsp_conn=c1", connsText],
    ["rtsp_session=s2", sessionsText("s2")],
    ["rtsps_session=s3", asRtsps(sessionsText("s3"))],
  ])("are narrowed by %s", (query, text) => {
    expect(show(busyRtsp, query)).toBe(text);
  });

  test("are narrowed by rtsps_conn= to one connection of RTSPS alone", () => {
    const text = show(busyRtsp, "rtsps_conn=c2");
    expect(titles(text)).toEqual(["# RTSPS connections", "# RTSPS connections (deprecated)"]);
    expect(text).toContain('rtsps_conns{id="c2"} 1');
    expect(text).not.toContain('"c1"');
  });

  test("are not shown for a path, and as their comments alone where no id matches", () => {
    expect(show(busyRtsp, "path=live/a")).not.toMatch(/rtsp_|rtsps_/);
    expect(show(busyRtsp, "rtsp_session=none")).toBe("# RTSP sessions\n\n# RTSP sessions (deprecated)\n\n");
    expect(show({ ...idle, rtspSessions: [] }, "rtsp_session=none")).toBe("");
  });
});
