import { describe, expect } from "bun:test";
import { parsePage, valueIn } from "../base/exposition.ts";
import { type CurlAnswer, curl, curlJson } from "./harness/curl.ts";
import { aacEncoder, deploy, encoder, launch, stream, template } from "./harness/deployment.ts";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer } from "./harness/ffmpeg.ts";
import { run } from "./harness/program.ts";
import { serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("ffmpeg", "curl");
const testGst = needsTools("gst-launch-1.0", "curl");

interface PathObject {
  readonly name: string;
  readonly confName: string;
  readonly ready: boolean;
  readonly readyTime: string | null;
  readonly source: { type: string; id: string } | null;
  readonly tracks: string[];
  readonly readers: { type: string; id: string }[];
  readonly inboundBytes: number;
  readonly outboundBytes: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

interface ConnObject {
  readonly id: string;
  readonly remoteAddr: string;
  readonly state: string;
  readonly path: string;
  readonly inboundBytes: number;
  readonly outboundBytes: number;
}

interface List<Item> {
  readonly itemCount: number;
  readonly pageCount: number;
  readonly items: Item[];
}

/** The parts of the API that the tests look at. */
class Api {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  conns(): Promise<List<ConnObject>> {
    return curlJson(`${this.url}/rtmpconns/list`) as Promise<List<ConnObject>>;
  }

  path(name = stream): Promise<PathObject> {
    return curlJson(`${this.url}/paths/get/${encodeURIComponent(name)}`) as Promise<PathObject>;
  }

  /** Waits until the tracks of the stream are known. */
  async ready(): Promise<PathObject> {
    await until(
      () => curl(`${this.url}/paths/get/${encodeURIComponent(stream)}`),
      ({ body }) => body.includes(`"ready":true`),
    );
    return this.path();
  }

  send(method: "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<CurlAnswer> {
    const data = body === undefined ? [] : ["-d", JSON.stringify(body)];
    return curl(`${this.url}/${path}`, ["-X", method, ...data]);
  }
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const done = { status: 200, type: "application/json; charset=utf-8", body: `{"status":"ok"}` };

const zeroState = `# Paths
paths 0
paths_inbound_bytes 0
paths_outbound_bytes 0
paths_inbound_frames_in_error 0

# Paths (deprecated)
paths_bytes_received 0
paths_bytes_sent 0
paths_readers 0

# RTSP connections
rtsp_conns 0
rtsp_conns_inbound_bytes 0
rtsp_conns_outbound_bytes 0

# RTSP connections (deprecated)
rtsp_conns_bytes_received 0
rtsp_conns_bytes_sent 0

# RTSP sessions
rtsp_sessions 0
rtsp_sessions_inbound_bytes 0
rtsp_sessions_inbound_rtp_packets 0
rtsp_sessions_inbound_rtp_packets_lost 0
rtsp_sessions_inbound_rtp_packets_in_error 0
rtsp_sessions_inbound_rtp_packets_jitter 0
rtsp_sessions_inbound_rtcp_packets 0
rtsp_sessions_inbound_rtcp_packets_in_error 0
rtsp_sessions_outbound_bytes 0
rtsp_sessions_outbound_rtp_packets 0
rtsp_sessions_outbound_rtp_packets_reported_lost 0
rtsp_sessions_outbound_rtp_packets_discarded 0
rtsp_sessions_outbound_rtcp_packets 0

# RTSP sessions (deprecated)
rtsp_sessions_bytes_received 0
rtsp_sessions_bytes_sent 0
rtsp_sessions_rtp_packets_received 0
rtsp_sessions_rtp_packets_sent 0
rtsp_sessions_rtp_packets_lost 0
rtsp_sessions_rtp_packets_in_error 0
rtsp_sessions_rtp_packets_jitter 0
rtsp_sessions_rtcp_packets_received 0
rtsp_sessions_rtcp_packets_sent 0
rtsp_sessions_rtcp_packets_in_error 0

# RTMP connections
rtmp_conns 0
rtmp_conns_inbound_bytes 0
rtmp_conns_outbound_bytes 0
rtmp_conns_outbound_frames_discarded 0

# RTMP connections (deprecated)
rtmp_conns_bytes_received 0
rtmp_conns_bytes_sent 0

`;

describe("a deployment that was made for MediaMTX", () => {
  test("has a server with nothing in it before anybody comes", async () => {
    using directory = new TempDirectory();
    const { server, api, metrics } = await deploy(directory);
    await using _server = server;
    const nothing = { itemCount: 0, pageCount: 0, items: [] };
    for (const list of ["paths", "rtmpconns", "rtspconns", "rtspsessions"])
      expect(await curlJson(`${api}/${list}/list`)).toEqual(nothing);
    expect(await curl(`${api}/paths/get/${encodeURIComponent(stream)}`)).toMatchObject({
      status: 404,
      body: `{"status":"error","error":"path not found"}`,
    });
    // Of protocols that are off there is nothing, not even an empty list.
    for (const list of ["rtmpsconns", "srtconns", "webrtcsessions"])
      expect(await curl(`${api}/${list}/list`)).toMatchObject({ status: 404, body: "404 page not found" });
    const { status, type, body } = await curl(metrics);
    expect({ status, type }).toEqual({ status: 200, type: "text/plain; charset=utf-8" });
    expect(body.substring(0, body.indexOf("# HELP"))).toBe(zeroState);
    expect((await curl(`${metrics}?type=paths&path=live/test-stream/in`)).body).not.toContain("paths 0");
  });

  test("tells of a publisher and a player in every list, and of what they bring and take", async () => {
    using directory = new TempDirectory();
    const { server, api: url } = await deploy(directory);
    await using _server = server;
    const api = new Api(url);
    await using _encoder = encoder(`${server.url(stream)}?lang=es`);
    const path = await api.ready();
    const { items } = await api.conns();
    const [conn] = items;
    expect(path).toEqual({
      ...{ name: stream, confName: "all_others" },
      ...{ ready: true, available: true, online: true },
      readyTime: expect.stringMatching(time),
      availableTime: path.readyTime,
      onlineTime: expect.stringMatching(time),
      source: { type: "rtmpConn", id: conn!.id },
      tracks: ["H264", "MPEG-4 Audio"],
      tracks2: [
        {
          codec: "H264",
          codecProps: { width: 1280, height: 720, profile: "High 4:4:4 Predictive", level: "3.1" },
        },
        { codec: "MPEG-4 Audio", codecProps: { sampleRate: 44100, channelCount: 1 } },
      ],
      readers: [],
      inboundBytes: expect.any(Number),
      outboundBytes: 0,
      inboundFramesInError: 0,
      bytesReceived: path.inboundBytes,
      bytesSent: 0,
    } as unknown as PathObject);
    expect(items).toEqual([
      {
        id: expect.stringMatching(uuid),
        created: expect.stringMatching(time),
        remoteAddr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        ...{ state: "publish", path: stream, query: "lang=es", user: "" },
        userAgent: expect.stringMatching(/^FMLE\/3\.0/),
        ...{ inboundBytes: expect.any(Number), outboundBytes: expect.any(Number) },
        ...{ outboundFramesDiscarded: 0 },
        ...{ bytesReceived: conn!.inboundBytes, bytesSent: conn!.outboundBytes },
      } as unknown as ConnObject,
    ]);
    // Both ways to write the name, and the whole list, say the same.
    const { body } = await curl(`${url}/paths/get/${stream}`);
    expect(Object.keys(JSON.parse(body))).toEqual(Object.keys(path));
    const list = (await curlJson(`${url}/paths/list`)) as List<PathObject>;
    expect(list).toMatchObject({
      itemCount: 1,
      pageCount: 1,
      items: [{ name: stream, source: path.source }],
    });
    await until(
      () => api.path(),
      ({ inboundBytes }) => inboundBytes > path.inboundBytes,
    );

    await using _player = new FfmpegPlayer(server.url(stream));
    const read = await until(
      () => api.path(),
      ({ outboundBytes }) => outboundBytes > 0,
    );
    const both = await api.conns();
    const reader = both.items.find(({ state }) => state === "read");
    expect(read.readers).toEqual([{ type: "rtmpConn", id: reader!.id }]);
    expect(reader).toMatchObject({ path: stream, userAgent: expect.stringContaining("LNX") });
    expect(both).toMatchObject({ itemCount: 2, pageCount: 1 });
    expect(await curlJson(`${url}/rtmpconns/get/${reader!.id}`)).toMatchObject({ id: reader!.id });
    const page = (await curlJson(`${url}/rtmpconns/list?itemsPerPage=1&page=1`)) as List<ConnObject>;
    expect(page).toMatchObject({ itemCount: 2, pageCount: 2, items: [{ id: reader!.id }] });
  });

  test("has metrics of them that a strict reader takes, whole and in part", async () => {
    using directory = new TempDirectory();
    const { server, api: url, metrics } = await deploy(directory);
    await using _server = server;
    const api = new Api(url);
    await using _encoder = encoder(`${server.url(stream)}?lang=es`);
    await api.ready();
    await using _player = new FfmpegPlayer(server.url(stream));
    await until(
      () => api.path(),
      ({ outboundBytes }) => outboundBytes > 0,
    );
    const publisher = (await api.conns()).items.find(({ state }) => state === "publish");
    const { blocks, families } = parsePage((await curl(metrics)).body);
    expect(blocks.map(({ title }) => title)).toEqual([
      ...["Paths", "Paths (deprecated)", "RTSP connections", "RTSP connections (deprecated)"],
      ...["RTSP sessions", "RTSP sessions (deprecated)"],
      ...["RTMP connections", "RTMP connections (deprecated)"],
    ]);
    const labels = { name: stream, state: "ready" };
    const paths = blocks[0]!.samples;
    expect(paths[0]).toEqual({ name: "paths", labels, value: 1 });
    expect(paths[1]).toEqual({
      name: "paths_readers",
      labels: { ...labels, readerType: "rtmpConn" },
      value: 1,
    });
    expect(paths.filter(({ value }) => value > 0).map(({ name }) => name)).toEqual([
      ...["paths", "paths_readers", "paths_inbound_bytes", "paths_outbound_bytes"],
    ]);
    const { id, remoteAddr } = publisher!;
    expect(blocks[6]!.samples).toContainEqual({
      ...{ name: "rtmp_conns", value: 1 },
      labels: { id, path: stream, remoteAddr, state: "publish" },
    });
    expect(valueIn(families, "rtmp_stream_readers", { path: stream })).toBe(1);
    expect(valueIn(families, "rtmp_streams", { state: "published" })).toBe(1);

    const part = await curl(`${metrics}?type=paths&path=${stream}`);
    expect(part).toMatchObject({ status: 200, type: "text/plain; charset=utf-8" });
    const lines = part.body.split("\n").map((line) => line.replace(/ \d+$/, ""));
    const series = (name: string, more = ""): string => `${name}{name="${stream}",${more}state="ready"}`;
    expect(lines).toEqual([
      "# Paths",
      series("paths"),
      series("paths_readers", `readerType="rtmpConn",`),
      ...["paths_inbound_bytes", "paths_outbound_bytes", "paths_inbound_frames_in_error"].map((n) =>
        series(n),
      ),
      "",
      "# Paths (deprecated)",
      ...["paths_bytes_received", "paths_bytes_sent"].map((name) => series(name)),
      ...["", ""],
    ]);
    const other = parsePage((await curl(`${metrics}?path=live/other/in`)).body);
    expect(other.blocks.flatMap(({ samples }) => samples)).toEqual([]);
    const one = parsePage((await curl(`${metrics}?rtmp_conn=${id}`)).body);
    expect(one.blocks.map(({ title }) => title)).toEqual([
      ...["RTMP connections", "RTMP connections (deprecated)"],
    ]);
    expect(await curl(`${metrics}?type=nothing`)).toMatchObject({ status: 200, body: "" });
  });

  test("runs its commands once when the stream is there, and once when it is gone", async () => {
    using directory = new TempDirectory();
    const { server, api: url, runs } = await deploy(directory);
    await using _server = server;
    const api = new Api(url);
    await using publisher = encoder(`${server.url(stream)}?lang=es`);
    const { source } = await api.ready();
    const told = `${stream}|lang%3Des|rtmpConn|${source!.id}|${stream}`;
    await until(
      () => runs.lines,
      ({ length }) => length > 0,
    );
    await using _player = new FfmpegPlayer(server.url(stream));
    await server.line({ msg: "play started" });
    publisher.kill("SIGINT");
    await until(
      () => runs.lines,
      ({ length }) => length > 1,
    );
    expect(runs.lines).toEqual([`ready|${told}`, `not-ready|${told}`]);
    await server.line({ msg: /^runOnReady command started|^runOnAvailable command started/ });
  });

  test("says in its log when a command fails", async () => {
    using directory = new TempDirectory();
    const { server, runs } = await deploy(directory);
    await using _server = server;
    await Bun.write(runs.script, '#!/bin/sh\n[ "$1" = ready ] && exit 3\nexit 4\n');
    await using publisher = encoder(server.url(stream));
    await server.line({ msg: "runOnAvailable command exited: code 3", stream_key: stream });
    publisher.kill("SIGINT");
    await server.line({ msg: /^runOnUnavailable command exited: code 4/, stream_key: stream });
  });

  testGst("takes the stream of its GStreamer pipeline, and a player of GStreamer shows it", async () => {
    using directory = new TempDirectory();
    const { server, api: url, runs } = await deploy(directory);
    await using _server = server;
    const at = server.url(stream);
    await using publisher = launch(`-e
      videotestsrc is-live=true pattern=smpte num-buffers=150
        ! video/x-raw,width=1280,height=720,framerate=30/1
        ! x264enc tune=zerolatency speed-preset=veryfast key-int-max=60
        ! h264parse config-interval=-1 ! queue ! mux.
      audiotestsrc is-live=true wave=sine freq=440 num-buffers=215 ! audio/x-raw,rate=44100,channels=2
        ! audioconvert ! audioresample ! ${aacEncoder()} bitrate=128000
        ! aacparse ! queue ! mux.
      flvmux name=mux streamable=true ! rtmpsink location=${at}`);
    expect((await new Api(url).ready()).tracks).toEqual(["H264", "MPEG-4 Audio"]);
    await using player = launch(`rtmp2src location=${at} ! flvdemux name=demux
      demux.video ! queue ! h264parse ! avdec_h264 ! fakesink
      demux.audio ! queue ! aacparse ! avdec_aac ! fakesink`);
    await server.line({ msg: "play started" });
    await publisher.success();
    await player.success();
    await until(
      () => runs.lines,
      ({ length }) => length > 1,
    );
    expect(runs.lines.map((line) => line.split("|")[0])).toEqual(["ready", "not-ready"]);
  });

  test("has a file that is found to be sound", async () => {
    using directory = new TempDirectory();
    const file = directory.file("mediamtx.yml");
    await Bun.write(file, template("/hooks/mtx-hook"));
    const out = await run([...serverCommand, "check", file]);
    expect(out).toContain("runOnAvailable: /hooks/mtx-hook ready");
  });

  test("can disconnect who publishes and who plays", async () => {
    using directory = new TempDirectory();
    const { server, api: url, runs } = await deploy(directory);
    await using _server = server;
    const api = new Api(url);
    await using publisher = encoder(`${server.url(stream)}?lang=es`);
    await api.ready();
    await using player = new FfmpegPlayer(server.url(stream));
    await server.line({ msg: "play started" });
    await using _stays = new FfmpegPlayer(server.url(stream));
    await server.line({ msg: "play started" }, { nth: 2 });
    const { items } = await api.conns();
    const reader = items.find(({ state }) => state === "read");
    expect(await api.send("POST", `rtmpconns/kick/${reader!.id}`)).toEqual(done);
    expect((await api.conns()).items.map(({ id }) => id)).toEqual(
      items.map(({ id }) => id).filter((id) => id !== reader!.id),
    );
    expect((await player.packets(5_000)).length).toBeGreaterThan(0);
    expect(await api.send("POST", `rtmpconns/kick/${reader!.id}`)).toMatchObject({
      status: 404,
      body: `{"status":"error","error":"connection not found"}`,
    });
    expect((await api.path()).readers.length).toBe(1);

    const { source } = await api.path();
    expect(await api.send("POST", `rtmpconns/kick/${source!.id}`)).toEqual(done);
    expect((await publisher.exit()).code).not.toBe(0);
    expect((await api.conns()).items.filter(({ state }) => state === "publish")).toEqual([]);
    await until(
      () => runs.lines,
      ({ length }) => length > 1,
    );
    expect(runs.lines.map((line) => line.split("|")[0])).toEqual(["ready", "not-ready"]);
    expect((await api.send("POST", "rtmpconns/kick/nonsense")).status).toBe(400);
  });

  test("is configured while a stream goes on, which notices nothing", async () => {
    using directory = new TempDirectory();
    const { server, api: url, runs } = await deploy(directory);
    await using _server = server;
    const api = new Api(url);
    await using publisher = encoder(`${server.url(stream)}?lang=es`);
    const before = await api.ready();
    const get = (what: string): Promise<unknown> => curlJson(`${url}/config/${what}`);
    const added = "live/cam1";

    expect(await api.send("POST", `config/paths/add/${added}`, { maxReaders: 3 })).toEqual(done);
    expect(await get(`paths/get/${added}`)).toMatchObject({
      ...{ name: added, maxReaders: 3, recordPartDuration: "1s", runOnAvailable: `${runs.script} ready` },
    });
    expect(await api.path(added)).toMatchObject({ confName: added, ready: false, source: null, readers: [] });
    expect(await api.send("POST", `config/paths/add/${added}`, {})).toMatchObject({
      status: 400,
      body: `{"status":"error","error":"path already exists"}`,
    });
    expect(await api.send("PATCH", "config/paths/patch/live%2Fcam1", { maxReaders: 4 })).toEqual(done);
    const { items } = (await get("paths/list")) as List<unknown>;
    expect(items).toContainEqual(expect.objectContaining({ name: added, maxReaders: 4 }));
    expect(await api.send("PATCH", `config/paths/patch/${added}`, { maxReader: 4 })).toMatchObject({
      status: 400,
      body: `{"status":"error","error":"json: unknown field \\"maxReader\\""}`,
    });
    expect(await api.send("DELETE", `config/paths/delete/${added}`)).toEqual(done);
    expect((await curl(`${url}/paths/get/${added}`)).status).toBe(404);

    expect(await api.send("PATCH", "config/global/patch", { playWait: "3s" })).toEqual(done);
    expect(await get("global/get")).toMatchObject({ playWait: "3s", apiAddress: ":0", metrics: true });
    expect(await api.send("PATCH", "config/pathdefaults/patch", { maxReaders: 7 })).toEqual(done);
    expect(await get("pathdefaults/get")).toMatchObject({ name: "", maxReaders: 7 });

    // Old clients know the commands by their old names.
    const old = { runOnReady: "other-hook ready" };
    expect(await api.send("POST", "config/paths/add/live/old", old)).toEqual(done);
    expect(await get("paths/get/live/old")).toMatchObject({ runOnAvailable: "other-hook ready" });

    // What was got can be given back, and nothing is another thing after that.
    for (const part of ["global", "pathdefaults"]) {
      const now = await get(`${part}/get`);
      expect(await api.send("PATCH", `config/${part}/patch`, now)).toEqual(done);
      expect(await get(`${part}/get`)).toEqual(now);
    }
    const after = await api.path();
    expect(after).toMatchObject({ source: before.source, readyTime: before.readyTime });
    expect(after.inboundBytes).toBeGreaterThan(before.inboundBytes);
    expect(publisher.isRunning).toBe(true);
    expect(runs.lines.length).toBe(1);
  });

  test("makes profiles where they are asked for", async () => {
    using directory = new TempDirectory();
    const { server, api } = await deploy(directory, ["--pprof", "--pprof-address", "127.0.0.1:0"]);
    await using _server = server;
    await using _encoder = encoder(server.url(stream));
    await new Api(api).ready();
    const pprof = `${await server.pages("profiles")}/debug/pprof`;
    expect(await curl(`${pprof}/`)).toMatchObject({
      status: 200,
      type: expect.stringContaining("text/html"),
    });
    const profile = JSON.parse((await curl(`${pprof}/profile?seconds=1`)).body);
    expect(profile.nodes.length).toBeGreaterThan(1);
    expect(profile.endTime).toBeGreaterThan(profile.startTime);
    const heap = JSON.parse((await curl(`${pprof}/heap`)).body);
    expect(heap.snapshot.node_count).toBeGreaterThan(1000);
  });
});
