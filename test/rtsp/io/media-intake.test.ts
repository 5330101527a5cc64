import { describe, expect, test } from "bun:test";
import type { MediaTag } from "../../../src/rtsp/depacketise/track-receiver.ts";
import { MediaIntake } from "../../../src/rtsp/io/media-intake.ts";
import { decodeRtcp, encodeRtcp, ntpOf } from "../../../src/rtsp/rtcp.ts";
import { encodeRtp } from "../../../src/rtsp/rtp.ts";
import { parseSdp } from "../../../src/rtsp/sdp.ts";
import { announcement } from "./room.ts";

const open = (isOrdered: boolean) => {
  const tags: MediaTag[] = [];
  const intake = new MediaIntake(parseSdp(announcement).medias, {
    take: (tag) => tags.push(tag),
    isOrdered: () => isOrdered,
  });
  /** Pictures of one packet, 40 ms apart. */
  const picture = (index: number, isKey = false, now = index * 40): void => {
    const payload = new Uint8Array(30).fill(index);
    payload[0] = isKey ? 0x65 : 0x41;
    payload[1] = 0x80;
    const header = { payloadType: 96, marker: true, sequence: (65_530 + index) & 0xffff, ssrc: 5 };
    intake.takeRtp(0, encodeRtp({ ...header, timestamp: index * 3_600, payload }), now);
  };
  const report = (track: number, rtpTime: number, ms: number, now: number): void => {
    const counts = { packets: 0, octets: 0, blocks: [] };
    intake.takeRtcp(
      track,
      encodeRtcp([{ kind: "senderReport", ssrc: 5, rtpTime, ...ntpOf(ms), ...counts }]),
      now,
    );
  };
  /** Which pictures came, by what they are filled with. */
  const seen = (): number[] =>
    tags
      .splice(0)
      .flatMap(({ kind, body }) => (kind === "video" && body[1] === 1 ? (body.at(-1) ?? -1) : []));
  return { intake, tags, picture, report, seen };
};

describe("what comes by UDP", () => {
  test("waits a moment for the report that says where it belongs, and goes on without", () => {
    const { picture, report, seen, intake } = open(false);
    picture(0, true, 0);
    expect(seen()).toEqual([]);
    report(0, 0, 1_000_000, 5);
    expect(seen()).toEqual([0]);
    picture(1);
    expect(seen()).toEqual([1]);
    const other = open(false);
    other.picture(0, true, 0);
    intake.tick(149);
    expect(other.seen()).toEqual([]);
    other.intake.tick(150);
    expect(other.seen()).toEqual([0]);
  });

  test("is put in order", () => {
    const { picture, report, seen, intake } = open(false);
    report(0, 0, 1_000_000, 0);
    for (const index of [0, 2, 3, 1, 5, 4]) picture(index, index === 0, 10);
    expect(seen()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(intake.counts.rtpPacketsLost).toBe(0);
  });

  test("goes on at the next key frame when something is lost, which is counted and told to the sender", () => {
    const { picture, report, seen, intake } = open(false);
    report(0, 0, 1_000_000, 0);
    for (const index of [0, 1, 3, 4]) picture(index, index === 0, 10);
    expect(seen()).toEqual([0, 1]);
    intake.tick(300);
    for (const index of [5, 6, 7]) picture(index, index === 6, 310);
    expect(seen()).toEqual([6, 7]);
    expect(intake.counts).toMatchObject({ rtpPacketsReceived: 7, rtpPacketsLost: 1, rtcpPacketsReceived: 1 });
    const [told] = decodeRtcp(intake.report(0, 400) ?? new Uint8Array());
    expect(told).toMatchObject({ kind: "receiverReport", blocks: [{ ssrc: 5, lost: 1 }] });
    expect(intake.report(1, 400)).toBeUndefined();
  });
});

describe("what comes over TCP", () => {
  test("goes on at once, and noise is counted and harmless", () => {
    const { picture, seen, intake } = open(true);
    picture(0, true);
    intake.takeRtp(0, new Uint8Array([1, 2, 3]), 10);
    intake.takeRtcp(0, new Uint8Array([1, 2, 3]), 10);
    intake.takeRtp(7, new Uint8Array(20), 10);
    picture(1);
    expect(seen()).toEqual([0, 1]);
    expect(intake.counts).toMatchObject({
      rtpPacketsInError: 1,
      rtcpPacketsInError: 1,
      rtpPacketsReceived: 3,
    });
  });

  test("of a payload type that was not announced is passed over", () => {
    const { intake, tags } = open(true);
    const header = { payloadType: 99, marker: true, sequence: 1, ssrc: 5, timestamp: 0 };
    intake.takeRtp(0, encodeRtp({ ...header, payload: new Uint8Array(20) }), 0);
    expect(tags).toEqual([]);
  });
});

test("of two media of a kind the first is taken", () => {
  const twice = announcement + announcement.substring(announcement.indexOf("m=video"));
  const intake = new MediaIntake(parseSdp(twice).medias, { take: () => undefined, isOrdered: () => true });
  expect(intake.readable).toEqual([0, 1]);
});
