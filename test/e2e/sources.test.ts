import { describe, expect, test } from "bun:test";
import type { ForwardObject } from "../../src/http/api/objects.ts";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { clip, shortClip } from "./harness/media.ts";
import { Nginx } from "./harness/nginx.ts";
import { broadcast, NumberedPlayer, NumberedPublisher } from "./harness/numbered.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { ControlApi, eventually } from "./harness/pages.ts";
import { freePort } from "./harness/port.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const withFfmpeg = needsTools("ffmpeg");
const withNginx = needsTools("ffmpeg", "nginx");

const whole = { firstVideo: 0, firstAudio: 0, faults: [] };

/** A server with a file, and its API. */
class Edge implements AsyncDisposable {
  readonly server: Server;
  readonly api: ControlApi;
  readonly #directory: TempDirectory;

  private constructor(server: Server, api: ControlApi, directory: TempDirectory) {
    this.server = server;
    this.api = api;
    this.#directory = directory;
  }

  /** `paths` are the lines below that key. */
  static async open(paths: readonly string[], top = ""): Promise<Edge> {
    const directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    const lines = paths.map((line) => `  ${line}\n`).join("");
    await Bun.write(file, `apiAddress: 127.0.0.1:0\n${top}\npaths:\n${lines}`);
    const server = await Server.start({ flags: ["--config", file, "--api"] });
    return new Edge(server, await ControlApi.of(server), directory);
  }

  /** Waits until a path is fed by another server. */
  async isFed(path: string): Promise<void> {
    const what = `${path} fed by another server`;
    await eventually(async () => (await this.api.path(path))?.source?.type === "rtmpSource" || undefined, {
      what,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.server[Symbol.asyncDispose]();
    } finally {
      this.#directory[Symbol.dispose]();
    }
  }
}

describe("a path with a source to pull", () => {
  withNginx("has every packet of nginx-rtmp, each byte and each time", async () => {
    const file = await clip();
    await using nginx = await Nginx.start(freePort());
    await using edge = await Edge.open([`cam/one: {source: "${nginx.url("live/test")}"}`]);
    await nginx.client();
    await using player = new FfmpegPlayer(edge.server.url("cam/one"));
    await edge.server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, nginx.url("live/test"));
    await edge.isFed("cam/one");
    expect((await edge.api.path("cam/one"))?.confName).toBe("cam/one");
    await expect(OwnPublisher.connect(edge.server.url("cam/one"))).rejects.toThrow(/BadName/);
    await publisher.success();
    expect(compare(await player.packets(), await packetsOf(file))).toEqual(whole);
  });

  withFfmpeg("has every packet of another server of this kind", async () => {
    const file = await clip();
    await using origin = await Server.start();
    await using edge = await Edge.open([`cam/one: {source: "${origin.url("live/test")}"}`]);
    await origin.line({ msg: "Connection accepted" });
    await using player = new FfmpegPlayer(edge.server.url("cam/one"));
    await edge.server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, origin.url("live/test"));
    await edge.isFed("cam/one");
    await publisher.success();
    expect(compare(await player.packets(), await packetsOf(file))).toEqual(whole);
  });

  test("keeps its readers when the other server is killed and comes back", async () => {
    const port = freePort();
    await using edge = await Edge.open(
      [`cam/one: {source: "rtmp://127.0.0.1:${port}/live/test"}`],
      "republishGrace: 20s",
    );
    using reader = new NumberedPlayer(edge.server.url("cam/one"));
    let lostAt = 0;
    {
      await using origin = await Server.start({ port });
      using publisher = await NumberedPublisher.connect(origin.url("live/test"));
      using _sending = broadcast([publisher]);
      await reader.reaches(60);
      origin.kill("SIGKILL");
      await origin.exit();
      lostAt = reader.numbers.length;
    }
    await edge.server.line({ msg: "publish stopped", stream_key: "cam/one" });
    await using origin = await Server.start({ port });
    const startedAt = performance.now();
    using publisher = await NumberedPublisher.connect(origin.url("live/test"));
    using _sending = broadcast([publisher]);
    await eventually(() => reader.numbers.length > lostAt + 30 || undefined, {
      what: "frames of the second",
    });
    const backMs = performance.now() - startedAt;
    expect(reader.isOver).toBe(false);
    expect(reader.faults.length).toBe(1);
    expect(backMs).toBeLessThan(8_000);
    console.info(
      `a source was back for its reader, with a second of pictures, ${Math.round(backMs)} ms after it`,
    );
  });
});

