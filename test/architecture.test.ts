import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "../src");

const files = [...new Glob("**/*.{ts,tsx}").scanSync(root)].sort();

const sourceOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** The source without comments, so that words in them do not count. */
const codeOf = (file: string): string =>
  sourceOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "");

/** The room a file belongs to: its folder, or the file itself at the top. */
const roomOf = (file: string): string => (file.includes("/") ? dirname(file) : file);

/** What a file imports, types too. Files of ours by their path in src, all else by its name. */
const importsOf = (file: string): { ours: string[]; others: string[] } => {
  const code = codeOf(file);
  const names = [
    ...[...code.matchAll(/^(?:import|export)\b[^;"']*?\bfrom\s*"([^"]+)"/gm)].map(([, name = ""]) => name),
    ...[...code.matchAll(/\bimport\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) => name),
  ];
  const isOurs = (name: string): boolean => name.startsWith(".");
  return {
    ours: names.filter(isOurs).map((name) => relative(root, join(root, dirname(file), name))),
    others: names.filter((name) => !isOurs(name)),
  };
};

/** Which rooms each room may import from, itself aside. `server.ts`, `main.ts` and `cli` may know everything. */
const mayImport: Readonly<Record<string, readonly string[] | "everything">> = {
  base: [],
  process: ["base"],
  sqlite: ["base"],
  config: ["base"],
  "config/server": ["config", "base"],
  amf: ["base"],
  media: ["base"],
  flv: ["amf", "media", "base"],
  rtmp: ["amf", "flv", "media", "base"],
  rtsp: ["amf", "flv", "media", "base"],
  "rtsp/packetise": ["rtsp", "flv", "media", "base"],
  "rtsp/depacketise": ["rtsp", "flv", "media", "base"],
  stream: ["media", "base"],
  "rtsp/io": ["rtsp", "rtsp/packetise", "rtsp/depacketise", "stream", "flv", "amf", "media", "base"],
  "rtmp/io": ["rtmp", "stream", "flv", "amf", "media", "base"],
  samples: ["flv", "media", "base"],
  mp4: ["media", "base"],
  mpegts: ["media", "base"],
  record: ["samples", "stream", "flv", "mp4", "mpegts", "amf", "media", "base"],
  hls: ["samples", "stream", "mp4", "mpegts", "media", "base"],
  archive: ["record", "sqlite", "stream", "flv", "mp4", "mpegts", "amf", "media", "base"],
  playback: [
    "archive",
    "record",
    "http",
    "samples",
    "stream",
    "flv",
    "mp4",
    "mpegts",
    "amf",
    "media",
    "base",
  ],
  monitor: ["stream", "media", "base"],
  "hooks/event": ["stream", "flv", "amf", "media", "base"],
  "hooks/filter": ["hooks/event", "base"],
  "hooks/delivery": ["hooks/event", "base"],
  "hooks/script": ["hooks/delivery", "hooks/event", "process", "base"],
  "hooks/webhook": ["hooks/delivery", "hooks/event", "outgoing", "base"],
  "hooks/stdio": ["hooks/delivery", "hooks/event", "base"],
  "hooks/store": ["hooks/delivery", "hooks/event", "sqlite", "base"],
  "hooks/settings": [
    "config",
    "monitor",
    ...["delivery", "event", "filter", "script", "webhook", "stdio"].map((room) => `hooks/${room}`),
    "base",
  ],
  hooks: [
    "config",
    "sqlite",
    "stream",
    "base",
    ...["event", "filter", "delivery", "script", "webhook", "stdio", "store", "settings"].map(
      (room) => `hooks/${room}`,
    ),
  ],
  outgoing: ["base"],
  access: ["outgoing", "stream", "config/server", "config", "base"],
  web: ["base"],
  // They run in browsers, and are bundled.
  "web/pages": [],
  "web/pages/orchestrator": ["web/pages"],
  "web/pages/player": [
    "web/pages",
    ...["model", "watch", "first-steps"].map((room) => `web/pages/player/${room}`),
  ],
  "web/pages/player/model": ["web/pages"],
  "web/pages/player/engine": ["web/pages/player/model"],
  "web/pages/player/watch": ["web/pages", "web/pages/player/model", "web/pages/player/engine"],
  "web/pages/player/first-steps": ["web/pages/player/model"],
  "web/pages/dashboard": [
    "web/pages",
    ...["model", "server", "parts", "views"].map((room) => `web/pages/dashboard/${room}`),
  ],
  "web/pages/dashboard/model": [],
  "web/pages/dashboard/server": ["web/pages/dashboard/model"],
  "web/pages/dashboard/parts": ["web/pages/dashboard/model", "web/pages/dashboard/server"],
  "web/pages/dashboard/views": ["model", "server", "parts"].map((room) => `web/pages/dashboard/${room}`),
  http: ["web", "stream", "base"],
  "http/live": ["stream", "media", "base"],
  "flv/io": ["flv", "stream", "media", "base"],
  "http/watch": ["http", "hls", "flv/io", "stream", "media", "base"],
  commands: ["stream", "config/server", "process", "base"],
  "http/api": ["http", "http/live", "stream", "media", "base"],
  "http/mtx": ["http/api", "base"],
  "http/collectors": ["stream", "media", "base"],
  relay: ["stream", "rtmp", "rtmp/io", "rtsp", "rtsp/io", "flv", "amf", "media", "base"],
  "orchestrator/machine": ["base"],
  "orchestrator/process": ["process", "base"],
  "orchestrator/store": ["orchestrator/machine", "orchestrator/process", "sqlite", "base"],
  "orchestrator/settings": ["orchestrator/machine", "commands", "config/server", "config", "base"],
  orchestrator: [
    ...["machine", "process", "store", "settings"].map((room) => `orchestrator/${room}`),
    "commands",
    "outgoing",
    "process",
    "config",
    "base",
  ],
  "orchestrator/http": [
    "orchestrator",
    ...["machine", "store", "settings"].map((room) => `orchestrator/${room}`),
    "http/api",
    "http",
    "web",
    "config",
    "base",
  ],
  "orchestrator/service": [
    "orchestrator",
    ...["http", "process", "store", "settings"].map((room) => `orchestrator/${room}`),
    "commands",
    "http",
    "sqlite",
    "base",
  ],
  dev: ["orchestrator/process", "process", "sqlite", "config", "base"],
  "server.ts": "everything",
  server: "everything",
  "main.ts": "everything",
  cli: "everything",
  "cli/hook": "everything",
  "cli/hooks": "everything",
};

/** Rooms whose code takes bytes and the time, and gives bytes and events. */
const pureRooms = [
  "amf",
  "media",
  "flv",
  "samples",
  "mp4",
  "mpegts",
  "rtmp",
  "rtsp",
  "rtsp/packetise",
  "rtsp/depacketise",
  "orchestrator/machine",
];

describe("a file in src", () => {
  for (const file of files) {
    test(`${file} imports only what its room may`, () => {
      const room = roomOf(file);
      const allowed = mayImport[room];
      expect(allowed, `the room ${room} is not in the table`).toBeDefined();
      if (allowed === undefined || allowed === "everything") return;
      const strangers = importsOf(file).ours.filter(
        (name) => roomOf(name) !== room && !allowed.includes(roomOf(name)),
      );
      expect(strangers).toEqual([]);
    });
  }

  test("imports no file that is not there, and every file of ours with its ending", () => {
    for (const file of files)
      for (const name of importsOf(file).ours) expect(files, `${file} imports ${name}`).toContain(name);
  });

  test("is not part of a circle of imports", () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).ours]));
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file))
        throw new Error(`circle: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`);
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(done.size).toBe(files.length);
  });

  test("has a doc comment on every export", () => {
    const bare: string[] = [];
    for (const file of files) {
      const lines = sourceOf(file).split("\n");
      lines.forEach((line, index) => {
        if (!/^export (?!\{|\*)/.test(line)) return;
        if (!lines[index - 1]?.trimEnd().endsWith("*/")) bare.push(`${file}:${index + 1} ${line}`);
      });
    }
    expect(bare).toEqual([]);
  });

  test("has no default export", () => {
    for (const file of files) expect(codeOf(file), file).not.toMatch(/^export default/m);
  });
});

