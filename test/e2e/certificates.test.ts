import { describe, expect } from "bun:test";
import { copyFileSync, renameSync } from "node:fs";
import { Certificate } from "./harness/certificate.ts";
import { curl, curlJson } from "./harness/curl.ts";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, probe, publish } from "./harness/ffmpeg.ts";
import { clip, shortClip } from "./harness/media.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { Program, run } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("ffmpeg", "openssl", "curl");
const testGst = needsTools("gst-launch-1.0", "ffmpeg", "openssl", "curl");

/** Certificate files that a server watches, and that can be exchanged. */
class WatchedFiles implements Disposable {
  readonly #directory = new TempDirectory();
  readonly cert = this.#directory.file("server.crt");
  readonly key = this.#directory.file("server.key");
  readonly config = this.#directory.file("rtmp-server.yml");

  /** Puts a certificate in place, as renewing programs do. */
  put({ cert, key }: Certificate): void {
    for (const [from, to] of [
      [cert, this.cert],
      [key, this.key],
    ] as const) {
      copyFileSync(from, `${to}.new`);
      renameSync(`${to}.new`, to);
    }
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}

/** A server that serves RTMP and RTMPS by its file. */
const serve = async (files: WatchedFiles): Promise<{ server: Server; at: string; port: number }> => {
  const lines = [
    ...["rtmpEncryption: optional", "rtmpsAddress: 127.0.0.1:0", "apiAddress: 127.0.0.1:0"],
    ...[`rtmpServerCert: ${files.cert}`, `rtmpServerKey: ${files.key}`, "paths: {all_others: }"],
  ];
  await Bun.write(files.config, lines.join("\n"));
  const server = await Server.start({ flags: ["--config", files.config, "--api"] });
  const { tls_addr } = await server.line({ msg: "RTMPS enabled" });
  return { server, at: `rtmps://${tls_addr}`, port: Number(/\d+$/.exec(String(tls_addr))?.[0]) };
};

const fingerprint = (output: string): string => /Fingerprint=([0-9A-F:]+)/.exec(output)?.[1] ?? output;

/** The fingerprint of a certificate in a file. */
const fingerprintOf = async (file: string): Promise<string> =>
  fingerprint(await run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", file]));

/** The fingerprint of the certificate that a server shows now. */
const shownAt = async (port: number): Promise<string> => {
  const client = `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null`;
  return fingerprint(await run(["sh", "-c", `${client} | openssl x509 -noout -fingerprint -sha256`]));
};

describe("RTMPS by a configuration file", () => {
  test("serves FFmpeg, and the API tells who came over it", async () => {
    const file = await shortClip();
    using certificate = await Certificate.make();
    using files = new WatchedFiles();
    files.put(certificate);
    const { server, at } = await serve(files);
    await using _server = server;
    const api = await server.pages("control API");
    await using player = new FfmpegPlayer(`${at}/live/safe`);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, `${at}/live/safe`);
    await server.line({ msg: "play started" });
    const { items } = (await curlJson(`${api}/v3/rtmpsconns/list`)) as { items: { state: string }[] };
    expect(items.map(({ state }) => state)).toEqual(["read", "publish"]);
    expect(await curlJson(`${api}/v3/rtmpconns/list`)).toMatchObject({ itemCount: 0 });
    expect(await curlJson(`${api}/v3/paths/get/live/safe`)).toMatchObject({
      source: { type: "rtmpsConn" },
      readers: [{ type: "rtmpsConn" }],
    });
    await publisher.success();
    expect(compare(await player.packets(), await packetsOf(file)).faults).toEqual([]);
  });

  for (const { name, sink, source } of [
    {
      name: "rtmp2sink and rtmp2src",
      sink: (url: string) => `rtmp2sink tls-validation-flags=no-flags location=${url}`,
      source: (url: string) => `rtmp2src tls-validation-flags=no-flags location=${url}`,
    },
    {
      name: "rtmpsink and rtmpsrc",
      sink: (url: string) => `rtmpsink location=${url}`,
      source: (url: string) => `rtmpsrc location=${url}`,
    },
  ]) {
    testGst(`serves ${name} of GStreamer`, async () => {
      using certificate = await Certificate.make();
      using files = new WatchedFiles();
      using directory = new TempDirectory();
      files.put(certificate);
      const { server, at } = await serve(files);
      await using _server = server;
      const url = `${at}/live/gst`;
      const launch = (pipeline: string): Program =>
        new Program(["gst-launch-1.0", "-q", ...pipeline.split(" ")]);
      const saved = directory.file("saved.flv");
      await using player = launch(`${source(url)} ! filesink buffer-mode=unbuffered location=${saved}`);
      await server.line({ msg: "Connection accepted" });
      await using publisher = launch(
        `flvmux name=mux streamable=true ! ${sink(url)}` +
          " videotestsrc num-buffers=90 is-live=true ! video/x-raw,width=320,height=180,framerate=30/1" +
          " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! h264parse ! queue ! mux." +
          " audiotestsrc num-buffers=130 is-live=true ! audio/x-raw,rate=44100,channels=2" +
          " ! audioconvert ! avenc_aac ! aacparse ! queue ! mux.",
      );
      await publisher.success();
      expect(server.matching({ msg: "Connection opened", tls: true }).length).toBeGreaterThanOrEqual(2);
      await server.line({ msg: "play stopped" });
      player.kill("SIGINT");
      // The old source seldom, but sometimes, waits for ever in its farewell over TLS; what it has is in the file.
      await player.exit(5_000).catch(() => {
        console.info(`${name}: the player does not end, and is killed`);
        player.kill("SIGKILL");
      });
      expect((await probe(saved)).codecs).toEqual(expect.arrayContaining(["aac", "h264"]));
      // The old sink hangs up before its last buffers are out.
      expect((await packetsOf(saved)).filter(({ flow }) => flow === 0).length).toBeGreaterThan(75);
    });
  }

  test("alone has no plain RTMP, nor a list of who came over it, and the start says where to go", async () => {
    using certificate = await Certificate.make();
    using files = new WatchedFiles();
    files.put(certificate);
    const { server } = await serve(files);
    await using _server = server;
    const api = `${await server.pages("control API")}/v3`;
    const strict = ["-X", "PATCH", "-d", `{"rtmpEncryption":"strict"}`];
    expect(await curl(`${api}/config/global/patch`, strict)).toMatchObject({ status: 200 });
    await expect(OwnPublisher.connect(server.url("live/plain"))).rejects.toThrow(/refused|connect/i);
    expect(await curl(`${api}/rtmpconns/list`)).toMatchObject({ status: 404, body: "404 page not found" });
    expect(await curlJson(`${api}/rtmpsconns/list`)).toMatchObject({ itemCount: 0 });
    const flags = ["--config", files.config, "--rtmp-encryption", "strict"];
    const log: string[] = [];
    await using program = new Program([...serverCommand, ...flags, "--log-format", "json"], {
      line: (line) => log.push(line),
    });
    const started = await until(
      () => log.find((line) => line.includes("server started")),
      (line) => line !== undefined,
    );
    expect(started).toMatch(/"play_url":"rtmps:\/\/127\.0\.0\.1:\d+\/live\/test"/);
    program.kill("SIGTERM");
    expect((await program.exit()).code).toBe(0);
  });

  test("goes on without loss when the certificate is another one, which only those who come later see", async () => {
    const file = await clip();
    using first = await Certificate.make();
    using second = await Certificate.make();
    using files = new WatchedFiles();
    files.put(first);
    const { server, at, port } = await serve(files);
    await using _server = server;
    expect(await shownAt(port)).toBe(await fingerprintOf(first.cert));
    await using player = new FfmpegPlayer(`${at}/live/safe`);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, `${at}/live/safe`);
    await server.line({ msg: "play started" });

    const putAt = performance.now();
    files.put(second);
    await server.line({ msg: "certificates read again" });
    const seenAfterMs = performance.now() - putAt;
    expect(await shownAt(port)).toBe(await fingerprintOf(second.cert));

    // Half a file is no certificate.
    await Bun.write(files.cert, (await Bun.file(first.cert).text()).substring(0, 300));
    const { level, error } = await server.line({ msg: "certificates not read again, the old ones stay" });
    expect(level).toBe("ERROR");
    expect(String(error)).toContain("rtmpServerCert");
    // Nor does it stand in the way of changes that are about something else.
    const change = ["-X", "PATCH", "-d", `{"playWait":"3s"}`];
    const patch = `${await server.pages("control API")}/v3/config/global/patch`;
    expect(await curl(patch, change)).toMatchObject({ status: 200 });
    expect(await shownAt(port)).toBe(await fingerprintOf(second.cert));
    expect(publisher.isRunning && player.isRunning).toBe(true);
    console.info(`a certificate that was exchanged is shown after ${seenAfterMs.toFixed(0)} ms`);

    await publisher.success();
    expect(compare(await player.packets(), await packetsOf(file))).toEqual({
      ...{ firstVideo: 0, firstAudio: 0, faults: [] },
    });
  });

  test("keeps its certificate where another one does not fit its key, until it does", async () => {
    using first = await Certificate.make();
    using second = await Certificate.make();
    using files = new WatchedFiles();
    files.put(first);
    const { server, port } = await serve(files);
    await using _server = server;
    copyFileSync(second.cert, files.cert);
    const { error } = await server.line({ msg: "certificates not read again, the old ones stay" });
    expect(String(error)).toContain("belongs to another certificate");
    expect(await shownAt(port)).toBe(await fingerprintOf(first.cert));
    using _publisher = await OwnPublisher.connect(server.url("live/plain"));
    copyFileSync(second.key, files.key);
    await server.line({ msg: "certificates read again" });
    expect(await shownAt(port)).toBe(await fingerprintOf(second.cert));
  });
});
