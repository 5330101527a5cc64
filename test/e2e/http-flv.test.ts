import { describe, expect } from "bun:test";
import { toHex } from "../../src/base/bytes.ts";
import type { FlvConnObject } from "../../src/http/api/own-objects.ts";
import type { Page } from "../../src/http/api/page.ts";
import { curl } from "./harness/curl.ts";
import { TempDirectory } from "./harness/directory.ts";
import { enhanced } from "./harness/enhanced.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { mediaTags } from "./harness/flv-tags.ts";
import { av1Clip, clip, hevcClip, shortClip } from "./harness/media.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { ControlApi, eventually } from "./harness/pages.ts";
import { freePort } from "./harness/port.ts";
import { Program } from "./harness/program.ts";
import { samplesOf } from "./harness/samples.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("ffmpeg", "ffprobe", "curl");

const flags = ["--hls-address", "127.0.0.1:0"];

/** curl that writes a stream to a file until it ends. */
const save = (url: string, file: string): Program => new Program(["curl", "-sSN", "-o", file, url]);

describe("FLV over HTTP", () => {
  test("ffmpeg and curl get every packet of the source, byte for byte, whether they waited or joined in the middle", async () => {
    const file = await clip();
    const source = await packetsOf(file);
    using directory = new TempDirectory();
    await using server = await Server.start({ flags });
    const url = `${await server.pages("HLS and FLV over HTTP")}/live/test.flv`;
    await using first = new FfmpegPlayer(url);
    await using saver = save(url, directory.file("saved.flv"));
    for (const nth of [1, 2]) await server.line({ msg: "Connection opened", conn_id: /^f/ }, { nth });
    await using publisher = publish(file, server.url("live/test"));
    for (const nth of [1, 2]) await server.line({ msg: "play started" }, { nth });
    // Well inside the second group of pictures.
    await Bun.sleep(3_000);
    await using late = new FfmpegPlayer(url);
    await publisher.success();

    expect(compare(await first.packets(), source)).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
    await saver.success();
    const saved = compare(await packetsOf(directory.file("saved.flv")), source);
    expect(saved).toEqual({ firstVideo: 0, firstAudio: 0, faults: [] });
    const joined = compare(await late.packets(), source);
    expect(joined.faults).toEqual([]);
    expect(joined.firstVideo % 60).toBe(0);
    expect(joined.firstVideo).toBeGreaterThanOrEqual(60);
    for (const line of server.matching({ msg: "play stopped" }))
      expect(line).toMatchObject({ reason: "unpublished", dropped_frames: 0 });
  });

  for (const { fourCc, made } of [
    { fourCc: "hvc1", made: hevcClip },
    { fourCc: "av01", made: av1Clip },
  ] as const)
    test(`${fourCc} of Enhanced RTMP leaves as it came`, async () => {
      const { config, frames } = await samplesOf(await made());
      const form = enhanced(fourCc);
      const sent = [
        { timestamp: 0, payload: form.config(config) },
        ...frames.map((sample) => ({ timestamp: sample.dts, payload: form.frame(sample) })),
      ];
      using directory = new TempDirectory();
      await using server = await Server.start({ flags });
      await using saver = save(
        `${await server.pages("HLS and FLV over HTTP")}/live/new.flv`,
        directory.file("saved.flv"),
      );
      await server.line({ msg: "Connection opened", conn_id: /^f/ });
      const publisher = await OwnPublisher.connect(server.url("live/new"));
      for (const { timestamp, payload } of sent) publisher.send("video", timestamp, payload);
      using player = new OwnPlayer(server.url("live/new"));
      const last = sent.at(-1)?.timestamp;
      await player.arrival(({ kind, timestamp }) => kind === "video" && timestamp === last);
      publisher[Symbol.dispose]();
      await saver.success();
      const text = ({ timestamp, payload }: { timestamp: number; payload: Uint8Array }): string =>
        `${timestamp} ${toHex(payload)}`;
      expect(mediaTags(directory.file("saved.flv")).map(text)).toEqual(sent.map(text));
    });

  test("readers show in the control API, wake what is started on demand, and leave when they are kicked", async () => {
    using directory = new TempDirectory();
    const port = freePort();
    const rtmp = `rtmp://127.0.0.1:${port}/$MTX_PATH`;
    const command = `ffmpeg -v error -re -stream_loop -1 -i ${await shortClip()} -c copy -f flv ${rtmp}`;
    const config = directory.file("rtmp-server.yml");
    await Bun.write(
      config,
      JSON.stringify({
        paths: { cam: { runOnDemand: command, runOnRead: "sh -c 'echo $MTX_READER_TYPE'" } },
      }),
    );
    await using server = await Server.start({
      port,
      flags: ["--config", config, ...flags, "--api-address", "127.0.0.1:0"],
    });
    const url = `${await server.pages("HLS and FLV over HTTP")}/cam.flv`;
    const api = await ControlApi.of(server);
    await using reader = save(`${url}?token=hidden_0815`, directory.file("cam.flv"));
    await server.line({ msg: "play started" });
    await server.line({ msg: "runOnRead command wrote", line: "flvConn" });
    const [conn] = (await api.must<Page<FlvConnObject>>("GET", "flvconns/list")).items;
    expect(conn).toMatchObject({ transport: "http", state: "read", path: "cam", query: "token=***" });
    expect((await api.path("cam"))?.readers).toEqual([{ type: "flvConn", id: conn?.id ?? "" }]);
    await eventually(
      async () =>
        (await api.must<FlvConnObject>("GET", `flvconns/get/${conn?.id}`)).outboundBytes > 0 || undefined,
      { what: "bytes that have gone" },
    );
    await api.must("POST", `flvconns/kick/${conn?.id}`);
    await reader.success();
    expect(await server.line({ msg: "play stopped" })).toMatchObject({ reason: "kicked" });
    expect(server.logText).not.toContain("hidden_0815");
  });

  test("ends in order when the server stops", async () => {
    using directory = new TempDirectory();
    const server = await Server.start({ flags });
    await using publisher = publish(await shortClip(), server.url("live/test"), { loops: true });
    await using reader = save(
      `${await server.pages("HLS and FLV over HTTP")}/live/test.flv`,
      directory.file("a.flv"),
    );
    await until(
      () => Bun.file(directory.file("a.flv")).size,
      (size) => size > 10_000,
    );
    await server[Symbol.asyncDispose]();
    await reader.success();
    expect(mediaTags(directory.file("a.flv")).length).toBeGreaterThan(0);
    expect(server.matching({ msg: "play stopped" })).toMatchObject([{ reason: "server_shutdown" }]);
    publisher.kill("SIGKILL");
  });

  test("is for those who may read, and not found where nothing comes", async () => {
    using directory = new TempDirectory();
    const config = directory.file("rtmp-server.yml");
    const authInternalUsers = [
      { user: "any", permissions: [{ action: "publish" }] },
      { user: "ann", pass: "pw_0815", permissions: [{ action: "read", path: "live/test" }] },
    ];
    await Bun.write(config, JSON.stringify({ authInternalUsers, playWait: "1s", paths: { all_others: {} } }));
    await using server = await Server.start({ flags: ["--config", config, ...flags] });
    const url = await server.pages("HLS and FLV over HTTP");
    const login = ["-u", "ann:pw_0815"];
    expect((await curl(`${url}/live/test.flv`)).status).toBe(401);
    expect((await curl(`${url}/live/other.flv`, login)).status).toBe(401);
    expect((await curl(`${url}/live/test.flv`, login)).status).toBe(404);
    await using publisher = publish(await shortClip(), server.url("live/test"));
    await server.line({ msg: "publish started" });
    expect((await curl(`${url}/live/test.flv`, [...login, "-o", directory.file("a.flv")])).status).toBe(200);
    await publisher.success();
    expect(mediaTags(directory.file("a.flv")).length).toBeGreaterThan(100);
    expect(server.logText).not.toContain("pw_0815");
  });
});
