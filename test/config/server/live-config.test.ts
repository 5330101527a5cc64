import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { ConfigError, TransportError } from "../../../src/base/errors.ts";
import { ConfigChangeError } from "../../../src/config/server/config-change-error.ts";
import { effectiveConfig } from "../../../src/config/server/effective.ts";
import { LiveHouse } from "./live-house.ts";

const errorOf = async (promise: Promise<unknown>): Promise<[code: string | undefined, message: string]> => {
  try {
    await promise;
  } catch (error) {
    return [error instanceof ConfigChangeError ? error.code : undefined, (error as Error).message];
  }
  return [undefined, "nothing"];
};

describe("a change through the API", () => {
  test("is applied before it is answered, counts most, and is seen in what is shown", async () => {
    using house = new LiveHouse({
      file: "logLevel: warn\npaths: {all_others: }",
      flags: ["--log-level", "error"],
      environment: { MTX_LOGLEVEL: "info" },
    });
    expect(house.live.globalView().logLevel).toBe("error");
    await house.live.patchGlobal({ logLevel: "debug", readTimeout: "1m", relayTo: ["rtmp://a/b/secret"] });
    expect(house.applied.map(({ global }) => global)).toEqual([["logLevel", "readTimeout", "relayTo"]]);
    expect(house.changed).toEqual(house.applied);
    await house.live.patchGlobal({ readTimeout: "none" }).catch(() => undefined);
    expect([house.changed.length, house.reloaded.length]).toEqual([1, 0]);
    const { logLevel, readTimeout, relayTo } = house.live.globalView();
    expect([logLevel, readTimeout, relayTo]).toEqual(["debug", "1m0s", ["rtmp://a/b/***"]]);
    expect(house.live.current.relayTo).toEqual(["rtmp://a/b/secret"]);
  });

  test("counts in the order API, flag, variable, file, default, whichever of them there are", async () => {
    const level = fc.option(fc.constantFrom("error", "warn", "info", "debug"), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(level, level, level, level, async (api, flag, variable, file) => {
        using house = new LiveHouse({
          file: file === undefined ? "{}" : `logLevel: ${file}`,
          flags: flag === undefined ? [] : ["--log-level", flag],
          environment: variable === undefined ? {} : { MTX_LOGLEVEL: variable },
        });
        await house.live.patchGlobal(api === undefined ? {} : { logLevel: api });
        const found: string = house.live.current.logLevel;
        expect(found).toBe(api ?? flag ?? variable ?? file ?? "info");
      }),
      { numRuns: 60 },
    );
  });

  test("makes, changes, remakes and removes paths", async () => {
    using house = new LiveHouse({
      file: "pathDefaults: {maxReaders: 1}\npaths: {cam: {record: yes}, all_others: }",
    });
    const { live } = house;
    await live.addPath("live/a", { recordPath: "./x/%path/%s%f" });
    await live.patchPath("cam", { maxReaders: 5 });
    await live.replacePath("new", {});
    expect(live.pathNames()).toEqual(["all_others", "cam", "live/a", "new"]);
    expect(live.pathView("cam")).toMatchObject({ name: "cam", record: true, maxReaders: 5 });
    expect(live.pathView("live/a")).toMatchObject({ name: "live/a", record: false, maxReaders: 1 });
    await live.replacePath("cam", { name: "ignored", source: "publisher" });
    expect(live.pathView("cam")).toMatchObject({ name: "cam", record: false, maxReaders: 1 });
    await live.patchPathDefaults({ maxReaders: 7 });
    expect(live.pathDefaultsView()).toMatchObject({ name: "", maxReaders: 7 });
    expect(live.pathView("live/a")).toMatchObject({ maxReaders: 7 });
    await live.deletePath("cam");
    await live.deletePath("new");
    expect(live.pathNames()).toEqual(["all_others", "live/a"]);
    expect(live.pathView("cam")).toBeUndefined();
    await live.addPath("cam", { maxReaders: 2 });
    expect(live.pathView("cam")).toMatchObject({ record: false, maxReaders: 2 });
    const differences = house.applied.map(({ paths: { added, removed, changed } }) => [
      added,
      removed,
      [...changed.keys()],
    ]);
    expect(differences).toEqual([
      [["live/a"], [], []],
      [[], [], ["cam"]],
      [["new"], [], []],
      [[], [], ["cam"]],
      [[], [], ["cam", "all_others", "live/a", "new"]],
      [[], ["cam"], []],
      [[], ["new"], []],
      [["cam"], [], []],
    ]);
  });

  test("keeps every name usable while nobody has said a path, and none after the last is deleted", async () => {
    using house = new LiveHouse();
    await house.live.addPath("cam", {});
    expect(house.live.pathNames()).toEqual(["all_others", "cam"]);
    await house.live.deletePath("all_others");
    await house.live.deletePath("cam");
    expect(house.live.pathNames()).toEqual([]);
    expect(house.live.current.paths).toEqual({});
  });

  test("under an old name means the new one, whatever the file says", async () => {
    using house = new LiveHouse({
      file: "pathDefaults: {runOnReady: file}\npaths: {cam: {runOnReady: own}}",
    });
    await house.live.patchPathDefaults({ runOnAvailable: "api" });
    await house.live.patchPath("cam", { runOnReady: "old" });
    await house.live.patchPath("cam", { runOnAvailable: "api too", disablePublisherOverride: true });
    await house.live.patchGlobal({ rtspDisable: true, recordSegmentDuration: "2m", record: null });
    const { pathDefaults, paths, rtsp } = house.live.current;
    expect([pathDefaults.runOnAvailable, paths.cam?.runOnAvailable]).toEqual(["api", "api too"]);
    expect([rtsp, paths.cam?.overridePublisher, paths.cam?.recordSegmentDuration]).toEqual([
      false,
      false,
      120_000,
    ]);
  });

  const rows: { name: string; run: (house: LiveHouse) => Promise<void>; is: [string | undefined, string] }[] =
    [
      {
        name: "an unknown key",
        run: ({ live }) => live.patchGlobal({ x: 1 }),
        is: ["INVALID", 'json: unknown field "x"'],
      },
      {
        name: "paths at the top",
        run: ({ live }) => live.patchGlobal({ paths: {} }),
        is: ["INVALID", 'json: unknown field "paths"'],
      },
      {
        name: "hooks at the top",
        run: ({ live }) => live.patchGlobal({ hooks: {} }),
        is: ["INVALID", 'json: unknown field "hooks"'],
      },
      {
        name: "a key of a path at the top",
        run: ({ live }) => live.patchGlobal({ maxReaders: 1 }),
        is: ["INVALID", 'json: unknown field "maxReaders"'],
      },
      {
        name: "a key of an object",
        run: ({ live }) => live.patchGlobal(JSON.parse('{"__proto__": 1}')),
        is: ["INVALID", 'json: unknown field "__proto__"'],
      },
      {
        name: "an unknown key of an item",
        run: ({ live }) => live.patchGlobal({ authInternalUsers: [{ users: "a" }] }),
        is: ["INVALID", 'json: unknown field "authInternalUsers[0].users"'],
      },
      {
        name: "an unknown key of an item in an item",
        run: ({ live }) =>
          live.patchGlobal({ authInternalUsers: [{ permissions: [{ action: "read" }, { do: 1 }] }] }),
        is: ["INVALID", 'json: unknown field "authInternalUsers[0].permissions[1].do"'],
      },
      {
        name: "no object",
        run: ({ live }) => live.patchGlobal([]),
        is: ["INVALID", "json: a list, expected an object"],
      },
      {
        name: "nothing",
        run: ({ live }) => live.patchPath("cam", undefined),
        is: ["INVALID", "json: undefined, expected an object"],
      },
      {
        name: "text for a truth",
        run: ({ live }) => live.patchGlobal({ rtmp: "true" }),
        is: ["INVALID", "json: rtmp: text, expected true or false"],
      },
      {
        name: "a number for a duration",
        run: ({ live }) => live.patchGlobal({ readTimeout: 10 }),
        is: ["INVALID", "json: readTimeout: a number, expected text"],
      },
      {
        name: "text for a number",
        run: ({ live }) => live.patchPath("cam", { maxReaders: "3" }),
        is: ["INVALID", "json: maxReaders: text, expected a number"],
      },
      {
        name: "a number for a size",
        run: ({ live }) => live.patchPath("cam", { recordMaxPartSize: 1 }),
        is: ["INVALID", "json: recordMaxPartSize: a number, expected text"],
      },
      {
        name: "text for a list",
        run: ({ live }) => live.patchGlobal({ apiAllowOrigins: "*" }),
        is: ["INVALID", "json: apiAllowOrigins: text, expected a list"],
      },
      {
        name: "an item of another type",
        run: ({ live }) => live.patchPath("cam", { rtspUDPSourcePortRange: ["1", 2] }),
        is: ["INVALID", "json: rtspUDPSourcePortRange[0]: text, expected a number"],
      },
      {
        name: "no list in an item",
        run: ({ live }) => live.patchGlobal({ authInternalUsers: [{ user: "a", ips: null }] }),
        is: ["INVALID", "json: authInternalUsers[0].ips: null, expected a list"],
      },
      {
        name: "a value that cannot be used",
        run: ({ live }) => live.patchGlobal({ logLevel: "loud" }),
        is: ["INVALID", 'logLevel: "loud", expected error, warn, info or debug'],
      },
      {
        name: "a duration that is none",
        run: ({ live }) => live.patchPath("cam", { recordDeleteAfter: "soon" }),
        is: [
          "INVALID",
          expect.stringMatching(/^paths\.cam\.recordDeleteAfter: "soon" is no duration/) as never,
        ],
      },
      {
        name: "a key that does not go with another",
        run: ({ live }) => live.patchPath("cam", { sourceOnDemand: true }),
        is: [
          "INVALID",
          "paths.cam.sourceOnDemand: has no use with source: publisher, expected a source to pull",
        ],
      },
      {
        name: "what breaks a path of the file",
        run: ({ live }) => live.patchGlobal({ playback: true }),
        is: [
          "INVALID",
          expect.stringMatching(/f\.yml:1: paths\.cam\.recordPath: expected %f in it/) as never,
        ],
      },
      {
        name: "where changes are kept",
        run: ({ live }) => live.patchGlobal({ configPersist: "/etc/x" }),
        is: ["INVALID", "configPersist: not for the API to change, expected it in the file"],
      },
      {
        name: "a path that is there",
        run: ({ live }) => live.addPath("cam", {}),
        is: ["INVALID", "path already exists"],
      },
      {
        name: "a path without a name",
        run: ({ live }) => live.addPath("", {}),
        is: ["INVALID", "invalid name"],
      },
      {
        name: "a path of a bad name",
        run: ({ live }) => live.replacePath("a b", {}),
        is: ["INVALID", expect.stringMatching(/^"a b", expected letters/) as never],
      },
      {
        name: "a path of a bad regular expression",
        run: ({ live }) => live.addPath("~(", {}),
        is: ["INVALID", expect.stringMatching(/is no regular expression/) as never],
      },
      {
        name: "another name for all others",
        run: ({ live }) => live.addPath("all", {}),
        is: ["INVALID", 'paths.all: "all" means the same as "all_others", expected one of them'],
      },
      {
        name: "a change of a path that is not there",
        run: ({ live }) => live.patchPath("dog", {}),
        is: ["NOT_FOUND", "path not found"],
      },
      {
        name: "a change of a part of objects",
        run: ({ live }) => live.patchPath("constructor", {}),
        is: ["NOT_FOUND", "path not found"],
      },
      {
        name: "the end of a path that is not there",
        run: ({ live }) => live.deletePath("dog"),
        is: ["NOT_FOUND", "path not found"],
      },
      {
        name: "a hidden secret of nobody",
        run: ({ live }) =>
          live.patchGlobal({
            authInternalUsers: [{ user: "joe", pass: "<redacted>", permissions: [{ action: "read" }] }],
          }),
        is: [
          "INVALID",
          "authInternalUsers[0].pass: stands for a secret that is in force, and none is, expected the secret itself",
        ],
      },
      {
        name: "a hidden part of a new URL",
        run: ({ live }) => live.patchPath("cam", { source: "rtsp://***@other/x" }),
        is: ["INVALID", expect.stringMatching(/^source: stands for a secret/) as never],
      },
    ];
  for (const { name, run, is } of rows) {
    test(`is refused, and changes nothing: ${name}`, async () => {
      using house = new LiveHouse({ file: "paths: {cam: {recordPath: './r/%path/%s'}, all_others: }" });
      const before = house.live.config;
      expect(await errorOf(run(house))).toEqual(is);
      expect(house.live.config).toBe(before);
      expect(house.applied).toEqual([]);
    });
  }

  test("that cannot be applied leaves the old configuration in force, and the next one works", async () => {
    using house = new LiveHouse({ file: "configPersist: $DIR/kept.json" });
    house.failure = new TransportError("LISTEN", "the port is in use");
    expect(await errorOf(house.live.patchGlobal({ rtmpAddress: ":1" }))).toEqual([
      undefined,
      "the port is in use",
    ]);
    expect(house.live.current.rtmpAddress).toBe(":1935");
    house.failure = undefined;
    await house.live.patchGlobal({ rtmpAddress: ":2" });
    expect(house.live.current.rtmpAddress).toBe(":2");
    house.restart();
    expect(house.live.current.rtmpAddress).toBe(":2");
  });

  test("waits for the one before it", async () => {
    using house = new LiveHouse();
    const { live } = house;
    const order: string[] = [];
    live.onApply(async ({ server }) => {
      order.push(`begin ${server.maxConnections}`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`end ${server.maxConnections}`);
    });
    await Promise.all([
      live.patchGlobal({ maxConnections: 1 }),
      errorOf(live.patchGlobal({ maxConnections: -1 })),
      live.patchGlobal({ maxConnections: 2 }),
    ]);
    expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  });
});