describe("a path with a source on demand", () => {
  const onDemand = (url: string): string =>
    `"~^cam/(.+)$": {source: "${url}", sourceOnDemand: yes, sourceOnDemandCloseAfter: 1s}`;

  withNginx("is pulled from nginx-rtmp for as long as somebody reads", async () => {
    const file = await clip();
    await using nginx = await Nginx.start(freePort());
    await using edge = await Edge.open([onDemand(nginx.url("live/$G1"))]);
    await using publisher = publish(file, nginx.url("live/door"));
    await nginx.client();
    await Bun.sleep(500);
    expect(await edge.api.path("cam/door")).toBeUndefined();
    await using player = new FfmpegPlayer(edge.server.url("cam/door"), ["-t", "3"]);
    await using second = new FfmpegPlayer(edge.server.url("cam/door"), ["-t", "4"]);
    const source = await packetsOf(file);
    for (const each of [player, second]) {
      const { faults, firstVideo } = compare(await each.packets(), source, { mayEndEarly: true });
      expect(faults).toEqual([]);
      expect(firstVideo).toBeGreaterThan(0);
    }
    const leftAt = performance.now();
    const { reason } = await edge.server.line({ msg: "publish stopped", stream_key: "cam/door" });
    expect(reason).toBe("client_stop");
    expect(performance.now() - leftAt).toBeGreaterThan(700);
    expect(edge.server.matching({ msg: "publish started" }).length).toBe(1);
    await publisher.success();
  });

  test("is pulled from another server of this kind, from the key frame before on, and again for the next reader", async () => {
    await using origin = await Server.start();
    await using edge = await Edge.open([onDemand(origin.url("live/$G1?who=$MTX_QUERY"))]);
    using publisher = await NumberedPublisher.connect(origin.url("live/door"));
    using _sending = broadcast([publisher]);
    await eventually(() => publisher.count > 40 || undefined, { what: "some frames" });
    const firsts: number[] = [];
    for (const nth of [1, 2]) {
      const asked = publisher.count;
      using reader = new NumberedPlayer(edge.server.url("cam/door"));
      await reader.reaches(asked + 30);
      expect(reader.faults).toEqual([]);
      firsts.push(asked - (reader.numbers[0] ?? 0));
      expect((reader.numbers[0] ?? 1) % 30).toBe(0);
      reader[Symbol.dispose]();
      await edge.server.line({ msg: "publish stopped", stream_key: "cam/door" }, { nth });
    }
    // A reader for whom nothing comes is told so.
    using nobody = new OwnPlayer(edge.server.url("cam/nobody"));
    const asked = performance.now();
    expect(String(await nobody.ended)).toContain("NetStream.Play.StreamNotFound");
    expect(performance.now() - asked).toBeLessThan(12_000);
    console.info(`readers began ${firsts.join(" and ")} frames before they came`);
  });
});

describe("a path that leads elsewhere", () => {
  test("gives its readers the stream it leads to; with a fallback, while nobody publishes it", async () => {
    await using edge = await Edge.open([
      "door: {source: redirect, sourceRedirect: /live/a}",
      "live/b: {fallback: /live/a}",
      "loop/a: {source: redirect, sourceRedirect: /loop/b}",
      "loop/b: {source: redirect, sourceRedirect: /loop/a}",
      "all_others: {}",
    ]);
    const url = (path: string): string => edge.server.url(path);
    using a = await NumberedPublisher.connect(url("live/a"));
    using _sending = broadcast([a]);
    await eventually(() => a.count > 40 || undefined, { what: "some frames" });
    using door = new NumberedPlayer(url("door"));
    using before = new NumberedPlayer(url("live/b"));
    await Promise.all([door.reaches(a.count), before.reaches(a.count)]);
    await expect(OwnPublisher.connect(url("door"))).rejects.toThrow(/BadName/);
    expect((await edge.api.path("live/a"))?.readers.length).toBe(2);

    using b = await NumberedPublisher.connect(url("live/b"));
    b.send();
    using after = new NumberedPlayer(url("live/b"));
    await after.reaches(0);
    expect(after.numbers).toEqual([0]);
    // Who reads already goes on.
    await before.reaches(a.count + 10);
    expect([door.faults, before.faults]).toEqual([[], []]);
    using endless = new OwnPlayer(url("loop/a"));
    expect(String(await endless.ended)).toMatch(/NetStream\.Play\..*without end/);
  });
});

