/**
 * What a packet costs on its way through a stream to readers that take it at once, with and without the measurement of delivery delay.
 * In one process, without sockets: the smallest cost there is, so that additions to it show. `bun test/bench/release.bench.ts`
 */
import { share } from "../../src/base/bytes.ts";
import { Pieces } from "../../src/base/pieces.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { systemClock } from "../../src/base/time.ts";
import type { PacketFacts } from "../../src/media/packet.ts";
import { DeliveryDelay } from "../../src/stream/delivery-delay.ts";
import { EventHub } from "../../src/stream/event.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import type { Reader } from "../../src/stream/subscriber.ts";
import { peerOf } from "../stream/peer.ts";

const turns = 400_000;
const rounds = 9;
const nothing = (): void => undefined;

const reader = (): Reader => ({
  peer: peerOf("c2", "127.0.0.1:2"),
  query: "",
  start: nothing,
  deliver: nothing,
  interrupt: nothing,
  end: nothing,
  fail: nothing,
});

/** Nanoseconds for each packet, one packet a turn. */
const measure = (delay: DeliveryDelay | undefined, readers: number): number => {
  const options = { ...defaultStreamOptions, isLowLatency: true, hasGopCache: false };
  const registry = new Registry({
    rules: { optionsOf: () => options, maxPublishers: 0 },
    clock: systemClock,
    events: new EventHub(),
    ...(delay ? { delay } : {}),
  });
  const path = parseStreamPath("live/a");
  const request = { peer: peerOf("c1", "127.0.0.1:1"), publishType: "live", evicted: nothing };
  const publication = registry.publish(path, request);
  for (let count = 0; count < readers; count++) registry.subscribe(path, reader());
  const facts: PacketFacts = { kind: "video", role: "frame", codec: "H264", trackId: 0, dataOffset: 5 };
  const body = Pieces.of(share(new Uint8Array(2_000)));
  const startedAt = Bun.nanoseconds();
  for (let turn = 0; turn < turns; turn++) {
    publication.push({ timestamp: turn, body }, facts);
    publication.flush();
  }
  const elapsed = Bun.nanoseconds() - startedAt;
  registry.shutdown();
  return elapsed / turns;
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

for (const readers of [1, 100]) {
  const off: number[] = [];
  const on: number[] = [];
  // In turns, so that both see the same machine.
  for (let round = 0; round < rounds; round++) {
    off.push(measure(undefined, readers));
    on.push(measure(new DeliveryDelay(), readers));
  }
  console.log(
    `${readers} readers: ${median(off).toFixed(0)} ns a packet without, ${median(on).toFixed(0)} ns with measurement`,
  );
}
