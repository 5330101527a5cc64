import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import type { Packet } from "../../../src/media/packet.ts";
import type { RtpShare } from "../../../src/rtsp/io/rtp-share.ts";
import { RtpShares } from "../../../src/rtsp/io/rtp-shares.ts";
import { knownAtOnce } from "../../../src/rtsp/io/stream-probe.ts";
import { decodeRtcp, unixMsOfNtp } from "../../../src/rtsp/rtcp.ts";
import { Batch } from "../../../src/stream/batch.ts";
import { House, Viewer } from "../../stream/house.ts";
import { bodies, bring, bringOpening } from "./bodies.ts";

/** A stream as RTP, and what it brings from now on. */
const open = () => {
  const house = new House();
  const publication = house.publish();
  bringOpening(publication);
  const shares = new RtpShares({ clock: house.clock, maxPayload: () => 1_440 });
  const known = knownAtOnce(house.registry, house.path);
  if (!known) throw new Error("the stream is not there");
  const viewer = new Viewer();
  house.registry.subscribe(house.path, viewer);
  return { house, publication, shares, share: shares.of(known), packets: viewer.packets };
};

const usual = [0, 2];

const sequences = (bytes: Uint8Array, channel: number): number[] => {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += 4 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)))
    if (bytes[at + 1] === channel) found.push(((bytes[at + 6] ?? 0) << 8) | (bytes[at + 7] ?? 0));
  return found;
};

const encoded = (share: RtpShare, packets: readonly Packet[], channels = usual): Uint8Array => {
  const batch = new Batch(packets);
  share.number(batch);
  return batch.encoded(share.form(channels));
};

describe("a stream as RTP", () => {
  test("is the same for all who ask", () => {
    const { house, shares, share } = open();
    expect(shares.of(knownAtOnce(house.registry, house.path)!)).toBe(share);
    expect(share.form([0, 2])).toBe(share.form([0, 2]));
    expect(share.form([4, 6])).toBe(share.form([4, 6]));
  });

  test("numbers packets in the order in which they come, whoever is given them first", () => {
    const { publication, share, packets } = open();
    share.enter();
    const first = encoded(share, packets);
    for (const time of [40, 80]) bring(publication, bodies.picture({ fill: time, size: 4_000 }), time);
    publication.flush();
    const live = packets.slice(-2);
    const second = encoded(share, live);
    const all = sequences(joinBytes([first, second]), 0);
    expect(all.map((sequence) => (sequence - (all[0] ?? 0)) & 0xffff)).toEqual([...all.keys()]);
    // Somebody who is behind gets the last picture alone, with the numbers that it has for all.
    const alone = share.form(usual).encode(live.slice(1));
    expect(Buffer.from(second).subarray(-alone.length).equals(alone)).toBe(true);
    expect(sequences(alone, 0)).toEqual(all.slice(-3));
  });

  test("begins with other numbers when nobody reads any more", () => {
    const { share, packets } = open();
    share.enter();
    const first = encoded(share, packets);
    share.leave();
    share.enter();
    const second = encoded(share, packets);
    expect(second.length).toBe(first.length);
    expect(second).not.toEqual(first);
  });

  test("can be had on other channels, or in part", () => {
    const { share, packets } = open();
    share.enter();
    const all = encoded(share, packets);
    const swapped = encoded(share, packets, [2, 0]);
    expect(sequences(swapped, 2)).toEqual(sequences(all, 0));
    expect(sequences(swapped, 0)).toEqual(sequences(all, 2));
    expect(sequences(share.form([undefined, 8]).encode(packets), 8)).toEqual(sequences(all, 2));
    expect(share.form([undefined, 8]).encode(packets).length).toBeLessThan(all.length);
  });

  test("reports the same moment for all tracks, and goes with the clock from one report to the next", () => {
    const { house, share, packets } = open();
    share.enter();
    encoded(share, packets);
    const reportsAt = () => {
      const bytes = share.report();
      const size = 4 + (((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0));
      return [bytes.subarray(4, size), bytes.subarray(size + 4)].map((each) => {
        const [report] = decodeRtcp(each);
        if (report?.kind !== "senderReport") throw new Error("no report");
        return { rtp: report.rtpTime, ms: unixMsOfNtp(report) };
      });
    };
    const before = reportsAt();
    house.clock.advance(1_000);
    const after = reportsAt();
    expect(before[0]?.ms).toBeCloseTo(before[1]?.ms ?? 0, 3);
    const ahead = [0, 1].map((track) => ((after[track]?.rtp ?? 0) - (before[track]?.rtp ?? 0)) >>> 0);
    expect(ahead).toEqual([90_000, 44_100]);
    expect((after[0]?.ms ?? 0) - (before[0]?.ms ?? 0)).toBeCloseTo(1_000, 2);
  });

  test("is another once the sound is another, and those who have its description hear of it", () => {
    const { house, publication, shares, share, packets } = open();
    share.enter();
    encoded(share, packets);
    const other = bodies.aacConfig.map((byte, index) => (index === 2 ? 0x11 : byte));
    bring(publication, other, 100);
    publication.flush();
    expect(share.isBroken).toBe(false);
    encoded(share, packets.slice(-1));
    expect(share.isBroken).toBe(true);
    expect(shares.of(knownAtOnce(house.registry, house.path)!)).not.toBe(share);
  });

  test("stays what it is when pictures get other parameters: they travel with the pictures", () => {
    const { house, publication, shares, share, packets } = open();
    share.enter();
    const changed = bodies.avcConfig.map((byte, index) =>
      index === bodies.avcConfig.length - 1 ? byte ^ 1 : byte,
    );
    bring(publication, changed, 100);
    publication.flush();
    encoded(share, packets);
    expect(shares.of(knownAtOnce(house.registry, house.path)!)).toBe(share);
  });
});
