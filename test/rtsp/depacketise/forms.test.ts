import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../../src/base/bytes.ts";
import type { Depacketiser } from "../../../src/rtsp/depacketise/depacketiser.ts";
import { makeDepacketiser } from "../../../src/rtsp/depacketise/make-depacketiser.ts";
import { parseSdp } from "../../../src/rtsp/sdp.ts";
import { codeOf } from "../../base/code-of.ts";
import { incoming } from "../tracks.ts";

// What other senders make of the formats, and ours do not.

const of = (lines: string): Depacketiser =>
  makeDepacketiser(parseSdp(`v=0\n${lines}`).medias[0]!.formats[0]!)!;

/** Access units of payloads that come one behind the other; a `*` stands in front of those with the marker. */
const unitsOf = (depacketiser: Depacketiser, ...payloads: string[]): string[] =>
  payloads.flatMap((payload, sequence) =>
    depacketiser
      .receive({
        payloadType: 96,
        marker: payload.includes("*"),
        sequence,
        timestamp: 1000,
        ssrc: 1,
        payload: fromHex(payload.replace("*", "")) as never,
      })
      .map((unit) => `${unit.timestamp} ${toHex(depacketiser.body(unit, 0))}`),
  );

describe("AAC", () => {
  const lines = "m=audio 0 RTP/AVP 96\na=rtpmap:96 MPEG4-GENERIC/44100/2\na=fmtp:96 config=1210";

  test("of low rates has shorter headers", () => {
    expect(unitsOf(of(`${lines};mode=AAC-lbr`), "*0010 0c08 aaaaaa bbbb")).toEqual([
      "1000 af01aaaaaa",
      "2024 af01bbbb",
    ]);
  });

  test("has the header lengths and the duration that the description says", () => {
    const own = `${lines};sizelength=8;indexlength=0;indexdeltalength=8;constantduration=960`;
    expect(unitsOf(of(own), "*0018 02 01 00 aaaa bb")).toEqual(["1000 af01aaaa", "1960 af01bb"]);
  });

  test("is refused where its headers or units do not fit", () => {
    expect(codeOf(() => unitsOf(of(lines), "*0040 0018 21"))).toBe("RTP_PACKET");
    expect(codeOf(() => unitsOf(of(lines), "*0020 0010 0018 aabb 21"))).toBe("RTP_PACKET");
    expect(codeOf(() => unitsOf(of(lines), "*"))).toBe("RTP_PACKET");
  });
});

describe("LATM", () => {
  const lines = "m=audio 0 RTP/AVP 96\na=rtpmap:96 MP4A-LATM/44100/2\na=fmtp:96 cpresent=0;config=";

  test("has its configuration from the description, and its length in front of each frame", () => {
    const latm = of(`${lines}400024203fc0`);
    expect(toHex(latm.config!)).toBe("af001210");
    expect(unitsOf(latm, "*03 211004")).toEqual(["1000 af01211004"]);
    const long = "ab".repeat(300);
    expect(unitsOf(latm, `ff2d ${long.substring(0, 200)}`, `*${long.substring(200)}`)).toEqual([
      `1000 af01${long}`,
    ]);
  });

  test("has several frames where the configuration says so", () => {
    // numSubFrames 1: two frames.
    expect(unitsOf(of(`${lines}410024203fc0`), "*02 aaaa 01 bb")).toEqual(["1000 af01aaaa", "2024 af01bb"]);
  });

  test("is refused where a frame does not fit", () => {
    expect(codeOf(() => unitsOf(of(`${lines}400024203fc0`), "*04 211004"))).toBe("RTP_PACKET");
    expect(codeOf(() => unitsOf(of(`${lines}400024203fc0`), "*00"))).toBe("RTP_PACKET");
  });
});

describe("VP9", () => {
  const key = "824983420013f00ef0";
  const forms = [
    { name: "a picture id of 7 bits", descriptor: "8c 11" },
    { name: "a picture id of 15 bits", descriptor: "8c 8111" },
    { name: "layers, not flexible", descriptor: "ac 8111 10 05" },
    { name: "layers, flexible", descriptor: "bc 8111 10" },
    { name: "a structure with sizes", descriptor: "8e 8111 10 0140 00f0" },
    { name: "a structure with pictures", descriptor: "8e 8111 08 02 04 01 00" },
  ];
  for (const { name, descriptor } of forms) {
    test(`is read with ${name}`, () => {
      const vp9 = incoming("VP9");
      expect(unitsOf(vp9, `*${descriptor} ${key}`)).toEqual([`1000 9176703039${key}`]);
      // Profile 0, 8 bits, 4:2:0, colours not said.
      expect(toHex(vp9.config!)).toBe("9076703039010000000000820202020000");
    });
  }

  test("is read with references", () => {
    expect(unitsOf(incoming("VP9"), "*dc 8111 03 04 86010203")).toEqual(["1000 a17670303986010203"]);
  });

  test("is refused without a frame", () => {
    for (const payload of ["*", "*8c", "*8c 81", "*0c", "*8e 8111 f8"]) {
      expect(
        codeOf(() => unitsOf(incoming("VP9"), payload)),
        payload,
      ).toBe("RTP_PACKET");
    }
  });
});

describe("H.264", () => {
  test("is refused where a STAP-A or an FU-A does not fit, or in forms that nobody sends", () => {
    for (const payload of ["78 00ff 65", "7c85", "79 0000", "00", ""]) {
      expect(
        codeOf(() => unitsOf(incoming("H264"), `*${payload}`)),
        payload,
      ).toBe("RTP_PACKET");
    }
  });

  test("takes pictures together in a STAP-A, and leaves delimiters out", () => {
    expect(unitsOf(incoming("H264"), "*78 0002 0910 0003 658884 0003 650884")).toEqual([
      "1000 170100000000000003658884" + "00000003650884",
    ]);
  });
});

describe("H.265", () => {
  test("is refused where an AP does not fit, or in forms that nobody sends", () => {
    for (const payload of ["6001 00ff 0201", "6401 00", "02", ""]) {
      expect(
        codeOf(() => unitsOf(incoming("H265"), `*${payload}`)),
        payload,
      ).toBe("RTP_PACKET");
    }
  });

  test("takes pictures together in an AP, and leaves delimiters out", () => {
    expect(unitsOf(incoming("H265"), "*6001 0003 460150 0005 2601ad0001")).toEqual([
      "1000 9168766331000000000000052601ad0001",
    ]);
  });
});

describe("AV1", () => {
  test("comes with a length in front of every element, a delimiter among them", () => {
    expect(unitsOf(incoming("AV1"), "*00 01 10 03 30aabb 02 30cc")).toEqual([
      "1000 a161763031320" + "2aabb3201cc",
    ]);
  });

  test("is refused where an element does not fit", () => {
    for (const payload of ["", "10", "00 05 30aa", "20 ff"]) {
      expect(
        codeOf(() => unitsOf(incoming("AV1"), `*${payload}`)),
        payload,
      ).toBe("RTP_PACKET");
    }
  });
});