describe("a path with destinations", () => {
  const list = async (edge: Edge, path: string): Promise<ForwardObject[]> =>
    (await edge.api.must<{ items: ForwardObject[] }>("GET", `paths/forward/list?path=${path}`)).items;

  withNginx("sends its stream there, whole, and to nobody else; the API shows how they do", async () => {
    const file = await clip();
    const port = freePort();
    const dead = freePort();
    await using edge = await Edge.open([
      `live/out: {forward: [{dest: "rtmp://127.0.0.1:${port}/$MTX_PATH"}, {dest: "rtmp://127.0.0.1:${dead}/live/x?key=SECRET"}]}`,
      "all_others: {}",
    ]);
    const states = async () => (await list(edge, "live/out")).map(({ state }) => state);
    expect(await states()).toEqual(["idle", "idle"]);
    {
      await using nginx = await Nginx.start(port);
      await using player = new FfmpegPlayer(nginx.url("live/out"));
      await nginx.client();
      await using other = publish(await shortClip(), edge.server.url("live/other"));
      await using publisher = publish(file, edge.server.url("live/out"));
      const [good, bad] = await eventually(
        async () => {
          const now = await list(edge, "live/out");
          return now[0]?.outboundBytes && now[1]?.state === "error" ? now : undefined;
        },
        { what: "both states" },
      );
      expect(good).toMatchObject({ pos: 1, protocol: "rtmp", state: "forwarding", lastError: "" });
      expect(bad).toMatchObject({ pos: 2, protocol: "rtmp", state: "error", outboundBytes: 0 });
      expect(bad?.lastError).not.toBe("");
      expect(JSON.stringify(bad)).not.toContain("SECRET");
      const one = await edge.api.must("GET", `paths/forward/get?path=live/out&id=${good?.id}`);
      expect(one).toMatchObject({ id: good?.id, pos: 1, state: "forwarding" });

      // One that is taken out of the configuration ends; the other does not notice.
      await edge.api.must("PATCH", "config/paths/patch/live/out", {
        forward: [{ dest: `rtmp://127.0.0.1:${port}/$MTX_PATH` }],
      });
      expect((await list(edge, "live/out")).map(({ id }) => id)).toEqual([good?.id ?? ""]);
      await Promise.all([publisher.success(), other.success()]);
      expect(compare(await player.packets(), await packetsOf(file))).toEqual(whole);
      // The good one, once: neither the bad one, nor anything for the other stream.
      expect(edge.server.matching({ msg: "Connected to destination" }).length).toBe(1);
    }
    const [rest] = await list(edge, "live/out");
    expect(rest).toMatchObject({ state: "idle" });
    expect(edge.server.logText).not.toContain("SECRET");
  });

  withNginx("shows an error while a destination is gone, and serves it when it is back", async () => {
    const port = freePort();
    await using edge = await Edge.open([
      `live/out: {forward: [{dest: "rtmp://127.0.0.1:${port}/live/there"}]}`,
    ]);
    using publisher = await NumberedPublisher.connect(edge.server.url("live/out"));
    using _sending = broadcast([publisher]);
    const becomes = (state: string) =>
      eventually(async () => (await list(edge, "live/out")).find((each) => each.state === state), {
        what: `a destination that is ${state}`,
      });
    expect((await becomes("error")).lastError).toMatch(/connect/i);
    await using nginx = await Nginx.start(port);
    expect((await becomes("forwarding")).lastError).toBe("");
    using player = new NumberedPlayer(nginx.url("live/there"));
    await player.reaches(publisher.count);
    expect(player.faults).toEqual([]);
    publisher[Symbol.dispose]();
    await becomes("idle");
  });
});

describe("a path that is always available", () => {
  test("keeps its readers before the first publisher, and for as long as it takes until the next", async () => {
    await using edge = await Edge.open(
      ["live/show: {alwaysAvailable: yes, alwaysAvailableTracks: [{codec: H264}]}", "all_others: {}"],
      "playWait: 1s\nrepublishGrace: 1s",
    );
    const url = edge.server.url("live/show");
    using early = new NumberedPlayer(url);
    using elsewhere = new NumberedPlayer(edge.server.url("live/else"));
    await elsewhere.ended;
    await Bun.sleep(1_500);
    expect(early.isOver).toBe(false);
    let seen = 0;
    for (const round of [1, 2]) {
      using publisher = await NumberedPublisher.connect(url);
      using _sending = broadcast([publisher]);
      await eventually(() => early.numbers.length > seen + 45 || undefined, { what: `publisher ${round}` });
      publisher[Symbol.dispose]();
      await edge.server.line({ msg: "publish stopped" }, { nth: round });
      seen = early.numbers.length;
      // Far beyond what everybody else has.
      await Bun.sleep(4_000);
      expect(early.isOver).toBe(false);
    }
    // From the first picture of each publisher on.
    expect(early.numbers[0]).toBe(0);
    expect(early.faults).toEqual([expect.stringMatching(/^frame 0 after/)]);
    expect((await edge.api.path("live/show"))?.readers.length).toBe(1);
  });
});
