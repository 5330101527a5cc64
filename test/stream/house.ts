import { share } from "../../src/base/bytes.ts";
import { Pieces } from "../../src/base/pieces.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { Packet } from "../../src/media/packet.ts";
import type { Batch } from "../../src/stream/batch.ts";
import { type DomainEvent, type EndReason, EventHub } from "../../src/stream/event.ts";
import type { Publication } from "../../src/stream/publication.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions, type StreamOptions } from "../../src/stream/stream-options.ts";
import type { Reader } from "../../src/stream/subscriber.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { facts, type PacketWish } from "./packets.ts";
import { peerOf } from "./peer.ts";

/** A player that writes down what happens to it. */
export class Viewer implements Reader {
  readonly peer = peerOf("c99", "127.0.0.1:2");
  readonly query = "";
  readonly log: string[] = [];
  readonly packets: Packet[] = [];
  /** Calls that throw. */
  readonly throws: ReadonlySet<string>;

  constructor(...throws: string[]) {
    this.throws = new Set(throws);
  }

  #note(call: string, detail = ""): void {
    this.log.push(detail === "" ? call : `${call} ${detail}`);
    if (this.throws.has(call)) throw new Error(`${call} fails`);
  }

  start(): void {
    this.#note("start");
  }

  deliver(batch: Batch): void {
    this.#note("deliver");
    this.packets.push(...batch.packets);
  }

  interrupt(): void {
    this.#note("interrupt");
  }

  end(reason: EndReason): void {
    this.#note("end", reason);
  }

  fail(): void {
    this.log.push("fail");
  }

  /** What was delivered, as `role time`, since the last call. */
  seen(): string[] {
    return this.packets.splice(0).map(({ role, timestamp }) => `${role} ${timestamp}`);
  }
}

/** A registry with everything around it that a test moves. */
export class House {
  readonly clock = new FakeClock();
  readonly hub = new EventHub();
  readonly events: DomainEvent[] = [];
  readonly registry: Registry;
  readonly path = parseStreamPath("live/a");
  #peers = 0;

  constructor(options: Partial<StreamOptions> = {}) {
    this.hub.listen((event) => this.events.push(event));
    this.registry = new Registry({
      rules: {
        optionsOf: () => ({ ...defaultStreamOptions, isLowLatency: true, ...options }),
        maxPublishers: 0,
      },
      clock: this.clock,
      events: this.hub,
    });
  }

  publish(path = this.path, replaced: () => void = () => undefined): Publication {
    const peer = peerOf(`c${++this.#peers}`, "127.0.0.1:1");
    return this.registry.publish(path, { peer, publishType: "live", evicted: replaced });
  }

  /** The kinds of events since the last call, with the reason of those that have one. */
  kinds(): string[] {
    return this.events
      .splice(0)
      .map((event) => ("reason" in event ? `${event.kind} ${event.reason}` : event.kind));
  }
}

/** Pushes packets and ends the turn. Video configuration and frames are those of H.264. */
export const send = (publication: Publication, ...wishes: PacketWish[]): void => {
  for (const wish of wishes) {
    const { kind = "video", size = 10, fill = 0, time = 0 } = wish;
    const codec = wish.codec ?? (kind === "video" ? "H264" : kind === "audio" ? "AAC" : undefined);
    const payload = share(new Uint8Array(size).fill(fill));
    publication.push(
      { timestamp: time, body: Pieces.of(payload) },
      facts({ ...wish, ...(codec ? { codec } : {}) }),
    );
  }
  publication.flush();
};

/** The usual beginning of a stream: metadata, configuration, a key frame and two more. */
export const opening = (time = 0, fill = 1): PacketWish[] => [
  { kind: "data", role: "metadata", time, fill },
  { role: "config", time, fill },
  { kind: "audio", role: "config", time, fill },
  { role: "key", time, fill },
  { kind: "audio", time: time + 10, fill },
  { time: time + 33, fill },
];
