import { describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import type { ConfigStatusObject } from "../../../src/http/api/own-objects.ts";
import { Crowd } from "../harness/crowd.ts";
import { TempDirectory } from "../harness/directory.ts";
import { broadcast, NumberedPlayer, NumberedPublisher } from "../harness/numbered.ts";
import { OwnPublisher } from "../harness/own-client.ts";
import { ControlApi, eventually, metricsAt } from "../harness/pages.ts";
import { freePort } from "../harness/port.ts";
import { Server } from "../harness/server.ts";

const size = { streams: 50, playersEach: 4 };

/** What a test's file says. Pages have ports that are chosen once. */
interface Variant {
  readonly top?: string;
  /** Beside `address` and `level`, which are there once. */
  readonly rtmpAddress?: string;
  readonly metricsPort?: number;
  readonly apiAddress?: string;
  readonly livePath?: string;
  /** Entries of `paths`. */
  readonly paths?: string;
}

/** Makes files for one server. `round` stands in it as a path, so that it can be seen which file is in force. */
const files = (ports: { metrics: number }) => (round: number, variant: Variant) =>
  `
rtmpAddress: ${variant.rtmpAddress ?? "127.0.0.1:0"}
apiAddress: ${variant.apiAddress ?? "127.0.0.1:0"}
metricsAddress: 127.0.0.1:${variant.metricsPort ?? ports.metrics}
${variant.top ?? ""}
paths:
  ~^live/:
    ${variant.livePath ?? "maxReaders: 10"}
  round/r${round}:
  ${variant.paths ?? ""}
`;

/** Changes that do not concern anybody who is connected. */
const harmless = ({ metrics }: { metrics: number }): ((round: number) => Variant)[] => [
  () => ({ top: "logLevel: debug" }),
  () => ({ paths: "other/a: {record: yes, recordFormat: flv, recordPath: rec/%path/%s-%f}" }),
  (round) => ({
    top: `authInternalUsers:
  - {user: any, permissions: [{action: publish}, {action: read}, {action: playback}]}
  - {user: any, ips: [127.0.0.1], permissions: [{action: api}, {action: metrics}]}
  - {user: joe${round}, pass: secret${round}, permissions: [{action: read, path: other/a}]}`,
  }),
  () => ({ paths: `other/b: {forward: [{dest: "rtmp://127.0.0.1:${freePort()}/live/$MTX_PATH"}]}` }),
  (round) => ({
    top: `hooks: {webhooks: [{event_types: publish_start, url: "http://127.0.0.1:9/${round}"}]}`,
  }),
  () => ({ metricsPort: metrics }),
  (round) => ({ top: `apiAllowOrigins: ["http://panel${round}.example"]` }),
  (round) => ({ livePath: `maxReaders: ${10 + round}` }),
  () => ({
    paths: `"~^pull/(.+)$": {source: "rtmp://127.0.0.1:${freePort()}/live/$G1", sourceOnDemand: yes}`,
  }),
  () => ({ top: "pathDefaults: {overridePublisher: no, recordPath: elsewhere/%path/%s-%f}" }),
  (round) => ({ top: `playWait: ${3 + (round % 5)}s\nrepublishGrace: 2s\nidleTimeout: 1m` }),
  () => ({ top: "maxConnections: 1000\nmaxPublishers: 60\nmaxConnectionsPerAddress: 900" }),
  () => ({ top: "runOnConnect: /bin/true\nrunOnDisconnect: /bin/true" }),
  () => ({ livePath: "runOnRead: /bin/true" }),
  () => ({ paths: `other/c: {source: redirect, sourceRedirect: /live/s1}` }),
  () => ({ paths: `all_others: {maxBitrateKbps: 100}` }),
  () => ({ top: "playerQueueMs: 4000\nstallTimeout: 20s\nshutdownTimeout: 3s" }),
];

/** A file that cannot be used, and what is said about it. */
interface Bad {
  readonly text: string | undefined;
  readonly error: RegExp;
}

const badFiles = (taken: number, file: (round: number, variant: Variant) => string): readonly Bad[] => {
  const bad = (variant: Variant, error: RegExp): Bad => ({ text: file(0, variant), error });
  const user = "authInternalUsers: [{user: eve, pass: no, permissions: [{action: publish}]}]";
  return [
    { text: "paths: [", error: /flow sequence/ },
    { text: "- rtmp", error: /expected a mapping/ },
    { text: undefined, error: /cannot be read/ },
    bad({ top: "rtmpAdress: :1935" }, /rtmpAdress: unknown key, did you mean rtmpAddress/),
    bad({ top: "rtmp: 3" }, /rtmp: 3, expected true or false/),
    bad({ top: "logLevel: info\nlogLevel: debug" }, /stands twice/),
    bad({ top: "playWait: soon" }, /no duration/),
    bad({ top: "authMethod: http" }, /http without authHTTPAddress/),
    bad({ top: "relayTo: [http://a/b]" }, /relayTo/),
    bad({ livePath: "source: rtmp://127.0.0.1/live/x" }, /expected sourceOnDemand: yes too/),
    bad({ livePath: "runOnUnDemand: /bin/true" }, /needs runOnDemand/),
    bad({ paths: '"~^(": {}' }, /no name of a path/),
    bad({ top: "hooks: {webhooks: [{urll: x}]}" }, /hooks.*unknown key/),
    // From here on it is not the text that is wrong: much of it is in force before that shows.
    bad({ metricsPort: taken, top: `${user}\nlogLevel: error` }, /metricsAddress/),
    bad({ metricsPort: taken, rtmpAddress: `127.0.0.1:${freePort()}` }, /metricsAddress/),
    bad({ rtmpAddress: `127.0.0.1:${taken}`, top: `${user}\nlogLevel: error` }, new RegExp(String(taken))),
    bad({ apiAddress: `127.0.0.1:${taken}`, livePath: "maxReaders: 1" }, /apiAddress/),
    bad(
      {
        top: `rtmpEncryption: optional\nrtmpsAddress: 127.0.0.1:0\nrtmpServerCert: no.crt\nrtmpServerKey: no.key\n${user}`,
      },
      /no\.(?:crt|key)/,
    ),
    bad({ top: "apiEncryption: yes\napiServerCert: no.crt\napiServerKey: no.key" }, /no\.(?:crt|key)/),
    bad({ top: "rtmpEncryption: strict\nrtmpsAddress: 127.0.0.1:0" }, /server\.(?:crt|key)/),
  ];
};

const statusOf = (api: ControlApi) => api.must<ConfigStatusObject>("GET", "config/status");

describe("a configuration that changes under 50 publishers and 200 players", () => {
  test("by its file 100 times, half of the times broken: nobody loses a connection or a frame", async () => {
    using directory = new TempDirectory();
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const name = directory.file("rtmp-server.yml");
    const ports = { metrics: freePort() };
    const file = files(ports);
    writeFileSync(name, file(0, {}));
    await using server = await Server.start({
      flags: ["--config", name, "--api", "--metrics"],
      isFromFile: true,
    });
    const api = await ControlApi.of(server);
    using crowd = await Crowd.gather((path) => server.url(path), size);
    const variants = harmless({ metrics: freePort() });
    const bads = badFiles(taken.port, file);

    /** How a change becomes known: by looking, by SIGHUP, by the API. */
    const announce = async (round: number): Promise<void> => {
      if (round % 10 < 2) return;
      if (round % 10 < 4) await api.ask("POST", "config/reload");
      else server.signal("SIGHUP");
    };
    const delays: number[] = [];
    let metrics = ports.metrics;
    for (let round = 1; round <= 100; round++) {
      const before = await statusOf(api);
      const askedAt = performance.now();
      if (round % 2 === 1) {
        const variant = variants[((round - 1) / 2) % variants.length]?.(round) ?? {};
        metrics = variant.metricsPort ?? ports.metrics;
        writeFileSync(name, file(round, variant));
        await announce(round);
        await eventually(async () => (await api.path(`round/r${round}`)) && true, {
          what: `file ${round} in force: ${JSON.stringify(variant)}`,
        });
      } else {
        const { text, error } = bads[(round / 2 - 1) % bads.length] as Bad;
        const inForce = await api.must("GET", "config/global/get");
        if (text === undefined) rmSync(name);
        else writeFileSync(name, text);
        await announce(round);
        const { lastError } = await eventually(
          async () => {
            const status = await statusOf(api);
            return status.failedReloads > before.failedReloads ? status : undefined;
          },
          { what: `refusal of file ${round}, ${error}` },
        );
        expect(lastError).toMatch(error);
        expect(await api.must("GET", "config/global/get")).toEqual(inForce);
        expect((await api.path(`round/r${round - 1}`))?.name).toBe(`round/r${round - 1}`);
      }
      delays.push(performance.now() - askedAt);
    }

    const { failedReloads, reloads } = await statusOf(api);
    expect(failedReloads).toBeGreaterThanOrEqual(50);
    expect(reloads).toBeGreaterThanOrEqual(50);
    expect(server.matching({ msg: "configuration rejected, the old one stays" }).length).toBe(failedReloads);
    for (const { error } of bads)
      expect([error, server.matching({ level: "ERROR", error }).length > 0]).toEqual([error, true]);
    const values = await metricsAt(metrics);
    expect(values.get('rtmp_config_reloads_total{status="failure"}')).toBe(failedReloads);
    expect(values.get('rtmp_config_reloads_total{status="success"}')).toBe(reloads);
    // Who comes now is welcome at the port that was there from the start.
    using _late = await OwnPublisher.connect(server.url("live/late"));
    expect(await crowd.settle()).toEqual([]);
    console.info(
      `100 files, ${crowd.sent} frames sent, each to 4 players, none lost; a file was answered after ` +
        `${Math.round(delays.reduce((sum, each) => sum + each, 0) / delays.length)} ms, at most ${Math.round(Math.max(...delays))} ms`,
    );
  }, 120_000);

  test("by the API 50 times, half of the changes refused: nobody loses a connection or a frame", async () => {
    using directory = new TempDirectory();
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const name = directory.file("rtmp-server.yml");
    writeFileSync(name, files({ metrics: freePort() })(0, {}));
    await using server = await Server.start({
      flags: ["--config", name, "--api", "--metrics"],
      isFromFile: true,
    });
    const api = await ControlApi.of(server);
    using crowd = await Crowd.gather((path) => server.url(path), size);
    const paths = "config/paths";
    const changes: (readonly [method: string, path: string, body?: unknown])[] = [
      ["PATCH", "config/global/patch", { logLevel: "debug" }],
      ["POST", `${paths}/add/other/a`, { record: true, recordFormat: "flv" }],
      ["PATCH", `${paths}/patch/other/a`, { record: false, maxReaders: 3 }],
      ["PATCH", "config/pathdefaults/patch", { overridePublisher: false }],
      ["POST", `${paths}/replace/other/a`, { forward: [{ dest: `rtmp://127.0.0.1:${freePort()}/a/b` }] }],
      ["PATCH", `${paths}/patch/~%5Elive%2F`, { maxReaders: 50 }],
      ["DELETE", `${paths}/delete/other/a`],
      ["PATCH", "config/global/patch", { metricsAddress: `127.0.0.1:${freePort()}` }],
      ["PATCH", "config/global/patch", { apiAllowOrigins: ["http://panel.example"], playWait: "4s" }],
      ["POST", `${paths}/add/other/p`, { source: `rtmp://127.0.0.1:${freePort()}/a/b` }],
      ["DELETE", `${paths}/delete/other/p`],
      ["PATCH", "config/global/patch", { logLevel: "info" }],
      ["PATCH", `${paths}/patch/~%5Elive%2F`, { maxReaders: 10 }],
    ];
    const wrong: (readonly [method: string, path: string, body?: unknown])[] = [
      ["PATCH", "config/global/patch", { rtmpAdress: ":1" }],
      ["PATCH", "config/global/patch", { rtmp: 3 }],
      ["PATCH", "config/global/patch", { metricsAddress: `127.0.0.1:${taken.port}` }],
      ["PATCH", "config/global/patch", { rtmpAddress: `127.0.0.1:${taken.port}`, logLevel: "error" }],
      ["PATCH", "config/global/patch", { apiEncryption: true, apiServerCert: "no.crt" }],
      ["POST", `${paths}/add/other%2Fb`, { source: "nonsense" }],
      ["POST", `${paths}/add/~(`, {}],
      ["PATCH", `${paths}/patch/not/there`, {}],
      ["DELETE", `${paths}/delete/not/there`],
      ["PATCH", `${paths}/patch/~%5Elive%2F`, { source: "rtmp://127.0.0.1/a/b" }],
    ];
    const answers = new Map<number, number>();
    for (let round = 0; round < 50; round++) {
      const list = round % 2 === 0 ? changes : wrong;
      const [method, path, body] = list[Math.floor(round / 2) % list.length] ?? ["GET", "info"];
      const before = await api.must("GET", "config/global/get");
      const { status, body: answer } = await api.ask(method, path, body);
      const expected = list === changes ? 200 : path.includes("not/there") ? 404 : 400;
      expect([path, body, status, answer]).toEqual([path, body, expected, answer]);
      if (list === wrong) expect(await api.must("GET", "config/global/get")).toEqual(before);
      answers.set(status, (answers.get(status) ?? 0) + 1);
      await Bun.sleep(50);
    }
    // Some of them say what holds already.
    expect(server.matching({ msg: "configuration changed through the API" }).length).toBeGreaterThan(20);
    using _late = await OwnPublisher.connect(server.url("live/late"));
    expect(await crowd.settle()).toEqual([]);
    console.info(`answers ${JSON.stringify([...answers])}, ${crowd.sent} frames sent, none lost`);
  }, 120_000);
});

describe("a change that concerns somebody", () => {
  const pathsOf = (lines: readonly string[]): string => `
rtmpAddress: 127.0.0.1:0
apiAddress: 127.0.0.1:0
metrics: no
republishGrace: 10s
paths:
${lines.map((line) => `  ${line}`).join("\n")}
`;

  test("ends just those: of a path that is gone, of a path with another source; who is found by another entry stays", async () => {
    using directory = new TempDirectory();
    const name = directory.file("rtmp-server.yml");
    const rest = ["~^live/: {}", "~^also/: {}"];
    writeFileSync(name, pathsOf([...rest, "gone: {}", "pulled: {}", "also/here: {}"]));
    await using server = await Server.start({ flags: ["--config", name, "--api"], isFromFile: true });
    const api = await ControlApi.of(server);
    using crowd = await Crowd.gather((path) => server.url(path), { streams: 4, playersEach: 2 });
    const open = async (path: string) => {
      const publisher = await NumberedPublisher.connect(server.url(path));
      const player = new NumberedPlayer(server.url(path));
      await player.started;
      return { publisher, player };
    };
    const [gone, pulled, also] = [await open("gone"), await open("pulled"), await open("also/here")];
    using _sending = broadcast([gone.publisher, pulled.publisher, also.publisher]);
    await Promise.all([gone, pulled, also].map(({ player }) => player.reaches(10)));

    writeFileSync(name, pathsOf([...rest, `pulled: {source: "rtmp://127.0.0.1:${server.port}/live/s0"}`]));
    await api.must("POST", "config/reload");
    expect(String(await gone.publisher.ended)).toContain("no longer configured");
    expect(String(await gone.player.ended)).toContain("UnpublishNotify");
    expect(String(await pulled.publisher.ended)).toContain("no longer configured");
    await pulled.player.ended;
    expect(await api.path("gone")).toBeUndefined();
    await expect(OwnPublisher.connect(server.url("gone"))).rejects.toThrow(/BadName.*not configured/);
    await expect(OwnPublisher.connect(server.url("pulled"))).rejects.toThrow(/BadName.*fetched/);
    await eventually(async () => (await api.path("pulled"))?.source?.type === "rtmpSource" || undefined, {
      what: "the new source",
    });
    // It is found by the regular expression now.
    expect((await api.path("also/here"))?.confName).toBe("~^also/");

    // Another source: readers stay.
    using reader = new NumberedPlayer(server.url("pulled"));
    await reader.reaches(1);
    await api.must("PATCH", "config/paths/patch/pulled", {
      source: `rtmp://127.0.0.1:${server.port}/live/s1`,
    });
    const readSoFar = reader.numbers.length;
    await eventually(() => reader.numbers.length > readSoFar + 30 || undefined, { what: "the next source" });
    expect(reader.isOver).toBe(false);

    expect([also.publisher.isOver, also.player.isOver, also.player.faults]).toEqual([false, false, []]);
    expect(await crowd.settle()).toEqual([]);
    for (const { publisher, player } of [gone, pulled, also]) {
      publisher[Symbol.dispose]();
      player[Symbol.dispose]();
    }
  }, 60_000);

  test("of the address of RTMP leaves connections as they are; the new port answers, the old one no more", async () => {
    using directory = new TempDirectory();
    const name = directory.file("rtmp-server.yml");
    const text = pathsOf(["all_others: {}"]);
    writeFileSync(name, text);
    await using server = await Server.start({ flags: ["--config", name, "--api"], isFromFile: true });
    const api = await ControlApi.of(server);
    using crowd = await Crowd.gather((path) => server.url(path), { streams: 5, playersEach: 2 });
    const [byFile, byApi] = [freePort(), freePort()];
    writeFileSync(name, text.replace("rtmpAddress: 127.0.0.1:0", `rtmpAddress: 127.0.0.1:${byFile}`));
    await api.must("POST", "config/reload");
    {
      using _new = await OwnPublisher.connect(`rtmp://127.0.0.1:${byFile}/live/new`);
      await expect(OwnPublisher.connect(server.url("live/old"))).rejects.toThrow();
    }
    await api.must("PATCH", "config/global/patch", { rtmpAddress: `127.0.0.1:${byApi}` });
    {
      using _new = await OwnPublisher.connect(`rtmp://127.0.0.1:${byApi}/live/new`);
      await expect(OwnPublisher.connect(`rtmp://127.0.0.1:${byFile}/live/old`)).rejects.toThrow();
      using player = new NumberedPlayer(`rtmp://127.0.0.1:${byApi}/live/s0`);
      await player.reaches(10);
    }
    expect(await crowd.settle()).toEqual([]);
  }, 60_000);
});

describe("changes of the API with configPersist", () => {
  test("are there again after kill -9, over an edited file too, and are gone without it", async () => {
    using directory = new TempDirectory();
    const name = directory.file("rtmp-server.yml");
    const text = (more: string): string => `
rtmpAddress: 127.0.0.1:0
apiAddress: 127.0.0.1:0
metrics: no
${more}
paths:
  live/a: {}
`;
    const persist = `configPersist: ${directory.file("changes.json")}`;
    writeFileSync(name, text(persist));
    const start = () => Server.start({ flags: ["--config", name, "--api"], isFromFile: true });
    {
      await using server = await start();
      const api = await ControlApi.of(server);
      await api.must("PATCH", "config/global/patch", { playWait: "7s" });
      await api.must("PATCH", "config/paths/patch/live/a", { maxReaders: 7 });
      await api.must("POST", "config/paths/add/live/b", { overridePublisher: false });
      // What was refused is not kept.
      expect((await api.ask("PATCH", "config/global/patch", { playWait: "never" })).status).toBe(400);
      await api.must("POST", "config/paths/add/live/c", {});
      server.kill("SIGKILL");
      await server.exit();
    }
    writeFileSync(name, text(`${persist}\nidleTimeout: 44s`));
    {
      await using server = await start();
      const api = await ControlApi.of(server);
      expect(await api.must("GET", "config/global/get")).toMatchObject({
        playWait: "7s",
        idleTimeout: "44s",
      });
      expect(await api.must("GET", "config/paths/get/live/a")).toMatchObject({ maxReaders: 7 });
      expect(await api.must("GET", "config/paths/get/live/b")).toMatchObject({ overridePublisher: false });
      expect(await statusOf(api)).toMatchObject({ paths: 3, persistFile: directory.file("changes.json") });
      await api.must("DELETE", "config/paths/delete/live/c");
    }
    {
      await using server = await start();
      expect(await statusOf(await ControlApi.of(server))).toMatchObject({ paths: 2 });
    }
    writeFileSync(name, text(""));
    await using server = await start();
    const api = await ControlApi.of(server);
    // Keys of our own are shown where they are not as usual.
    expect(await api.must("GET", "config/global/get")).not.toHaveProperty("playWait");
    expect(await statusOf(api)).toMatchObject({ paths: 1, persistFile: "" });
  }, 60_000);
});
