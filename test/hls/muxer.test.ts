import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type FlvTag, tagType } from "../../src/flv/tag.ts";
import type { HlsSettings, HlsVariant } from "../../src/hls/settings.ts";
import { tagOf } from "../record/tags.ts";
import { faultsOf, faultsOfChange, readPlaylist } from "./playlist-rules.ts";
import { media, otherVideoConfig } from "./tags.ts";
import { playlistOf, Theatre, usualSettings } from "./theatre.ts";

const variants: readonly HlsVariant[] = ["lowLatency", "fmp4", "mpegts"];
const starting = [tagOf.videoConfig(), tagOf.audioConfig()];

/** Plays tags and gives every form that the media playlist had on the way. */
const playlists = async (theatre: Theatre, tags: readonly FlvTag[], publication = theatre.publish()) => {
  const texts: string[] = [];
  for (const _ of theatre.steps(publication, tags)) {
    const muxer = theatre.muxers.list[0];
    if (!muxer?.isReadable) continue;
    const text = await playlistOf(muxer);
    if (texts.at(-1) !== text) texts.push(text);
  }
  return texts;
};

const expectNoFaults = (texts: readonly string[]): void => {
  texts.forEach((text, index) => {
    expect(faultsOf(text), text).toEqual([]);
    const before = texts[index - 1];
    if (before !== undefined) expect(faultsOfChange(before, text), `${before}\n${text}`).toEqual([]);
  });
};

for (const variant of variants) {
  describe(`HLS as ${variant}`, () => {
    const settings: Partial<HlsSettings> = { variant, alwaysRemux: true };

    test("playlists keep every rule while a stream goes on", async () => {
      using theatre = new Theatre(settings);
      const texts = await playlists(theatre, [...starting, ...media({ toMs: 30_000 })]);
      expect(texts.length).toBeGreaterThan(20);
      expectNoFaults(texts);
      const last = readPlaylist(texts.at(-1)!);
      expect(last.segments.filter(({ name }) => name).length).toBe(7);
      expect(last.mediaSequence).toBeGreaterThan(15);
    });

    test("each segment begins with a key frame and is as long as its pictures", async () => {
      using theatre = new Theatre({ ...settings, segmentMs: 1_500 });
      const texts = await playlists(theatre, [...starting, ...media({ toMs: 20_000 })]);
      expectNoFaults(texts);
      const { segments, target } = readPlaylist(texts.at(-1)!);
      expect(new Set(segments.filter(({ name }) => name).map(({ duration }) => duration))).toEqual(
        new Set([2]),
      );
      expect(target).toBe(2);
    });

    test("another publisher and another codec make discontinuities", async () => {
      using theatre = new Theatre(settings, { options: { keepsReaders: true } });
      const publication = theatre.publish();
      const texts = await playlists(theatre, [...starting, ...media({ toMs: 5_000 })], publication);
      publication.end("client_disconnect");
      theatre.clock.advance(1_000);
      const again = [
        ...starting,
        ...media({ toMs: 4_000 }),
        otherVideoConfig(4_000),
        ...media({ fromMs: 4_000, toMs: 9_000 }),
      ];
      texts.push(...(await playlists(theatre, again)));
      expectNoFaults(texts);
      const inits = new Set(texts.flatMap((text) => text.match(/URI="\w+_init\d+\.mp4"/g) ?? []));
      expect(inits.size).toBe(variant === "mpegts" ? 0 : 3);
      const marks = texts
        .flatMap((text) => readPlaylist(text).segments)
        .filter((segment) => segment.isDiscontinuous);
      expect(new Set(marks.map(({ number }) => number))).toEqual(new Set([5, 9]));
      expect(readPlaylist(texts.at(-1)!).discontinuitySequence).toBeGreaterThan(0);
    });

    test("sound alone and pictures alone are served", async () => {
      for (const [video, audio] of [
        [true, false],
        [false, true],
      ] as const) {
        using theatre = new Theatre(settings);
        const config = starting.filter((_, index) => (index === 0 ? video : audio));
        const texts = await playlists(theatre, [...config, ...media({ toMs: 15_000 }, { video, audio })]);
        expect(texts.length).toBeGreaterThan(8);
        expectNoFaults(texts);
        if (audio && variant === "lowLatency")
          for (const { parts } of readPlaylist(texts.at(-1)!).segments)
            expect(parts.every(({ isIndependent }) => isIndependent)).toBe(true);
      }
    });

    test("what was promised is kept where key frames come late, or not at all", async () => {
      using theatre = new Theatre(settings);
      const tags = [
        ...starting,
        ...media({ toMs: 6_000 }),
        ...media({ fromMs: 6_000, toMs: 30_000, gop: 90 }),
        ...media({ fromMs: 30_000, toMs: 40_000, gop: 100_000 }),
      ];
      const texts = await playlists(theatre, tags);
      expectNoFaults(texts);
      expect(readPlaylist(texts.at(-1)!).target).toBe(1);
    });

    test("a pause of the stream, of its pictures and of its sound breaks no rule", async () => {
      using theatre = new Theatre(settings);
      const texts = await playlists(theatre, [
        ...starting,
        ...media({ toMs: 6_000 }),
        ...media({ fromMs: 9_000, toMs: 12_000 }),
        ...media({ fromMs: 12_000, toMs: 26_000 }, { video: false }),
        ...media({ fromMs: 26_000, toMs: 30_000 }),
        ...media({ fromMs: 30_000, toMs: 46_000 }, { audio: false }),
        ...media({ fromMs: 46_000, toMs: 50_000 }),
      ]);
      expectNoFaults(texts);
    });

    test("its end is told", async () => {
      using theatre = new Theatre(settings);
      const publication = theatre.publish();
      const texts = await playlists(theatre, [...starting, ...media({ toMs: 5_000 })], publication);
      const muxer = theatre.muxer();
      publication.end("client_stop");
      texts.push(await playlistOf(muxer));
      expectNoFaults(texts);
      expect(texts.at(-1)).toEndWith("#EXT-X-ENDLIST\n");
      expect(
        readPlaylist(texts.at(-1)!).segments.reduce((sum, { duration }) => sum + duration, 0),
      ).toBeCloseTo(5, 1);
      expect(theatre.muxers.list).toEqual([]);
      theatre.clock.advance(62_000);
      expect(await muxer.file(readPlaylist(texts.at(-1)!).segments[0]!.name!)).toBeUndefined();
    });
  });
}

