import {
  ByteReader,
  decodeUtf8,
  encodeUtf8,
  fromHex,
  joinBytes,
  share,
  toHex,
} from "../../src/base/bytes.ts";
import type { Codec } from "../../src/media/codec.ts";
import { answerChallenges, basicCredentials } from "../../src/rtsp/auth.ts";
import { parseAuthHeader } from "../../src/rtsp/auth-header.ts";
import { parseControlUrl, resolveControl } from "../../src/rtsp/control-url.ts";
import type { Depacketiser } from "../../src/rtsp/depacketise/depacketiser.ts";
import { makeDepacketiser } from "../../src/rtsp/depacketise/make-depacketiser.ts";
import { TrackReceiver } from "../../src/rtsp/depacketise/track-receiver.ts";
import { digestClaim, isDigestOf } from "../../src/rtsp/digest.ts";
import { JitterBuffer } from "../../src/rtsp/jitter-buffer.ts";
import { MediaClock } from "../../src/rtsp/media-clock.ts";
import { encodeInterleaved, encodeRequest, encodeResponse } from "../../src/rtsp/message.ts";
import { parseRange } from "../../src/rtsp/range.ts";
import { decodeRtcp, encodeRtcp } from "../../src/rtsp/rtcp.ts";
import { decodeRtp, encodeRtp, type RtpPacket } from "../../src/rtsp/rtp.ts";
import { parseRtpInfo } from "../../src/rtsp/rtp-info.ts";
import { encodeSdp, parseSdp } from "../../src/rtsp/sdp.ts";
import { parseSessionHeader } from "../../src/rtsp/session-header.ts";
import { parseTransports } from "../../src/rtsp/transport.ts";
import { payloadRows } from "../rtsp/payload-rows.ts";
import { readRtsp } from "../rtsp/reading.ts";
import { incoming, packetOf } from "../rtsp/tracks.ts";
import { errorCodeOf, must, reachedOf, type Target } from "./target.ts";

const rtspReader: Target = {
  name: "rtsp-reader",
  isSequential: true,
  seeds: () => [
    joinBytes([
      encodeRequest({ method: "OPTIONS", url: "rtsp://h/a", headers: [["CSeq", "1"]] }),
      encodeRequest({ method: "ANNOUNCE", url: "rtsp://h/a", body: encodeUtf8("v=0\r\n") }),
      encodeInterleaved(0, encodeUtf8("x".repeat(20))),
      encodeResponse({ status: 200, headers: [["CSeq", "1"]] }),
    ]),
    encodeUtf8("\r\nGET_PARAMETER * RTSP/1.0\nA: b\n c\n\n$\x00\x00\x00"),
  ],
  read: (pieces) => {
    const seen = readRtsp(pieces);
    const words = seen.map((each) => (typeof each === "string" ? each : (each as { kind: string }).kind));
    return { detail: JSON.stringify(seen), reached: reachedOf(words) };
  },
};

const sdp: Target = {
  name: "sdp",
  isSequential: false,
  seeds: () =>
    [
      "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n" +
        "a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z2QAKazZQHgCJ+XARAAAAwAEAAADAPA8YMZY,aOvjyyLA\r\na=control:trackID=0\r\n",
      "v=0\nm=audio 0 RTP/AVP 97 0\na=rtpmap:97 MPEG4-GENERIC/44100/2\na=fmtp:97 mode=AAC-hbr;config=1210;sizelength=13\na=sendonly\n",
      "v=0\nm=audio 0 RTP/AVP 98\na=rtpmap:98 MP4A-LATM/44100/2\na=fmtp:98 cpresent=0;config=400024203fc0\n",
      "v=0\nm=video 0 RTP/AVP 99\na=rtpmap:99 H265/90000\na=fmtp:99 sprop-vps=QAEMAf//;sprop-sps=QgEBAWAA;sprop-pps=RAHA\na=control:*\n",
    ].map(encodeUtf8),
  read: ([bytes = new Uint8Array()]) => {
    const words: string[] = [];
    const code = errorCodeOf(() => {
      for (const media of parseSdp(decodeUtf8(bytes)).medias) {
        const depacketisers = media.formats.map((format) => makeDepacketiser(format));
        words.push(media.kind in { video: 0, audio: 0 } ? media.kind : "other");
        words.push(
          ...depacketisers.map((each) => (each ? `${each.codec} ${each.config !== undefined}` : "none")),
        );
        resolveControl("rtsp://h/a", media.control);
        const tracks = media.formats.map((format) => ({ kind: "video" as const, format, control: "c" }));
        must(
          parseSdp(encodeSdp({ tracks })).medias.length === tracks.length,
          "as many media after writing as before",
        );
      }
    });
    const reached = reachedOf([...words, code]);
    return { detail: reached, reached };
  },
};

