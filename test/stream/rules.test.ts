import { describe, expect, test } from "bun:test";
import { RefusedError } from "../../src/base/errors.ts";
import { parseStreamPath, type StreamPath } from "../../src/base/stream-path.ts";
import { EventHub } from "../../src/stream/event.ts";
import { Registry, type StreamRules } from "../../src/stream/registry.ts";
import { defaultStreamOptions, type StreamOptions } from "../../src/stream/stream-options.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { opening, send, Viewer } from "./house.ts";
import { peerOf } from "./peer.ts";

const a = parseStreamPath("live/a");
const b = parseStreamPath("live/b");

/** A registry whose rules the test writes. */
class Ruled {
  readonly clock = new FakeClock();
  readonly registry: Registry;
  readonly evictions: string[] = [];

  constructor(byPath: Readonly<Record<string, Partial<StreamOptions>>>, maxPublishers = 0) {
    this.registry = new Registry({
      rules: rulesOf(byPath, maxPublishers),
      clock: this.clock,
      events: new EventHub(),
    });
  }

  publish(path: StreamPath, { isSource = false } = {}) {
    return this.registry.publish(path, {
      peer: peerOf("c1", "127.0.0.1:1"),
      publishType: "live",
      isSource,
      evicted: (reason) => this.evictions.push(`${path} ${reason}`),
    });
  }

  configure(byPath: Readonly<Record<string, Partial<StreamOptions>>>): void {
    this.registry.configure(rulesOf(byPath, 0));
  }
}

const rulesOf = (
  byPath: Readonly<Record<string, Partial<StreamOptions>>>,
  maxPublishers: number,
): StreamRules => ({
  optionsOf: (path) => {
    const options = byPath[path];
    if (!options) throw new RefusedError("PATH_NOT_CONFIGURED", `path ${path} is not configured`);
    return { ...defaultStreamOptions, isLowLatency: true, ...options };
  },
  maxPublishers,
});

const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof RefusedError ? error.code : String(error);
  }
};

describe("a path", () => {
  test("that is not configured has neither publisher nor reader, and leaves nothing behind", () => {
    const { registry } = new Ruled({ "live/a": {} });
    expect(codeOf(() => registry.subscribe(b, new Viewer()))).toBe("PATH_NOT_CONFIGURED");
    expect([...registry.streams]).toEqual([]);
  });

  test("that the server fetches itself takes no publisher, but the server's own", () => {
    const house = new Ruled({ "live/a": { acceptsPublishers: false } });
    expect(codeOf(() => house.publish(a))).toBe("NOT_FOR_PUBLISHERS");
    expect(house.registry.find(a)).toBeUndefined();
    expect(codeOf(() => house.publish(a, { isSource: true }))).toBeUndefined();
  });

  test("has as many readers as it may, waiting ones included, and room again when one leaves", () => {
    const { registry } = new Ruled({ "live/a": { maxReaders: 2 } });
    const first = new Viewer();
    const stream = registry.subscribe(a, first);
    registry.subscribe(a, new Viewer());
    expect(codeOf(() => registry.subscribe(a, new Viewer()))).toBe("TOO_MANY_READERS");
    stream.unsubscribe(first);
    expect(codeOf(() => registry.subscribe(a, new Viewer()))).toBeUndefined();
  });

  test("that keeps its readers keeps them however the publisher leaves, and has them wait without end", () => {
    const house = new Ruled({ "live/a": { keepsReaders: true } });
    const viewer = new Viewer();
    const early = new Viewer();
    house.registry.subscribe(a, early);
    house.clock.advance(1e9);
    const first = house.publish(a);
    house.registry.subscribe(a, viewer);
    send(first, ...opening());
    first.end("client_stop");
    house.clock.advance(1e9);
    send(house.publish(a), ...opening());
    for (const each of [viewer, early]) {
      expect(each.log.filter((entry) => entry.startsWith("end"))).toEqual([]);
      expect(each.seen().filter((entry) => entry.startsWith("key"))).toHaveLength(2);
    }
  });

  test("sends its readers elsewhere, always or while nobody publishes", () => {
    const house = new Ruled({ "live/a": { fallbackTo: b }, "live/b": {}, "live/c": { redirectTo: a } });
    house.publish(b);
    expect(house.registry.subscribe(parseStreamPath("live/c"), new Viewer()).path).toBe(b);
    house.publish(a);
    expect(house.registry.subscribe(parseStreamPath("live/c"), new Viewer()).path).toBe(a);
  });

  test("that leads to itself over another is refused", () => {
    const { registry } = new Ruled({ "live/a": { redirectTo: b }, "live/b": { redirectTo: a } });
    expect(codeOf(() => registry.subscribe(a, new Viewer()))).toBe("STREAM_NOT_FOUND");
  });
});