describe("parts", () => {
  const settings: Partial<HlsSettings> = { alwaysRemux: true };

  test("frame rates of all kinds give parts of even length", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(10, 15, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60),
        fc.constantFrom(100, 200, 333, 500),
        async (rate, partMs) => {
          using theatre = new Theatre({ ...settings, partMs });
          const stepMs = 1_000 / rate;
          const gop = Math.round(rate * 2);
          const texts = await playlists(theatre, [...starting, ...media({ toMs: 14_000, stepMs, gop })]);
          expect(texts.length).toBeGreaterThan(10);
          expectNoFaults(texts);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("a part that is promised is waited for, and so is a playlist", async () => {
    using theatre = new Theatre(settings);
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 3_000 })]);
    const muxer = theatre.muxer();
    const before = readPlaylist(await playlistOf(muxer));
    const next = before.segments.at(-1)!;
    const wish = { segment: next.number, part: next.parts.length };
    const settled: string[] = [];
    const part = muxer.file(before.hint!).then((file) => {
      settled.push("part");
      return file;
    });
    const later = playlistOf(muxer, wish).then((text) => {
      settled.push("playlist");
      return text;
    });
    await Promise.resolve();
    expect(settled).toEqual([]);
    theatre.play(publication, media({ fromMs: 3_000, toMs: 3_300 }));
    expect((await part)!.size).toBeGreaterThan(100);
    const names = readPlaylist(await later).segments.flatMap(({ parts }) => parts.map(({ name }) => name));
    expect(names).toContain(before.hint!);
  });

  test("a part behind the last of its segment is the first of the next", async () => {
    using theatre = new Theatre(settings);
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 3_000 })]);
    const later = playlistOf(theatre.muxer(), { segment: 2, part: 9 });
    theatre.play(publication, media({ fromMs: 3_000, toMs: 3_100 }));
    // The segment is whole, and none of the next is there yet.
    const whole = readPlaylist(await playlistOf(theatre.muxer())).segments;
    expect(whole.map(({ name, parts }) => [name !== undefined, parts.length]).slice(1)).toEqual([
      [true, 5],
      [true, 5],
    ]);
    theatre.play(publication, media({ fromMs: 3_100, toMs: 3_300 }));
    const { segments } = readPlaylist(await later);
    expect(segments.map(({ name, parts }) => [name !== undefined, parts.length]).slice(2)).toEqual([
      [true, 5],
      [false, 1],
    ]);
  });

  test("what does not come is not waited for without end, what is far ahead not at all", async () => {
    using theatre = new Theatre(settings);
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 3_000 })]);
    const muxer = theatre.muxer();
    expect(await muxer.media({ segment: 99, part: undefined, isDelta: false })).toBe("never");
    const late = muxer.media({ segment: 3, part: undefined, isDelta: false });
    const hint = readPlaylist(await playlistOf(muxer)).hint!;
    const file = muxer.file(hint);
    for (let i = 0; i < 5; i++) {
      theatre.clock.advance(1_000);
      await Promise.resolve();
    }
    expect(await late).toBe("late");
    expect(await file).toBeUndefined();
    expect(await muxer.file("0_part7.mp4")).toBeUndefined();
  });

  test("a segment is its parts, end to end", async () => {
    using theatre = new Theatre(settings);
    theatre.play(theatre.publish(), [...starting, ...media({ toMs: 5_000 })]);
    const muxer = theatre.muxer();
    const { segments } = readPlaylist(await playlistOf(muxer));
    for (const { name, parts } of segments) {
      if (name === undefined || parts.length === 0) continue;
      const bytes = async (file: string) =>
        Buffer.from(await new Response((await muxer.file(file))!).arrayBuffer());
      const joined = Buffer.concat(await Promise.all(parts.map((part) => bytes(part.name))));
      expect(joined.equals(await bytes(name))).toBe(true);
    }
  });

  test("a client that has most of it gets the rest", async () => {
    using theatre = new Theatre({ ...settings, segmentCount: 20 });
    theatre.play(theatre.publish(), [...starting, ...media({ toMs: 25_000 })]);
    const [whole, delta] = await Promise.all(
      [false, true].map(async (isDelta) => readPlaylist(await playlistOf(theatre.muxer(), { isDelta }))),
    );
    expect(delta!.skipped).toBeGreaterThan(8);
    const { skipped, segments, mediaSequence } = delta!;
    expect(mediaSequence).toBe(whole!.mediaSequence);
    expect(segments.map(({ name }) => name)).toEqual(
      whole!.segments.filter((_, i) => i >= skipped).map(({ name }) => name),
    );
    // What is left out lies behind the boundary: six target durations.
    const kept = segments.reduce(
      (sum, each) => sum + (each.duration || each.parts.reduce((s, p) => s + p.duration, 0)),
      0,
    );
    expect(kept).toBeGreaterThanOrEqual(6);
    expect(kept).toBeLessThan(7.5);
  });
});