const headers: Target = {
  name: "rtsp-headers",
  isSequential: false,
  seeds: () =>
    [
      "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record,RTP/AVP;multicast",
      'Digest username="a", realm="r", nonce="n", uri="/a", response="0123", qop=auth, nc=1, cnonce="c"',
      "Basic dXNlcjpwYTpzcw==",
      "npt=1:02:03.5-4000;time=x",
      "clock=20261127T101010Z-",
      "url=rtsp://h/a/trackID=0;seq=5;rtptime=99,url=x",
      "rtsp://h/live/a?token=x/trackID=0",
      "12ab;timeout=30",
    ].map(encodeUtf8),
  read: ([bytes = new Uint8Array()]) => {
    const text = decodeUtf8(bytes);
    const header = parseAuthHeader(text);
    const right = { password: "p", realm: "r", method: "PLAY", url: "/a" };
    const request = { ...right, user: "u", cnonce: "c" };
    const reached = [
      ...parseTransports(text)
        .slice(0, 1)
        .map(({ lower, delivery, mode }) => `${lower} ${delivery} ${mode}`),
      header ? `${header.scheme in { basic: 0, digest: 0 }} ${digestClaim(header) !== undefined}` : "",
      header ? String(isDigestOf(header, right)) : "",
      header ? String(basicCredentials(header) !== undefined) : "",
      String(answerChallenges([text], request) !== undefined),
      parseRange(text)?.kind ?? "",
      String(Math.min(3, parseRtpInfo(text).length)),
      String(parseControlUrl(text).track !== undefined),
      String(parseSessionHeader(text) !== undefined),
    ].join(" ");
    return { detail: reached, reached };
  },
};

const rtcp: Target = {
  name: "rtcp",
  isSequential: false,
  seeds: () =>
    [
      "80c80006 00000001 e0000000 80000000 00015f90 00000002 00000003 81ca0002 00000001 01016100",
      "81c90007 00000001 0a0b0c0d 80fffffe 0001fffe 00000007 11223344 00010000 81cb0001 00000001",
      "81ce0002 00000001 00000002",
    ].map(fromHex),
  read: ([bytes = new Uint8Array()]) => {
    const words: string[] = [];
    const code = errorCodeOf(() => {
      const packets = decodeRtcp(bytes);
      words.push(...packets.map(({ kind }) => kind));
      const known = packets.filter((packet) => packet.kind !== "other");
      must(decodeRtcp(encodeRtcp(known)).length === known.length, "as many packets after writing as before");
    });
    const reached = reachedOf([...words, code]);
    return { detail: reached, reached };
  },
};

/** RTP packets, each behind its length in 16 bits: an input of a depacketiser. */
const framed = (packets: readonly Uint8Array[]): Uint8Array =>
  joinBytes([
    ...packets.flatMap((packet) => [new Uint8Array([packet.length >>> 8, packet.length]), packet]),
    new Uint8Array(),
  ]);

const packetsOf = (bytes: Uint8Array): Uint8Array[] => {
  const reader = new ByteReader(bytes);
  const packets: Uint8Array[] = [];
  while (reader.remaining >= 2) packets.push(reader.bytes(Math.min(reader.u16(), reader.remaining)));
  return packets;
};

