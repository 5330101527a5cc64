import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Certificate } from "./harness/certificate.ts";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { ForwarderProgram } from "./harness/forwarder.ts";
import { shortClip } from "./harness/media.ts";
import { Nginx } from "./harness/nginx.ts";
import { OwnPlayer } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { freePort } from "./harness/port.ts";
import { Program, run } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const withFfmpeg = needsTools("ffmpeg");
const withServers = needsTools("ffmpeg", "nginx", "openssl");

const byRtsp = ["--rtsp-address", "127.0.0.1:0", "--rtsp-transports", "tcp"];

const whole = { firstVideo: 0, firstAudio: 0, faults: [] };

/** The last line of what a forwarder said. */
const lastWords = (err: string): Record<string, unknown> =>
  JSON.parse(err.trimEnd().split("\n").at(-1) ?? "");

const fingerprintOf = async ({ cert }: Certificate): Promise<string> => {
  const shown = await run([..."openssl x509 -noout -fingerprint -sha256 -in".split(" "), cert]);
  return /=([\dA-F:]+)/.exec(shown)?.[1] ?? shown;
};

describe("rtmp-server forward", () => {
  withServers(
    "brings nginx-rtmp, and a target by RTMPS, every packet as it is, and ends with its source",
    async () => {
      const file = await shortClip();
      using certificate = await Certificate.make();
      await using origin = await Server.start();
      await using nginx = await Nginx.start(freePort());
      await using safe = await Server.start({ flags: ["--tls-listen", "127.0.0.1:0", ...certificate.flags] });
      const { tls_addr } = await safe.line({ msg: "RTMPS enabled" });
      await using nginxPlayer = new FfmpegPlayer(nginx.url("live/Key-4711"));
      await nginx.client();
      await using safePlayer = new FfmpegPlayer(safe.url("app/Key-4711"));
      await safe.line({ msg: "Connection accepted" });
      const source = { FORWARD_SOURCE: origin.url("live/abc/out") };
      await using toNginx = new ForwarderProgram({ ...source, FORWARD_TARGET: nginx.url("live/Key-4711") });
      await using trusting = new ForwarderProgram({
        ...source,
        FORWARD_TARGET: `rtmps://${tls_addr}/app/Key-4711`,
        FORWARD_TARGET_FINGERPRINT: await fingerprintOf(certificate),
      });
      await using doubting = new ForwarderProgram({
        ...source,
        FORWARD_TARGET: `rtmps://${tls_addr}/app/other`,
      });
      await origin.line({ msg: "Connection accepted" }, { nth: 3 });
      await using publisher = publish(file, origin.url("live/abc/out"));
      const refused = await doubting.exit();
      expect({ code: refused.code, last: lastWords(refused.err) }).toMatchObject({
        code: 75,
        last: { side: "target", error: expect.stringMatching(/^TLS: /) },
      });
      await publisher.success();
      for (const [forwarder, player] of [
        [toNginx, nginxPlayer],
        [trusting, safePlayer],
      ] as const) {
        const { code, out, err } = await forwarder.exit();
        expect({ code, out, last: lastWords(err) }).toMatchObject({
          code: 0,
          out: "",
          last: { msg: "forward ended", exit: 0, reason: "sourceEnded" },
        });
        expect(err).not.toContain("Key-4711");
        expect(compare(await player.packets(), await packetsOf(file))).toEqual(whole);
      }
    },
  );

  withFfmpeg("reads by RTSP what came by RTMP, and the target has every frame", async () => {
    const file = await shortClip();
    await using origin = await Server.start({ flags: [...byRtsp] });
    await using target = await Server.start();
    await using player = new FfmpegPlayer(target.url("app/key"));
    await target.line({ msg: "Connection accepted" });
    await using publisher = publish(file, origin.url("live/abc/out"), { loops: true });
    await origin.line({ msg: "publish started" });
    await using forwarder = new ForwarderProgram({
      FORWARD_SOURCE: await origin.rtspUrl("live/abc/out"),
      FORWARD_TARGET: target.url("app/key"),
    });
    // By RTSP pictures begin with the next key frame.
    await target.line({ msg: "First media packet received", type: "video" });
    await Bun.sleep(1_000);
    publisher.kill("SIGINT");
    expect(await forwarder.exit()).toMatchObject({ code: 0 });
    const sources = new Set((await packetsOf(file)).map(({ body }) => body));
    const got = await player.packets();
    expect(got.length).toBeGreaterThan(20);
    // RTP has no FLV headers, and FFmpeg none of them either: what is in a frame is the same.
    expect(got.filter(({ body }) => !sources.has(body)).length).toBe(0);
  });

  withFfmpeg("logs in where the target asks, and ends with 77 where it refuses", async () => {
    await using origin = await Server.start();
    await using tokens = await Server.start({
      flags: ["--auth-mode", "token", "--auth-token", "app/key=Right-Token-1"],
    });
    await using _publisher = publish(await shortClip(), origin.url("live/abc/out"), { loops: true });
    await origin.line({ msg: "publish started" });
    const source = origin.url("live/abc/out");
    await using right = new ForwarderProgram({
      FORWARD_SOURCE: source,
      FORWARD_TARGET: `${tokens.url("app/key")}?token=Right-Token-1`,
    });
    await right.says("forwarding");
    await using wrong = new ForwarderProgram({
      FORWARD_SOURCE: source,
      FORWARD_TARGET: `${tokens.url("app/other")}?token=Wrong-Token-2`,
    });
    const { code, err } = await wrong.exit();
    expect({ code, last: lastWords(err) }).toMatchObject({
      code: 77,
      last: {
        level: "ERROR",
        exit: 77,
        side: "target",
        error: expect.stringContaining("authentication failed"),
      },
    });
    right.kill("SIGTERM");
    const stopped = await right.exit();
    expect({ code: stopped.code, last: lastWords(stopped.err) }).toMatchObject({
      code: 0,
      last: { exit: 0, reason: "stopped" },
    });
    await tokens.line({ msg: "publish stopped", stream_key: "app/key" });
    for (const said of [err, stopped.err]) expect(said).not.toMatch(/Token-/);
  });

  withFfmpeg("ends with 75 where the target is not there, goes away or has the name taken", async () => {
    await using origin = await Server.start();
    await using _publisher = publish(await shortClip(), origin.url("live/abc/out"), { loops: true });
    await origin.line({ msg: "publish started" });
    const source = origin.url("live/abc/out");
    const target = await Server.start();
    await using absent = new ForwarderProgram({
      FORWARD_SOURCE: source,
      FORWARD_TARGET: `rtmp://127.0.0.1:${freePort()}/app/key`,
    });
    await using first = new ForwarderProgram({
      FORWARD_SOURCE: source,
      FORWARD_TARGET: target.url("app/key"),
    });
    await first.says("forwarding");
    await using second = new ForwarderProgram({
      FORWARD_SOURCE: source,
      FORWARD_TARGET: target.url("app/key"),
    });
    const ends = [await absent.exit(), await second.exit()];
    target.kill("SIGKILL");
    await target.exit();
    ends.push(await first.exit());
    expect(ends.map(({ code, err }) => ({ code, side: lastWords(err).side }))).toEqual(
      ends.map(() => ({ code: 75, side: "target" })),
    );
    expect(lastWords(ends[1]?.err ?? "").error).toMatch(/BadName/);
    await target[Symbol.asyncDispose]();
  });

  withFfmpeg("ends with 75 where the source is missing, and 77 where it refuses us", async () => {
    await using origin = await Server.start({
      flags: ["--play-wait", "1s", ...byRtsp],
    });
    await using closed = await Server.start({
      flags: ["--auth-mode", "token", "--auth-token", "live/abc/out=Right-Token-1", ...byRtsp],
    });
    const sources = [
      { source: origin.url("live/none/out"), code: 75 },
      { source: await origin.rtspUrl("live/none/out"), code: 75 },
      { source: `rtmp://127.0.0.1:${freePort()}/live/abc/out`, code: 75 },
      { source: closed.url("live/abc/out?token=Wrong-Token-2"), code: 77 },
      { source: `${await closed.rtspUrl("live/abc/out")}?token=Wrong-Token-2`, code: 77 },
    ];
    const ends = await Promise.all(
      sources.map(async ({ source }) => {
        await using forwarder = new ForwarderProgram({
          FORWARD_SOURCE: source,
          FORWARD_TARGET: origin.url("app/Key-4711"),
        });
        return await forwarder.exit();
      }),
    );
    expect(ends.map(({ code, err }) => ({ code, side: lastWords(err).side }))).toEqual(
      sources.map(({ code }) => ({ code, side: "source" })),
    );
    for (const { err } of ends) expect(err).not.toMatch(/Token-|Key-4711/);
  });

  withFfmpeg("takes the target from standard input, and shows it nowhere", async () => {
    await using origin = await Server.start();
    await using _publisher = publish(await shortClip(), origin.url("live/abc/out"), { loops: true });
    await origin.line({ msg: "publish started" });
    const target = `${origin.url("app/Key-4711")}?pass=Word-4712`;
    using directory = new TempDirectory();
    await Bun.write(directory.file("target"), `${target}\n`);
    await using forwarder = new ForwarderProgram(
      { FORWARD_SOURCE: origin.url("live/abc/out"), FORWARD_TARGET: "-" },
      ["sh", "-c", `exec "$@" <'${directory.file("target")}'`, "sh", ...serverCommand, "forward"],
    );
    await forwarder.says("forwarding");
    using player = new OwnPlayer(origin.url("app/Key-4711"));
    await player.arrival(({ role }) => role === "key");
    forwarder.kill("SIGTERM");
    const { err } = await forwarder.exit();
    expect(err).not.toMatch(/Key-4711|Word-4712/);
  });
});