describe("a muxer", () => {
  test("is made when somebody watches, takes what is cached, and goes when nobody does", async () => {
    using theatre = new Theatre();
    const publication = theatre.publish();
    theatre.play(publication, [...starting, ...media({ toMs: 2_500 })]);
    expect(theatre.muxers.list).toEqual([]);
    const session = theatre.sessions.open(theatre.viewer(), { id: "1", user: "", isSigned: false });
    const multivariant = session.muxer!.multivariant();
    theatre.play(
      publication,
      media({ fromMs: 2_520, toMs: 2_600, gop: 1_000 }).filter(({ payload }) => payload[0] !== 0x17),
    );
    theatre.play(publication, media({ fromMs: 3_000, toMs: 4_000 }));
    const text = await (await multivariant).plain.text();
    expect(text).toContain('CODECS="avc1.42C01E,mp4a.40.2"');
    expect(readPlaylist(await playlistOf(theatre.muxer())).segments[0]!.duration).toBe(1);
    theatre.clock.advance(58_000);
    expect(theatre.muxers.list.length).toBe(1);
    theatre.clock.advance(4_000);
    expect(theatre.muxers.list).toEqual([]);
  });

  test("keeps as much in memory as players may still ask for, and no more", async () => {
    using theatre = new Theatre({ alwaysRemux: true });
    const publication = theatre.publish();
    const sizes: number[] = [];
    theatre.play(publication, [...starting, ...media({ toMs: 20_000 })]);
    const early = theatre.muxer().bytesKept;
    for (let second = 20; second < 80; second++) {
      theatre.play(publication, media({ fromMs: second * 1_000, toMs: second * 1_000 + 1_000 }));
      theatre.clock.advance(40);
      sizes.push(theatre.muxer().bytesKept);
    }
    expect(Math.max(...sizes)).toBeLessThan(early * 1.25);
    expect(Math.min(...sizes)).toBeGreaterThan(early * 0.75);
  });

  test("a segment that grows too large ends where it is, and the rules hold", async () => {
    using theatre = new Theatre({ alwaysRemux: true, maxSegmentBytes: 20_000 });
    const big = Array.from({ length: 200 }, (_, index) => {
      const { timestamp, payload } = tagOf.bigKey(index * 40, 2_000);
      // Only each twenty-fifth is a key frame.
      if (index % 25 > 0) payload[0] = 0x27;
      return { type: tagType.video, timestamp, payload };
    });
    const texts = await playlists(theatre, [tagOf.videoConfig(), ...big]);
    expectNoFaults(texts);
    const { segments } = readPlaylist(texts.at(-1)!);
    expect(Math.max(...segments.map(({ duration }) => duration))).toBeLessThan(0.5);
  });

  test("keeps nothing of a publisher that brings neither pictures nor sound", () => {
    using theatre = new Theatre({ alwaysRemux: true });
    const texts = Array.from({ length: 600 }, (_, i) => tagOf.text(i * 100));
    theatre.play(theatre.publish(), texts);
    expect(theatre.muxer().bytesKept).toBe(0);
  });

  test("a name is never used twice, whatever is published anew", async () => {
    using theatre = new Theatre({ alwaysRemux: true });
    const names: string[][] = [];
    for (let publish = 0; publish < 3; publish++) {
      const publication = theatre.publish();
      theatre.play(publication, [...starting, ...media({ toMs: 4_000 })]);
      const muxer = theatre.muxer();
      publication.end("client_stop");
      names.push((await playlistOf(muxer)).match(/\w+\.mp4/g) ?? []);
    }
    expect(new Set(names.flat()).size).toBe(
      names.map((each) => new Set(each).size).reduce((a, b) => a + b, 0),
    );
  });

  test("leaves out what its form cannot hold, and says so once", async () => {
    using theatre = new Theatre({ alwaysRemux: true });
    const speex = (timestamp: number): FlvTag => ({ ...tagOf.audio(timestamp), payload: sound });
    const pictures = media({ toMs: 6_000 }, { audio: false });
    const tags = pictures.flatMap((tag) => [tag, speex(tag.timestamp + 1)]);
    const texts = await playlists(theatre, [tagOf.videoConfig(), ...tags]);
    expectNoFaults(texts);
    expect(theatre.log.messages("warn").filter((line) => line.includes("Speex")).length).toBe(1);
  });

  test("a stream with nothing that can be carried is not there", async () => {
    using theatre = new Theatre();
    const publication = theatre.publish();
    const speex = (timestamp: number): FlvTag => ({ ...tagOf.audio(timestamp), payload: sound });
    theatre.play(
      publication,
      Array.from({ length: 200 }, (_, i) => speex(i * 20)),
    );
    const session = theatre.sessions.open(theatre.viewer(), { id: "1", user: "", isSigned: false });
    const answer = session.muxer!.multivariant();
    theatre.play(publication, [speex(4_000), speex(4_020)]);
    theatre.clock.advance(1_000);
    expect(answer).rejects.toThrow("no track that HLS can carry");
  });

  test("other settings hold from the next segment on, and keep who watches", async () => {
    using theatre = new Theatre({ alwaysRemux: true });
    const publication = theatre.publish();
    const texts = await playlists(theatre, [...starting, ...media({ toMs: 6_000 })], publication);
    const other = { ...usualSettings, alwaysRemux: true, variant: "mpegts" } as const;
    theatre.muxers.configure(other, theatre.registry.streams);
    theatre.play(publication, media({ fromMs: 6_000, toMs: 12_000 }));
    const after = await playlistOf(theatre.muxer());
    expect(faultsOf(after)).toEqual([]);
    expect(readPlaylist(after).mediaSequence).toBeGreaterThanOrEqual(
      readPlaylist(texts.at(-1)!).mediaSequence,
    );
    const { segments } = readPlaylist(after);
    expect(segments.at(-1)!.name).toEndWith(".ts");
    // EXT-X-MAP counts for all that follow, and nothing takes it back.
    expect(segments.filter(({ name, init }) => name?.endsWith(".ts") && init !== undefined)).toEqual([]);
  });
});

const sound = Buffer.from("b2aabb", "hex") as unknown as FlvTag["payload"];
