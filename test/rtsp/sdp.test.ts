import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { encodeSdp, type MediaFormat, parseSdp } from "../../src/rtsp/sdp.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";

const plain = (format: MediaFormat): unknown => ({
  ...format,
  parameters: Object.fromEntries(format.parameters),
});

const medias = (text: string): unknown[] =>
  parseSdp(text).medias.map((media) => ({ ...media, formats: media.formats.map(plain) }));

describe("a session description is read", () => {
  test("as FFmpeg announces it", () => {
    const text =
      "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=No Name\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\na=tool:libavformat 59.27.100\r\n" +
      "m=video 0 RTP/AVP 96\r\nb=AS:500\r\na=rtpmap:96 H264/90000\r\n" +
      "a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z2QAFKzZQ0Q=,aOvjyyLA; profile-level-id=640014\r\na=control:streamid=0\r\n" +
      "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/44100/2\r\n" +
      "a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=1210\r\na=control:streamid=1\r\n";
    expect(parseSdp(text)).toMatchObject({ name: "No Name", control: undefined, range: undefined });
    expect(medias(text)).toEqual([
      {
        kind: "video",
        port: 0,
        protocol: "RTP/AVP",
        control: "streamid=0",
        direction: undefined,
        formats: [
          {
            payloadType: 96,
            encoding: "H264",
            clockRate: 90000,
            channels: undefined,
            parameters: {
              "packetization-mode": "1",
              "sprop-parameter-sets": "Z2QAFKzZQ0Q=,aOvjyyLA",
              "profile-level-id": "640014",
            },
          },
        ],
      },
      {
        kind: "audio",
        port: 0,
        protocol: "RTP/AVP",
        control: "streamid=1",
        direction: undefined,
        formats: [
          {
            payloadType: 97,
            encoding: "MPEG4-GENERIC",
            clockRate: 44100,
            channels: 2,
            parameters: {
              "profile-level-id": "1",
              mode: "AAC-hbr",
              sizelength: "13",
              indexlength: "3",
              indexdeltalength: "3",
              config: "1210",
            },
          },
        ],
      },
    ]);
  });

  test("as cameras write it: static types, no v line, other line ends, an application beside it", () => {
    const text =
      "s=Media Presentation\na=control:*\na=range:npt=now-\nm=audio 0 RTP/AVP 8 0\na=recvonly\na=control:rtsp://1.2.3.4/track2\n" +
      "m=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\nm=video 0/1 RTP/SAVP 26 200 x\rz=nothing";
    expect(parseSdp(text)).toMatchObject({ control: "*", range: "npt=now-" });
    const none = { parameters: {}, channels: undefined };
    expect(medias(text)).toEqual([
      {
        kind: "audio",
        port: 0,
        protocol: "RTP/AVP",
        control: "rtsp://1.2.3.4/track2",
        direction: "recvonly",
        formats: [
          { ...none, payloadType: 8, encoding: "PCMA", clockRate: 8000, channels: 1 },
          { ...none, payloadType: 0, encoding: "PCMU", clockRate: 8000, channels: 1 },
        ],
      },
      {
        kind: "application",
        port: 0,
        protocol: "RTP/AVP",
        control: undefined,
        direction: undefined,
        formats: [{ ...none, payloadType: 107, encoding: "vnd.onvif.metadata", clockRate: 90000 }],
      },
      {
        kind: "video",
        port: 0,
        protocol: "RTP/SAVP",
        control: undefined,
        direction: undefined,
        formats: [{ ...none, payloadType: 26, encoding: "JPEG", clockRate: 90000 }],
      },
    ]);
  });

  test("never with more than a bounded number of anything", () => {
    expect(codeOf(() => parseSdp(""))).toBe("SDP");
    expect(codeOf(() => parseSdp("v=0\nm=video\n"))).toBe("SDP");
    expect(codeOf(() => parseSdp(`v=0\n${"m=video 0 RTP/AVP 96\n".repeat(33)}`))).toBe("SDP");
    expect(codeOf(() => parseSdp(`v=0\n${"a=x\n".repeat(257)}`))).toBe("SDP");
    expect(codeOf(() => parseSdp("v=0".padEnd(70_000)))).toBe("SDP");
  });
});

describe("a session description is written", () => {
  test("with relative controls, a live range and one line for each fact", () => {
    const format = {
      payloadType: 96,
      encoding: "H264",
      clockRate: 90000,
      channels: undefined,
      parameters: new Map([["packetization-mode", "1"]]),
    };
    const opus = { payloadType: 97, encoding: "opus", clockRate: 48000, channels: 2, parameters: new Map() };
    expect(
      encodeSdp({
        name: "live\r\na=x",
        tracks: [
          { kind: "video", format, control: "trackID=0" },
          { kind: "audio", format: opus, control: "trackID=1", port: 5004 },
        ],
      }).split("\r\n"),
    ).toEqual([
      "v=0",
      "o=- 0 0 IN IP4 127.0.0.1",
      "s=live a=x",
      "c=IN IP4 0.0.0.0",
      "t=0 0",
      "a=control:*",
      "a=range:npt=0-",
      "m=video 0 RTP/AVP 96",
      "a=rtpmap:96 H264/90000",
      "a=fmtp:96 packetization-mode=1",
      "a=control:trackID=0",
      "m=audio 5004 RTP/AVP 97",
      "a=rtpmap:97 opus/48000/2",
      "a=control:trackID=1",
      "",
    ]);
  });

  test("so that it reads the same", () => {
    const format = fc.record({
      payloadType: fc.integer({ min: 96, max: 127 }),
      encoding: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,10}$/),
      clockRate: fc.integer({ min: 1, max: 9_999_999 }),
      channels: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      parameters: fc
        .array(fc.tuple(fc.stringMatching(/^[a-z-]{1,9}$/), fc.stringMatching(/^[A-Za-z0-9+/=,]{0,12}$/)))
        .map((entries) => new Map(entries)),
    });
    holds(
      fc.property(fc.array(format, { maxLength: 5 }), (formats) => {
        const tracks = formats.map((each, index) => ({
          kind: "video" as const,
          format: each,
          control: `trackID=${index}`,
        }));
        expect(parseSdp(encodeSdp({ tracks })).medias.map((media) => media.formats)).toEqual(
          formats.map((each) => [each]),
        );
      }),
    );
  });
});