const script = join(import.meta.dir, "../../hooks/forward-with");

describe("hooks/forward-with", () => {
  for (const { name, test } of [
    { name: "ffmpeg", test: withFfmpeg },
    { name: "gstreamer", test: needsTools("ffmpeg", "gst-launch-1.0") },
  ])
    test(`forwards with ${name}, ends as it should, and shows no key`, async () => {
      await using origin = await Server.start({ flags: byRtsp });
      await using target = await Server.start({
        flags: ["--auth-mode", "token", "--auth-token", "app/Key-4711=Right-Token-1"],
      });
      const path = "live/abc/out";
      await using publisher = publish(await shortClip(), origin.url(path), { loops: true });
      await origin.line({ msg: "publish started" });
      const source = name === "ffmpeg" ? origin.url(path) : await origin.rtspUrl(path);
      const env = {
        FORWARD_SOURCE: source,
        FORWARD_TARGET: `${target.url("app/Key-4711")}?token=Right-Token-1`,
      };
      const command = [script, name];
      await using refused = new ForwarderProgram(
        { ...env, FORWARD_TARGET: `${target.url("app/Key-4711")}?token=Wrong-Token-2` },
        command,
      );
      await using absent = new ForwarderProgram(
        { ...env, FORWARD_TARGET: `rtmp://127.0.0.1:${freePort()}/app/Key-4711?token=Right-Token-1` },
        command,
      );
      const ends = [await refused.exit(), await absent.exit()];
      {
        await using stopped = new ForwarderProgram(env, command);
        await target.line({ msg: "stream available", stream_key: "app/Key-4711" });
        stopped.kill("SIGTERM");
        ends.push(await stopped.exit());
      }
      await target.line({ msg: "publish stopped" });
      await using last = new ForwarderProgram(env, command);
      await target.line({ msg: "stream available" }, { nth: 2 });
      publisher.kill("SIGINT");
      ends.push(await last.exit());
      // Programs may say of a source that ends that it has failed; what matters is that nobody is told to stay away.
      expect(ends.map(({ code }) => code).slice(0, 3)).toEqual([77, 75, 0]);
      expect([0, 75]).toContain(ends[3]?.code ?? -1);
      for (const { err } of ends) expect(err).not.toMatch(/Key-4711|Token-/);
    });

  test("needs to know what it is to do", async () => {
    for (const [args, env, code] of [
      [[], {}, 64],
      [["vlc"], { FORWARD_SOURCE: "rtmp://a/b/c", FORWARD_TARGET: "rtmp://a/b/d" }, 64],
      [["ffmpeg"], { FORWARD_SOURCE: "rtmp://a/b/c" }, 78],
      [["gstreamer"], { FORWARD_SOURCE: "rtmp://a/b/c", FORWARD_TARGET: "rtmp://a/b/d" }, 78],
    ] as const) {
      await using program = new Program([script, ...args], { env });
      expect(await program.exit()).toMatchObject({
        code,
        err: expect.stringMatching(/^forward-with: .+\n$/),
      });
    }
  });
});

