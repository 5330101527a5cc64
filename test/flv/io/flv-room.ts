import { copyBytes, joinBytes } from "../../../src/base/bytes.ts";
import { silentLogger } from "../../../src/base/log.ts";
import type { FlvSession } from "../../../src/flv/io/session.ts";
import type { FlvConnection, FlvContext, FlvOrder } from "../../../src/flv/io/session-context.ts";
import { FlvSessions } from "../../../src/flv/io/sessions.ts";
import { FlvReader } from "../../../src/flv/reader.ts";
import type { StreamOptions } from "../../../src/stream/stream-options.ts";
import { House } from "../../stream/house.ts";

/** A connection that takes so many bytes, and writes down what becomes of it. */
export class FakeConnection implements FlvConnection {
  readonly calls: string[] = [];
  /** What it was given, whether or not it took all of it. */
  readonly buffers: Uint8Array[] = [];
  readonly #written: Uint8Array[] = [];
  /** How many bytes it still takes. */
  room = Number.POSITIVE_INFINITY;

  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.room);
    this.room -= taken;
    this.buffers.push(bytes);
    this.#written.push(copyBytes(bytes.subarray(0, taken)));
    return taken;
  }

  end(): void {
    this.calls.push("end");
  }

  terminate(): void {
    this.calls.push("terminate");
  }

  /** All that was written. */
  get bytes(): Uint8Array {
    return joinBytes([...this.#written, new Uint8Array()]);
  }

  /** What a player makes of it: what the header announces, and each whole tag as `type time`. */
  get seen(): string[] {
    const { bytes } = this;
    if (bytes.length === 0) return [];
    const reader = new FlvReader();
    reader.receive(bytes);
    const tags: string[] = [`flags ${bytes[4]}`];
    for (let tag = reader.next(); tag; tag = reader.next()) tags.push(`${tag.type} ${tag.timestamp}`);
    return tags;
  }
}

/** Sessions with everything around them that a test moves. */
export class FlvRoom {
  readonly house: House;
  readonly sessions: FlvSessions;

  constructor(options: Partial<StreamOptions> = {}, more: Partial<FlvContext> = {}) {
    this.house = new House(options);
    const { registry, hub, clock } = this.house;
    this.sessions = new FlvSessions({
      options: {
        readerQueue: { maxBytes: 1_000_000, maxMs: 5_000 },
        isLowLatency: true,
        stallTimeoutMs: 10_000,
      },
      ...{ registry, events: hub, clock, log: silentLogger },
      ...more,
    });
  }

  /** A client at 192.0.2.7 asks for the stream of the house. */
  order(more: Partial<FlvOrder> = {}): FlvOrder {
    return {
      ...{ path: this.house.path, query: "token=secret", client: { ip: "192.0.2.7", port: 4000 } },
      ...{ local: "127.0.0.1:8888", isTls: false, user: "ann", userAgent: "curl/8", transport: "http" },
      ...more,
    };
  }

  /** The same, with a connection at once. */
  open(connection = new FakeConnection()): { session: FlvSession; connection: FakeConnection } {
    const session = this.sessions.open(this.order());
    session.connect(connection);
    return { session, connection };
  }
}
