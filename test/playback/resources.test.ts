import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { playableOf } from "../../src/playback/resources.ts";
import { until } from "../record/studio.ts";
import { seconds, starting } from "../record/tags.ts";
import { later, Theatre } from "./theatre.ts";

const source = [...starting, ...seconds(10)];

/** A theatre with ten seconds of `live/test`, in segments of three. */
const open = async (options: ConstructorParameters<typeof Theatre>[1] = {}): Promise<Theatre> => {
  const theatre = new Theatre({ recordSegmentDuration: 3_000 }, options);
  await theatre.studio.record(source);
  return theatre;
};

const errorOf = async (response: Response): Promise<unknown[]> => [
  response.status,
  ((await response.json()) as { error: string }).error,
];

describe("/list", () => {
  test("gives timespans with where to get them, cut to what is asked for", async () => {
    using theatre = await open();
    const [all] = await theatre.list();
    expect(all!.duration).toBeCloseTo(10, 0);
    const url = new URL(all!.url);
    expect([url.pathname, url.port, [...url.searchParams.keys()]]).toEqual([
      "/get",
      String(theatre.server.port),
      ["duration", "path", "start"],
    ]);
    const [cut] = await theatre.list({ start: later(all!.start, 2_000), end: later(all!.start, 6_500) });
    expect([Date.parse(cut!.start) - Date.parse(all!.start), cut!.duration]).toEqual([2_000, 4.5]);
    const none = await theatre.fetch("/list", { path: "live/test", start: later(all!.start, 60_000) });
    expect(await errorOf(none)).toEqual([404, "no recording segments found"]);
  });

  test("a recording under way is in it up to its last part", async () => {
    using theatre = new Theatre();
    const publication = theatre.studio.publish();
    theatre.studio.play(publication, source);
    await until(() => theatre.studio.files.length === 1, "there is a file");
    await until(() => Bun.file(theatre.studio.files[0]!).size > 900, "its parts are written");
    const [entry] = await theatre.list();
    expect(entry!.duration).toBeGreaterThan(7);
    publication.end("client_stop");
    await theatre.studio.records.idle();
    const [whole] = await theatre.list();
    expect(whole!.duration).toBeGreaterThan(entry!.duration);
  });

  test("a file that cannot be read is left out, and named in the log once", async () => {
    using theatre = await open();
    const { files, log } = theatre.studio;
    const folder = dirname(files[0]!);
    writeFileSync(join(folder, "2026-01-02_00-00-00-000000.mp4"), "this is no recording");
    writeFileSync(join(folder, "2026-01-02_00-00-10-000000.mp4"), "");
    for (let i = 0; i < 2; i++) expect((await theatre.list()).length).toBe(1);
    expect(log.lines.filter((line) => line.includes("cannot be played")).length).toBe(2);
  });
});

describe("/get", () => {
  test("gives the whole, or the range of it that is asked for", async () => {
    using theatre = await open();
    const [{ start }] = (await theatre.list()) as [{ start: string }, ...unknown[]];
    const query = { path: "live/test", start: later(start, 1_500), duration: "6" };
    for (const format of ["fmp4", "mp4"]) {
      const response = await theatre.fetch("/get", { ...query, format });
      const whole = await response.bytes();
      expect([
        response.status,
        response.headers.get("Content-Type"),
        response.headers.get("Accept-Ranges"),
      ]).toEqual([200, "video/mp4", "bytes"]);
      for (const [range, from, to] of [
        ["bytes=0-99", 0, 100],
        ["bytes=700-", 700, whole.length],
        ["bytes=-50", whole.length - 50, whole.length],
        [`bytes=10-${whole.length * 2}`, 10, whole.length],
      ] as const) {
        const part = await theatre.fetch("/get", { ...query, format }, { headers: { Range: range } });
        expect([part.status, part.headers.get("Content-Range")]).toEqual([
          206,
          `bytes ${from}-${to - 1}/${whole.length}`,
        ]);
        expect(Buffer.compare(await part.bytes(), whole.subarray(from, to))).toBe(0);
      }
      const beyond = await theatre.fetch(
        "/get",
        { ...query, format },
        { headers: { Range: `bytes=${whole.length}-` } },
      );
      expect([beyond.status, beyond.headers.get("Content-Range")]).toEqual([416, `bytes */${whole.length}`]);
    }
  });

  test("files are held while they are played, and let go of afterwards", async () => {
    using theatre = await open();
    const [{ url }] = (await theatre.list()) as [{ url: string }, ...unknown[]];
    await (await fetch(url)).bytes();
    const isBusy = (): boolean => theatre.studio.files.some((file) => theatre.recordings.isBusy(file));
    await until(() => !isBusy(), "nothing is held");
    const aborted = new AbortController();
    const response = await fetch(url, { signal: aborted.signal });
    await response.body?.getReader().read();
    aborted.abort();
    await until(() => !isBusy(), "nothing is held after an abort");
  });

  test("says what is wrong with a request", async () => {
    using theatre = await open();
    const [{ start }] = (await theatre.list()) as [{ start: string }, ...unknown[]];
    const good = { path: "live/test", start, duration: "5" };
    for (const [query, status, error] of [
      [{ ...good, path: "" }, 400, /invalid path/],
      [{ ...good, path: "../etc" }, 400, /invalid path/],
      [{ ...good, start: "yesterday" }, 400, /expected RFC 3339/],
      [{ ...good, duration: "long" }, 400, /invalid duration/],
      [{ ...good, duration: "-5" }, 400, /invalid duration/],
      [{ ...good, format: "avi" }, 400, /invalid format/],
      [{ ...good, gaps: "maybe" }, 400, /invalid gaps/],
      [{ ...good, path: "live/other" }, 404, /no recording segments found/],
      [{ ...good, start: later(start, 3_600_000) }, 404, /no recording segments found/],
      [{ ...good, start: later(start, -60_000) }, 404, /no recording segments found/],
    ] as const) {
      const [got, text] = await errorOf(await theatre.fetch("/get", query));
      expect([got, text]).toEqual([status, expect.stringMatching(error)]);
    }
  });

  test("a recording that begins later than what is asked for begins later in it, too", async () => {
    using theatre = await open();
    const [{ start }] = (await theatre.list()) as [{ start: string }, ...unknown[]];
    const response = await theatre.fetch("/get", {
      path: "live/test",
      start: later(start, -2_000),
      duration: "5",
    });
    expect(response.status).toBe(200);
  });
});