describe("what is read and sent back", () => {
  const secrets = `
authInternalUsers:
  - {user: any, permissions: [{action: read}]}
  - {user: joe, pass: hideA, permissions: [{action: publish}]}
  - {user: joe, pass: hideB, permissions: [{action: publish, path: x}]}
  - {user: any, ips: [10.0.0.1], permissions: [{action: api}]}
authHTTPAddress: http://u:hideC@a/?k=hideD
hlsCDNSecret: hideE
relayTo: [rtmp://a/live/hideF, "rtmp://a/live/{name}", rtmp://a/live/hideG]
webrtcICEServers2: [{url: 'turn:a:1', username: u, password: hideH}]
pathDefaults: {srtReadPassphrase: hideI67890}
paths:
  cam:
    source: rtmp://u:hideJ@host/app#hideK
    whepBearerToken: hideL
    forward: [{dest: rtmp://x/live/hideM, whipBearerToken: hideN}, {dest: rtmp://x/live/hideO}]
  all_others:
`;
  const everything = (house: LiveHouse): string =>
    JSON.stringify(effectiveConfig(house.live.current, { redacted: false, full: true }));

  test("changes nothing, and keeps every secret", async () => {
    using house = new LiveHouse({ file: secrets });
    const before = everything(house);
    const { live } = house;
    const sent = <Value>(view: Value): unknown => JSON.parse(JSON.stringify(view));
    expect(JSON.stringify([live.globalView(), live.pathDefaultsView(), live.pathView("cam")])).not.toContain(
      "hide",
    );
    await live.patchGlobal(sent(live.globalView()));
    await live.patchPathDefaults(sent(live.pathDefaultsView()));
    for (const name of live.pathNames()) {
      await live.patchPath(name, sent(live.pathView(name)));
      await live.replacePath(name, sent(live.pathView(name)));
    }
    expect(everything(house)).toBe(before);
    expect(house.applied).toEqual([]);
    expect(before.match(/hide[A-O]/g)?.length).toBeGreaterThan(14);
  });

  test("does not keep later edits of the file from counting at the top", async () => {
    using house = new LiveHouse({ file: "configPersist: $DIR/kept.json\nlogLevel: warn" });
    await house.live.patchGlobal(house.live.globalView());
    await house.edit("configPersist: $DIR/kept.json\nlogLevel: error");
    expect(house.live.current.logLevel).toBe("error");
  });

  test("keeps the secret of each user, in whatever order they come, and takes new ones", async () => {
    using house = new LiveHouse({ file: secrets });
    const users = house.live.globalView().authInternalUsers as Record<string, unknown>[];
    const [any, first, second, local] = users;
    const added = { user: "jim", pass: "new", ips: [], permissions: [{ action: "read", path: "" }] };
    await house.live.patchGlobal({
      authInternalUsers: [added, local, { ...first, ips: ["10.0.0.0/8"] }, any, second],
    });
    const now = house.live.current.authInternalUsers.map(({ user, pass }) => [user, pass]);
    expect(now).toEqual([
      ["jim", "new"],
      ["any", ""],
      ["joe", "hideA"],
      ["any", ""],
      ["joe", "hideB"],
    ]);
  });

  test("keeps the stream key of each URL, in whatever order they come", async () => {
    using house = new LiveHouse({ file: secrets });
    const [first, open, second] = house.live.globalView().relayTo as string[];
    await house.live.patchGlobal({ relayTo: [open, "rtmp://b/c", first, second] });
    expect(house.live.current.relayTo).toEqual([
      "rtmp://a/live/{name}",
      "rtmp://b/c",
      "rtmp://a/live/hideF",
      "rtmp://a/live/hideG",
    ]);
  });
});