describe("a server with a bound on publishers", () => {
  test("refuses one more, but not one that takes over", () => {
    const house = new Ruled({ "live/a": { overridePublisher: true }, "live/b": {} }, 1);
    house.publish(a);
    expect(codeOf(() => house.publish(b))).toBe("TOO_MANY_STREAMS");
    expect(house.registry.find(b)).toBeUndefined();
    expect(codeOf(() => house.publish(a))).toBeUndefined();
    expect(house.evictions).toEqual(["live/a replaced"]);
  });
});

describe("new rules", () => {
  test("that keep readers no longer let those of before stay for the grace, and those who wait as long as any", () => {
    for (const republishGraceMs of [5_000, 0]) {
      const house = new Ruled({ "live/a": { keepsReaders: true } });
      const [kept, waiting] = [new Viewer(), new Viewer()];
      const publication = house.publish(a);
      house.registry.subscribe(a, kept);
      publication.end("client_stop");
      house.registry.subscribe(a, waiting);
      house.configure({ "live/a": { keepsReaders: false, republishGraceMs, playWaitMs: 10_000 } });
      house.clock.advance(republishGraceMs - 1);
      expect(kept.log.at(-1)).toBe(republishGraceMs > 0 ? "start" : "end unpublished");
      house.clock.advance(1);
      expect([kept.log.at(-1), waiting.log]).toEqual(["end unpublished", []]);
      house.clock.advance(10_000 - republishGraceMs);
      expect(waiting.log).toEqual(["end refused"]);
      expect([[...house.registry.streams], house.clock.timers]).toEqual([[], 0]);
    }
  });

  test("that keep readers keep those who had a grace, and those who would have given up", () => {
    const house = new Ruled({ "live/a": {} });
    const [kept, waiting] = [new Viewer(), new Viewer()];
    const publication = house.publish(a);
    house.registry.subscribe(a, kept);
    publication.end("client_disconnect");
    house.registry.subscribe(a, waiting);
    house.configure({ "live/a": { keepsReaders: true } });
    house.clock.advance(1e9);
    send(house.publish(a), ...opening());
    for (const each of [kept, waiting]) expect(each.log.at(-1)).toBe("deliver");
  });

  test("end streams that are no longer configured, readers and waiting ones too, and touch no other", () => {
    const house = new Ruled({ "live/a": {}, "live/b": {} });
    const [reader, waiting, other] = [new Viewer(), new Viewer(), new Viewer()];
    house.publish(a);
    house.publish(b);
    house.registry.subscribe(a, reader);
    house.registry.subscribe(b, other);
    house.configure({ "live/b": { maxReaders: 1 } });
    expect(house.evictions).toEqual(["live/a unconfigured"]);
    expect(reader.log.at(-1)).toBe("end unpublished");
    expect(other.log).toEqual(["start"]);
    expect([...house.registry.streams].map(({ path }) => path)).toEqual([b]);
    house.configure({ "live/a": {}, "live/b": {} });
    house.registry.subscribe(a, waiting);
    house.configure({ "live/b": {} });
    expect(waiting.log).toEqual(["end refused"]);
    expect(house.clock.timers).toBe(0);
  });

  test("take a stream away from a client where the server is to fetch it", () => {
    const house = new Ruled({ "live/a": {} });
    house.publish(a);
    house.configure({ "live/a": { acceptsPublishers: false } });
    expect(house.evictions).toEqual(["live/a unconfigured"]);
  });

  test("hold for a stream that goes on: the next publisher, the next reader, the cache", () => {
    const house = new Ruled({ "live/a": { hasGopCache: true } });
    const publication = house.publish(a);
    send(publication, ...opening());
    const { registry } = house;
    expect(registry.find(a)?.cachedBytes).toBeGreaterThan(0);
    house.configure({ "live/a": { hasGopCache: false, overridePublisher: true, maxReaders: 1 } });
    expect(registry.find(a)?.cachedBytes).toBe(0);
    registry.subscribe(a, new Viewer());
    expect(codeOf(() => registry.subscribe(a, new Viewer()))).toBe("TOO_MANY_READERS");
    expect(codeOf(() => house.publish(a))).toBeUndefined();
  });
});

describe("an eviction", () => {
  test("ends the publish at once, tells the publisher, and lets no reader wait for it", () => {
    const house = new Ruled({ "live/a": {} });
    const viewer = new Viewer();
    house.publish(a);
    house.registry.subscribe(a, viewer);
    house.registry.find(a)?.evict("kicked");
    expect([house.evictions, viewer.log.at(-1)]).toEqual([["live/a kicked"], "end unpublished"]);
    expect(house.registry.find(a)).toBeUndefined();
  });
});