describe("a forwarder that cannot be started", () => {
  const good = { FORWARD_SOURCE: "rtmp://127.0.0.1/live/a", FORWARD_TARGET: "rtmp://127.0.0.1/live/b" };
  test.each([
    {
      name: "an argument",
      args: ["rtmp://me:Word-1@127.0.0.1/live/a"],
      env: good,
      code: 64,
      says: /no arguments/,
    },
    {
      name: "no source",
      args: [],
      env: { ...good, FORWARD_SOURCE: "" },
      code: 78,
      says: /FORWARD_SOURCE is not set/,
    },
    {
      name: "no target",
      args: [],
      env: { ...good, FORWARD_TARGET: "" },
      code: 78,
      says: /FORWARD_TARGET is not set/,
    },
    {
      name: "a target of another kind",
      args: [],
      env: { ...good, FORWARD_TARGET: "srt://me:Word-1@127.0.0.1/live/a" },
      code: 78,
      says: /FORWARD_TARGET: .*no RTMP URL/,
    },
    {
      name: "a fingerprint that is none",
      args: [],
      env: { ...good, FORWARD_TARGET_FINGERPRINT: "AB:CD" },
      code: 78,
      says: /FORWARD_TARGET_FINGERPRINT is no SHA-256/,
    },
    {
      name: "an empty standard input",
      args: [],
      env: { ...good, FORWARD_TARGET: "-" },
      code: 78,
      says: /FORWARD_TARGET is not set/,
    },
  ])("says what is wrong: $name", async ({ args, env, code, says }) => {
    await using program = new Program([...serverCommand, "forward", ...args], { env });
    const end = await program.exit();
    expect({ code: end.code, out: end.out }).toEqual({ code, out: "" });
    expect(end.err).toMatch(says);
    expect(end.err).not.toContain("Word-1");
    expect(end.err.trimEnd().split("\n").length).toBe(1);
  });
});