describe("the file", () => {
  test("is read again when it changes, and replaces what the API changed", async () => {
    using house = new LiveHouse({ file: "logLevel: warn\npaths: {cam: }" });
    await house.live.patchGlobal({ logLevel: "debug", maxConnections: 5 });
    house.write("logLevel: error\npaths: {cam: , dog: }");
    const deadline = performance.now() + 4_000;
    while (house.reloaded.length === 0 && performance.now() < deadline)
      await house.settle(new Promise((resolve) => setImmediate(resolve)));
    const { logLevel, maxConnections } = house.live.current;
    expect([logLevel, maxConnections, house.live.pathNames()]).toEqual(["error", 0, ["cam", "dog"]]);
    const [{ global, paths } = { global: [], paths: { added: [] } }] = house.reloaded;
    expect([global, paths.added]).toEqual([["logLevel", "maxConnections"], ["dog"]]);
    expect(house.live.reloads).toMatchObject({ done: 1, rejected: 0 });
  });

  test("is read again when asked, even if it is the same, and costs nothing then", async () => {
    using house = new LiveHouse({ file: "logLevel: warn" });
    house.clock.advance(5_000);
    expect(await house.settle(house.live.reload())).toBe(true);
    expect(house.applied).toEqual([]);
    expect(house.live.reloads.done).toBe(1);
    using none = new LiveHouse();
    expect(await none.live.reload()).toBe(false);
  });

  const bad = [
    "logLevel: loud",
    "paths: [",
    "rtmpAdress: :1",
    "- a",
    "paths: {'a b': }",
    "authMethod: http",
    "hooks: {stdio: {fromat: json}}",
    "rtmpAddress: nowhere",
    "paths: {cam: {sourceOnDemand: yes}}",
    "configPersist: $DIR",
  ];
  test("that is bad leaves the old configuration in force, time and again, and a good one works after it", async () => {
    using house = new LiveHouse({ file: "logLevel: warn\npaths: {cam: }" });
    const before = house.live.config;
    const told: (string | undefined)[] = [];
    for (const text of bad) {
      house.rejected.length = 0;
      await house.edit(text);
      expect(house.live.config, text).toBe(before);
      // Once as it was asked for; a look that was due just before may have found it, too.
      expect(house.rejected.length, text).toBeGreaterThan(0);
      told.push(house.rejected.at(-1));
    }
    expect(told.slice(0, 3)).toEqual([
      '/f.yml:1: logLevel: "loud", expected error, warn, info or debug',
      expect.stringMatching(/^\/f\.yml:1: flow sequence/),
      "/f.yml:1: rtmpAdress: unknown key, did you mean rtmpAddress?",
    ]);
    const { done, rejected } = house.live.reloads;
    expect([done, rejected >= bad.length]).toEqual([0, true]);
    await house.edit("logLevel: error\npaths: {cam: }");
    expect(house.live.current.logLevel).toBe("error");
    expect(house.live.reloads.done).toBeGreaterThan(0);
  });

  test("that cannot be applied is rejected", async () => {
    using house = new LiveHouse({ file: "logLevel: warn" });
    house.failure = new TransportError("LISTEN", "the port is in use");
    await house.edit("rtmpAddress: :1");
    expect(house.rejected).toEqual(["the port is in use"]);
    expect(house.live.current).toMatchObject({ logLevel: "warn", rtmpAddress: ":1935" });
  });

  test("does not move what flags and variables say", async () => {
    using house = new LiveHouse({
      file: "logLevel: warn",
      flags: ["--log-level", "debug"],
      environment: { MTX_READTIMEOUT: "3s" },
    });
    await house.edit("logLevel: error\nreadTimeout: 4s\nwriteTimeout: 5s");
    expect(house.live.current).toMatchObject({ logLevel: "debug", readTimeout: 3_000, writeTimeout: 5_000 });
  });
});