describe("access", () => {
  test("is asked for with the path, after the path was checked", async () => {
    const asked: unknown[] = [];
    using theatre = await open({
      access: {
        decide: ({ action, path }: { action: string; path: string | undefined }) => {
          asked.push([action, path]);
          return Promise.resolve({ isAllowed: false, reason: "missing", message: "no", delayMs: 0 });
        },
      } as never,
    });
    expect((await theatre.fetch("/list", { path: "live/test" })).status).toBe(401);
    expect((await theatre.fetch("/get", { path: "live/test" })).status).toBe(401);
    expect((await theatre.fetch("/get", { path: "../x" })).status).toBe(400);
    expect(asked).toEqual([
      ["playback", "live/test"],
      ["playback", "live/test"],
    ]);
  });
});

describe("a ticket", () => {
  const firstOf = async ({ recordings, tickets }: Theatre) => {
    const path = parseStreamPath("live/test");
    const [span] = await recordings.timespans(path);
    return playableOf({ path, span: span!, tickets });
  };

  const nobody = {
    decide: () => Promise.resolve({ isAllowed: false, reason: "missing", message: "no", delayMs: 0 }),
  } as never;

  test("plays the part that it was given for, to whoever has it, in ranges too", async () => {
    using theatre = await open({ access: nobody });
    const playable = await firstOf(theatre);
    const url = `http://127.0.0.1:${theatre.server.port}${playable.location}`;
    const whole = await fetch(url);
    expect([whole.status, whole.headers.get("Content-Type")]).toEqual([200, "video/mp4"]);
    expect((await whole.arrayBuffer()).byteLength).toBeGreaterThan(1_000);
    const part = await fetch(`${url}&format=mp4`, { headers: { Range: "bytes=0-99" } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 100]);
  });

  test("lets a page have it kept as a file, whose name breaks no header", async () => {
    using theatre = await open({ access: nobody });
    const { location } = await firstOf(theatre);
    const { headers } = await fetch(`http://127.0.0.1:${theatre.server.port}${location}&download=1`);
    expect(headers.get("Content-Disposition")).toMatch(
      /^attachment; filename="live_test_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.mp4"; filename\*=UTF-8''live_test_[\w.-]+$/,
    );
  });

  test("plays nothing else", async () => {
    using theatre = await open({ access: nobody });
    const playable = await firstOf(theatre);
    const query = new URL(playable.location, "http://x").searchParams;
    const ticket = query.get("ticket")!;
    const others: Record<string, string>[] = [
      { path: "live/other" },
      { start: "2026-01-01T00:00:00Z" },
      { duration: "100000" },
      { ticket: "" },
      { ticket: `zzzzzzzzz.${ticket.split(".")[1]}` },
      { ticket: ticket.slice(0, -2) },
      { ticket: `${ticket.split(".")[0]}.` },
    ];
    for (const other of others) {
      const { status } = await theatre.fetch("/get", { ...Object.fromEntries(query), ...other });
      expect([other, status]).toEqual([other, 401]);
    }
    expect((await theatre.fetch("/list", { path: "live/test", ticket })).status).toBe(401);
  });
});

describe("what is known of recordings", () => {
  test("is brought up to date by what we record, delete, and find", async () => {
    using theatre = await open();
    const { studio, recordings } = theatre;
    const count = async (): Promise<number> => (await recordings.get("live/test")).segments.length;
    expect(await count()).toBe(4);
    expect((await theatre.list()).length).toBe(1);
    studio.clock.advance(60_000);
    await studio.record(source);
    expect(await count()).toBe(8);
    expect((await theatre.list()).length).toBe(2);
    const [first] = studio.files;
    rmSync(first!);
    expect(await count()).toBe(7);
    const { start } = (await theatre.list())[1]!;
    await recordings.deleteSegment("live/test", start);
    expect(await count()).toBe(6);
    writeFileSync(first!, readFileSync(studio.files[0]!));
    expect(await count()).toBe(7);
  });
});