/** The payloads of the table for a codec, as packets of one stream. */
const seedsOf = (codec: Codec): Uint8Array[] => {
  let sequence = 65534;
  let timestamp = 0xfffffff0;
  return payloadRows
    .filter((row) => row.codec === codec)
    .map(({ payloads }) => {
      timestamp = (timestamp + 3600) >>> 0;
      const packets = payloads.split("|").map((payload): RtpPacket => {
        sequence = (sequence + 1) & 0xffff;
        const marker = payload.includes("*");
        const bytes = share(fromHex(payload.replace("*", "")));
        return { payloadType: 96, marker, sequence, timestamp, ssrc: 1, payload: bytes };
      });
      return framed(packets.map(encodeRtp));
    });
};

/** Everything between a socket and a stream. */
const depacketise = (name: string, make: () => Depacketiser, seeds: () => Uint8Array[]): Target => ({
  name,
  isSequential: false,
  seeds: () => {
    const all = seeds();
    return [...all, joinBytes([...all, new Uint8Array()])];
  },
  read: ([bytes = new Uint8Array()]) => {
    const depacketiser = make();
    const receiver = new TrackReceiver({
      depacketiser,
      clock: new MediaClock().track(depacketiser.clockRate),
    });
    const window = new JitterBuffer({ maxPackets: 4, maxWaitMs: 50 });
    const words: string[] = [];
    const detail: string[] = [];
    let size = 0;
    for (const [index, each] of packetsOf(bytes).entries()) {
      const code = errorCodeOf(() => window.push(decodeRtp(share(each)), index));
      if (code !== "") words.push(code);
      for (let packet = window.next(index); packet; packet = window.next(index)) {
        const received = packet;
        const fault = errorCodeOf(() => {
          for (const { kind, body, timestamp } of receiver.receive(received, index)) {
            const tag = packetOf(kind, body);
            must(Number.isInteger(timestamp), `a whole time, not ${timestamp}`);
            must(tag.codec === depacketiser.codec, `a body of ${depacketiser.codec}, not ${tag.codec}`);
            size += tag.role === "config" ? 0 : body.length;
            words.push(tag.role);
            detail.push(`${timestamp} ${toHex(body)}`);
          }
        });
        if (fault !== "") words.push(`unit ${fault}`);
      }
    }
    must(size <= 8 * bytes.length, `${size} bytes made of ${bytes.length}`);
    return { detail: detail.join("\n"), reached: reachedOf(words) };
  },
});

const codecs = ["H264", "H265", "AV1", "VP9", "AAC", "Opus", "MP3", "AC3", "EAC3", "G711A"] as const;

const latm = depacketise(
  "rtp-latm",
  () => {
    const { medias } = parseSdp(
      "m=audio 0 RTP/AVP 98\na=rtpmap:98 MP4A-LATM/44100/2\na=fmtp:98 cpresent=0;config=400024203fc0\n",
    );
    const [format] = medias[0]?.formats ?? [];
    const depacketiser = format && makeDepacketiser(format);
    if (!depacketiser) throw new Error("no LATM");
    return depacketiser;
  },
  () => {
    const header = { payloadType: 98, timestamp: 0, ssrc: 1 };
    return [
      framed([encodeRtp({ ...header, marker: true, sequence: 0, payload: fromHex("03 211004") })]),
      framed([
        encodeRtp({ ...header, marker: false, sequence: 0, payload: fromHex("05 2110") }),
        encodeRtp({ ...header, marker: true, sequence: 1, payload: fromHex("040506") }),
      ]),
    ];
  },
);

/** What reads RTSP and RTP. */
export const rtspTargets: readonly Target[] = [
  rtspReader,
  sdp,
  headers,
  rtcp,
  ...codecs.map((codec) =>
    depacketise(
      `rtp-${codec.toLowerCase()}`,
      () => incoming(codec),
      () => seedsOf(codec),
    ),
  ),
  latm,
];