describe("changes that are kept", () => {
  const file =
    "configPersist: $DIR/kept.json\nlogLevel: warn\npaths: {cam: {maxReaders: 1}, dog: , all_others: }\n";

  test("are there after a restart and after an edit of the file, over what that says", async () => {
    using house = new LiveHouse({ file });
    const { live } = house;
    await live.patchGlobal({ logLevel: "debug", hlsCDNSecret: "secret" });
    await live.patchPathDefaults({ maxReaders: 9 });
    await live.patchPath("cam", { record: true });
    await live.addPath("new", { maxReaders: 2 });
    await live.deletePath("dog");
    const before = JSON.stringify(effectiveConfig(live.current, { redacted: false }));
    house.restart();
    expect(JSON.stringify(effectiveConfig(house.live.current, { redacted: false }))).toBe(before);
    await house.edit(`${file}rtmpAddress: :1\n`);
    expect(house.live.current).toMatchObject({
      logLevel: "debug",
      rtmpAddress: ":1",
      hlsCDNSecret: "secret",
    });
    expect(house.live.pathNames()).toEqual(["all_others", "cam", "new"]);
    expect(house.live.pathView("cam")).toMatchObject({ maxReaders: 1, record: true });
    await house.live.patchGlobal({ logLevel: "error" });
    house.restart();
    expect(house.live.current.logLevel).toBe("error");
    expect(house.rejected).toEqual([]);
  });

  test("are there after a restart of a server without a file, too", async () => {
    using other = new LiveHouse();
    using house = new LiveHouse({ flags: ["--config-persist", join(other.folder, "kept.json")] });
    await house.live.patchPath("all_others", { maxReaders: 3 });
    await house.live.addPath("cam", {});
    house.restart();
    expect(house.live.pathNames()).toEqual(["all_others", "cam"]);
    expect(house.live.pathView("all_others")).toMatchObject({ maxReaders: 3, overridePublisher: false });
  });

  test("of a path that the file no longer has are left out, but not of one that the API made", async () => {
    using house = new LiveHouse({ file });
    await house.live.patchPath("cam", { record: true });
    await house.live.addPath("new", {});
    await house.edit("configPersist: $DIR/kept.json\npaths: {all_others: }");
    expect(house.live.pathNames()).toEqual(["all_others", "new"]);
  });

  test("are forgotten when they are no longer to be kept, and found in another file", async () => {
    using house = new LiveHouse({ file });
    await house.live.patchGlobal({ maxConnections: 3 });
    await house.edit("logLevel: warn");
    expect(house.live.current.maxConnections).toBe(0);
    await house.edit("configPersist: $DIR/kept.json");
    expect(house.live.current.maxConnections).toBe(3);
  });

  test("that do not go with the file name their own file", async () => {
    using house = new LiveHouse({
      file: "configPersist: $DIR/kept.json\npaths: {cam: {recordPath: '%path/%s'}}",
    });
    await house.live.patchPath("cam", { recordPath: "./%path/%s" });
    await house.edit("configPersist: $DIR/kept.json\nplayback: yes\npaths: {cam: }");
    expect(house.rejected).toEqual([
      "/kept.json: paths.cam.recordPath: expected %f in it, which playback needs",
    ]);
  });

  test("in a damaged file keep the server from starting, by its name", async () => {
    using house = new LiveHouse({ file });
    writeFileSync(join(house.folder, "kept.json"), "{");
    expect(() => house.restart()).toThrow(ConfigError);
    expect(() => house.restart()).toThrow("kept.json");
    writeFileSync(
      join(house.folder, "kept.json"),
      '{"global": {}, "pathDefaults": {"maxReaders": -1}, "paths": {}}',
    );
    expect(() => house.restart()).toThrow(
      /kept\.json: pathDefaults\.maxReaders: -1, expected a whole number/,
    );
  });

  test("are not there where writing them fails, and neither is the change", async () => {
    using house = new LiveHouse({ file: "configPersist: $DIR/nowhere/kept.json" });
    const [, message] = await errorOf(house.live.patchGlobal({ maxConnections: 3 }));
    expect(message).toContain("kept.json");
    expect(house.live.current.maxConnections).toBe(0);
    expect(house.applied).toEqual([]);
  });

  test("are any that can be made: what is in force is the same after a restart", async () => {
    const name = fc.constantFrom("cam", "dog", "live/a", "~^x(.+)$");
    const body = fc.record(
      {
        maxReaders: fc.integer({ min: 0, max: 9 }),
        record: fc.boolean(),
        recordDeleteAfter: fc.constantFrom("", "2d", "36h"),
        runOnReady: fc.constantFrom("a", "b"),
        forward: fc.constantFrom([], [{ dest: "rtmp://a/b" }]),
      },
      { requiredKeys: [] },
    );
    const step = fc.oneof(
      fc.tuple(fc.constant("patchPathDefaults"), name, body),
      fc.tuple(fc.constant("addPath"), name, body),
      fc.tuple(fc.constant("patchPath"), name, body),
      fc.tuple(fc.constant("replacePath"), name, body),
      fc.tuple(fc.constant("deletePath"), name, body),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        using house = new LiveHouse({ file });
        const { live } = house;
        for (const [what, path, change] of steps) {
          const done =
            what === "patchPathDefaults"
              ? live.patchPathDefaults(change)
              : what === "deletePath"
                ? live.deletePath(path)
                : live[what as "addPath" | "patchPath" | "replacePath"](path, change);
          // Some are about paths that are there already, or not yet.
          await done.catch((error: unknown) => expect(error).toBeInstanceOf(ConfigChangeError));
        }
        const before = effectiveConfig(live.current, { redacted: false, full: true });
        house.restart();
        expect(effectiveConfig(house.live.current, { redacted: false, full: true })).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });

  test("hold what the API was given, not what was there anyway", async () => {
    using house = new LiveHouse({ file });
    await house.live.patchGlobal({ ...house.live.globalView(), maxConnections: 4 });
    const kept = JSON.parse(readFileSync(join(house.folder, "kept.json"), "utf8"));
    expect(kept).toEqual({ global: { maxConnections: 4 }, pathDefaults: {}, paths: {} });
  });
});
