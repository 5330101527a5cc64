import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { HlsPart } from "../../src/server/hls-part.ts";
import type { RunConfig } from "../../src/server/run-config.ts";
import { EventHub } from "../../src/stream/event.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";
import { peerOf } from "../stream/peer.ts";

const configOf = (...args: string[]): RunConfig => readConfig(readServerFlags(args), { environment: {} });

/** A part with a stream that is published. */
class Room implements Disposable {
  current = configOf();
  readonly clock = new FakeClock();
  readonly path = parseStreamPath("live/test");
  readonly registry: Registry;
  readonly part: HlsPart;

  constructor() {
    const { clock } = this;
    const events = new EventHub();
    this.registry = new Registry({
      rules: { optionsOf: () => defaultStreamOptions, maxPublishers: 0 },
      clock,
      events,
    });
    this.part = new HlsPart({
      registry: this.registry,
      events,
      limits: undefined,
      clock,
      log: new KeptLog(),
      config: () => this.current,
    });
    this.registry.attach(this.part.muxers);
    this.registry.publish(this.path, {
      peer: peerOf("c000001", "127.0.0.1:1"),
      publishType: "live",
      evicted: () => undefined,
    });
  }

  configure(...args: string[]): void {
    this.current = configOf(...args);
    this.part.configure(this.current);
  }

  [Symbol.dispose](): void {
    this.part.close();
  }
}

describe("HLS as the configuration wants it", () => {
  test("is made of streams that are there already when it is to be made of all", () => {
    using room = new Room();
    room.configure();
    expect(room.part.muxers.list).toEqual([]);
    room.configure("--hls-always-remux");
    expect(room.part.muxers.list.map(({ path }) => path)).toEqual([room.path]);
    const [muxer] = room.part.muxers.list;
    room.configure("--hls-always-remux", "--hls-segment-count", "9");
    expect(room.part.muxers.list).toEqual([muxer!]);
  });

  test("ends, with everybody who watches, when it is switched off", () => {
    using room = new Room();
    room.configure("--hls-always-remux");
    const viewer = { path: room.path, ip: "192.0.2.1", port: 1, userAgent: "", query: "" };
    const session = room.part.sessions.open(
      { ...viewer, authorization: "", token: undefined, isCdn: false },
      { id: "1", user: "", isSigned: false },
    );
    expect([...room.part.port!.sessions]).toEqual([session]);
    room.configure("--hls=false");
    expect([session.isOver, room.part.muxers.list, room.part.port]).toEqual([true, [], undefined]);
    expect(room.registry.find(room.path)!.readers).toEqual([]);
  });

  test("says which directory cannot be had, and why", () => {
    using room = new Room();
    const folder = mkdtempSync(join(tmpdir(), "hls-part-"));
    const file = join(folder, "file");
    writeFileSync(file, "");
    try {
      expect(() => room.configure("--hls-directory", file)).toThrow(
        /--hls-directory.*cannot be used: EEXIST|ENOTDIR/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