/** What outer rooms agree on, types only: those who decide about access may take their time. */
const contract = "stream/admission.ts";

describe("a pure room", () => {
  const forbidden = [
    { what: "sockets", pattern: /node:net|Bun\.(?:listen|connect|serve|udpSocket)/ },
    { what: "timers", pattern: /\bset(?:Timeout|Interval|Immediate)\b|queueMicrotask/ },
    { what: "the time", pattern: /\bDate\.now\b|performance\.now|new Date\(\)/ },
    { what: "logging", pattern: /\bconsole\b/ },
    { what: "the process", pattern: /\bprocess\b/ },
    { what: "files", pattern: /node:fs|Bun\.(?:file|write)/ },
    { what: "promises", pattern: /\basync\b|\bawait\b|\bPromise\b/, except: contract },
  ];
  for (const room of [...pureRooms, "stream"]) {
    for (const { what, pattern, except } of forbidden) {
      test(`${room} knows nothing of ${what}`, () => {
        const guilty = files.filter(
          (file) => roomOf(file) === room && file !== except && pattern.test(codeOf(file)),
        );
        expect(guilty).toEqual([]);
      });
    }
  }

  test("takes nothing from outside but cryptography", () => {
    const others = files
      .filter((file) => pureRooms.includes(roomOf(file)))
      .flatMap((file) => importsOf(file).others);
    expect([...new Set(others)]).toEqual(["node:crypto"]);
  });
});
