import { describe, expect, test } from "bun:test";
import { fromHex, joinBytes, toHex } from "../../../src/base/bytes.ts";
import { makeOutgoingTrack } from "../../../src/rtsp/packetise/make-packetiser.ts";
import { payloadTypeOf } from "../../../src/rtsp/track-format.ts";
import { audioConfigs } from "../../media/audio-configs.ts";
import { videoConfigs } from "../../media/video-configs.ts";
import { configFor, incoming, outgoing, packetOf } from "../tracks.ts";

const hexOf = (payloads: readonly { readonly pieces: readonly Uint8Array[] }[]): string[] =>
  payloads.map(({ pieces }) => toHex(joinBytes(pieces)));

const config = toHex(configFor("H264")!);

describe("a packetiser", () => {
  test("takes over the parameter sets and the length size of each new configuration", () => {
    const track = outgoing("H264", new Uint8Array());
    const key = packetOf("video", fromHex("17 01 000000 00000004 65888400"));
    expect(hexOf(track.packetiser.packetise(key, 1400))).toEqual(["65888400"]);
    // NAL lengths of 2 bytes.
    const two = `${config.substring(0, 8)}fd${config.substring(10)}`;
    expect(track.packetiser.packetise(packetOf("video", fromHex(`17 00 000000 ${two}`)), 1400)).toEqual([]);
    const short = packetOf("video", fromHex("17 01 000000 0004 65888400"));
    expect(hexOf(track.packetiser.packetise(short, 1400)).at(-1)).toBe("65888400");
    expect(hexOf(track.packetiser.packetise(short, 1400))).toHaveLength(2);
  });

  test("sends parameter sets by themselves where they do not fit together", () => {
    const key = packetOf("video", fromHex("17 01 000000 00000004 65888400"));
    const payloads = hexOf(outgoing("H264").packetiser.packetise(key, 30));
    expect(payloads.map((hex) => hex.substring(0, 2))).toEqual(["67", "68", "65"]);
  });

  test("of H.265 sends its parameter sets in one packet, and takes them out again on the other side", () => {
    const body = "91 68766331 000000 00000006 2601ad000102".replaceAll(" ", "");
    const track = outgoing("H265");
    const payloads = track.packetiser.packetise(packetOf("video", fromHex(body)), 4000);
    expect(hexOf(payloads).map((hex) => hex.substring(0, 4))).toEqual(["6001", "2601"]);
    const depacketiser = incoming("H265");
    const units = hexOf(payloads).flatMap((hex, index) =>
      depacketiser.receive({
        payloadType: 96,
        marker: index === 1,
        sequence: index,
        timestamp: 0,
        ssrc: 1,
        payload: fromHex(hex) as never,
      }),
    );
    expect(units.map((unit) => toHex(depacketiser.body(unit, 0)))).toEqual([body]);
    // The sets are those of the description: nothing changed.
    expect(units[0]).not.toHaveProperty("config");
  });

  test("gives nothing for what is not of its track", () => {
    const { packetiser } = outgoing("H264");
    const others = [
      packetOf("audio", fromHex("af 01 2112")),
      packetOf("video", fromHex("17 02 000000")),
      packetOf("video", fromHex("17 01 000000 000000ff 65")),
      packetOf("video", fromHex("91 61763031 320430010203")),
      packetOf("video", fromHex("96 00 61766331 00 000000 00000004 65888400")),
    ];
    for (const packet of others) expect(packetiser.packetise(packet, 1400)).toEqual([]);
  });

  test("cuts G.711 between samples, each part at its time", () => {
    const { packetiser } = makeOutgoingTrack({ codec: "G711U", payloadType: 96, channels: 2 })!;
    const payloads = packetiser.packetise(packetOf("audio", fromHex("83 000102030405060708090a0b"), 1000), 5);
    expect(hexOf(payloads)).toEqual(["00010203", "04050607", "08090a0b"]);
    expect(payloads.map(({ timestamp }) => timestamp)).toEqual([8000, 8002, 8004]);
  });

  test("counts on where 32 bits of RTP time end", () => {
    const packet = packetOf("video", fromHex("27 01 ffffd8 00000004 419a0102"), 47_721_859);
    const [payload] = outgoing("H264").packetiser.packetise(packet, 1400);
    expect(payload?.timestamp).toBe((47_721_819 * 90) % 2 ** 32);
    const early = packetOf("video", fromHex("27 01 ffffd8 00000004 419a0102"), 0);
    expect(outgoing("H264").packetiser.packetise(early, 1400)[0]?.timestamp).toBe(2 ** 32 - 3600);
  });
});

describe("the format of a track", () => {
  const formats = [...videoConfigs, ...audioConfigs].map(({ name, hex, track }) => {
    const payloadType = payloadTypeOf(track.codec, { index: 1 });
    return {
      name,
      track,
      made: makeOutgoingTrack({ codec: track.codec, config: fromHex(hex), payloadType }),
    };
  });

  for (const { name, track, made } of formats) {
    const has = !["H266", "VP8", "FLAC"].includes(track.codec);
    test(`${has ? "is there, with the clock of its packets" : "is not there"}: ${name}`, () => {
      expect(made !== undefined).toBe(has);
      if (made)
        expect(made.format).toMatchObject({
          clockRate: made.packetiser.clockRate,
          payloadType: made.packetiser.payloadType,
        });
    });
  }

  const of = (codec: "H264" | "H265" | "AAC" | "Opus" | "AV1") => {
    const { payloadType, encoding, clockRate, channels, parameters } = outgoing(codec).format;
    return {
      line: `${payloadType} ${encoding}/${clockRate}/${channels ?? ""}`,
      parameters: Object.fromEntries(parameters),
    };
  };

  test("says what decoders want to know in advance", () => {
    expect(of("H264")).toEqual({
      line: "96 H264/90000/",
      parameters: {
        "packetization-mode": "1",
        "sprop-parameter-sets": "Z2QAKazZQHgCJ+XARAAAAwAEAAADAPA8YMZY,aOvjyyLA",
        "profile-level-id": "640029",
      },
    });
    expect(of("AAC")).toMatchObject({
      line: "96 mpeg4-generic/48000/2",
      parameters: { mode: "AAC-hbr", config: "119056e500", sizelength: "13" },
    });
    expect(of("Opus")).toEqual({ line: "96 opus/48000/2", parameters: { "sprop-stereo": "1" } });
    expect(Object.keys(of("H265").parameters)).toEqual(["sprop-vps", "sprop-sps", "sprop-pps"]);
    expect(Object.keys(of("AV1").parameters)).toEqual(["profile", "level-idx", "tier"]);
  });

  test("has the payload types of RFC 3551 where there are any", () => {
    const types = (["G711U", "G711A", "MP3", "AAC"] as const).map((codec) =>
      payloadTypeOf(codec, { index: 1 }),
    );
    expect([...types, payloadTypeOf("G711A", { index: 0, channels: 2 })]).toEqual([0, 8, 14, 97, 96]);
  });

  test("is none for AAC without a configuration", () => {
    expect(makeOutgoingTrack({ codec: "AAC", payloadType: 96 })).toBeUndefined();
    expect(makeOutgoingTrack({ codec: "AAC", config: fromHex("00"), payloadType: 96 })).toBeUndefined();
  });
});
