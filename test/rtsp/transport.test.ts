import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  chooseTransport,
  formatTransport,
  parseTransports,
  type Transport,
} from "../../src/rtsp/transport.ts";
import { holds } from "../base/property.ts";

const base = { profile: "AVP", lower: "udp", delivery: "unicast", mode: "play" } as const;

const rows: readonly { name: string; value: string; transports: Transport[]; written?: string }[] = [
  {
    name: "FFmpeg over TCP",
    value: "RTP/AVP/TCP;unicast;interleaved=0-1",
    transports: [{ ...base, lower: "tcp", interleaved: [0, 1] }],
  },
  {
    name: "FFmpeg over UDP",
    value: "RTP/AVP/UDP;unicast;client_port=26880-26881",
    transports: [{ ...base, clientPorts: [26880, 26881] }],
    written: "RTP/AVP;unicast;client_port=26880-26881",
  },
  {
    name: "FFmpeg that publishes",
    value: "RTP/AVP/TCP;unicast;interleaved=2-3;mode=record",
    transports: [{ ...base, lower: "tcp", interleaved: [2, 3], mode: "record" }],
  },
  {
    name: "GStreamer, several at once",
    value:
      'RTP/AVP;unicast;client_port=5000-5001;mode="PLAY,RECORD",RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=0-1',
    transports: [
      { ...base, clientPorts: [5000, 5001], mode: "record" },
      { ...base, delivery: "multicast" },
      { ...base, lower: "tcp", interleaved: [0, 1] },
    ],
  },
  {
    name: "a server's answer",
    value: "RTP/AVP;unicast;source=10.0.0.1;client_port=5000-5001;server_port=8000-8001;ssrc=0000ABCD",
    transports: [
      { ...base, clientPorts: [5000, 5001], serverPorts: [8000, 8001], ssrc: 0xabcd, source: "10.0.0.1" },
    ],
    written: "RTP/AVP;unicast;source=10.0.0.1;client_port=5000-5001;server_port=8000-8001;ssrc=0000ABCD",
  },
  {
    name: "one port for a pair",
    value: "RTP/AVP; unicast; client_port=5000",
    transports: [{ ...base, clientPorts: [5000, 5001] }],
  },
  {
    name: "TCP said by its channels alone",
    value: "RTP/AVP;interleaved=4-5",
    transports: [{ ...base, lower: "tcp", interleaved: [4, 5] }],
  },
  { name: "TCP without channels", value: "RTP/AVP/TCP;unicast", transports: [{ ...base, lower: "tcp" }] },
  {
    name: "encrypted",
    value: "RTP/SAVP;unicast;client_port=1-2",
    transports: [{ ...base, profile: "SAVP", clientPorts: [1, 2] }],
  },
  {
    name: "what is out of range",
    value: "RTP/AVP/TCP;interleaved=300-301",
    transports: [{ ...base, lower: "tcp" }],
  },
  { name: "what is no RTP", value: "MP2T/H2221/UDP;unicast;client_port=1-2,,x", transports: [] },
];

describe("a Transport header", () => {
  for (const { name, value, transports, written } of rows) {
    test(`is read: ${name}`, () => {
      expect(parseTransports(value)).toEqual(transports);
      if (written !== undefined) expect(formatTransport(transports[0]!)).toBe(written);
    });
  }

  test("has the first alternative that the server can do", () => {
    const offers = parseTransports(
      "RTP/SAVP;unicast;client_port=1-2,RTP/AVP;multicast,RTP/AVP;unicast,RTP/AVP;unicast;client_port=3-4,RTP/AVP/TCP;unicast",
    );
    expect(chooseTransport(offers, { udp: true, tcp: true })?.clientPorts).toEqual([3, 4]);
    expect(chooseTransport(offers, { udp: false, tcp: true })?.lower).toBe("tcp");
    expect(chooseTransport(parseTransports("RTP/AVP;multicast"), { udp: true, tcp: true })).toBeUndefined();
    expect(chooseTransport([], { udp: true, tcp: true })).toBeUndefined();
  });

  test("has no more alternatives than are worth reading", () => {
    expect(parseTransports("RTP/AVP,".repeat(100))).toHaveLength(16);
  });

  test("reads as it was written", () => {
    const pair = fc.tuple(fc.nat({ max: 254 }), fc.nat({ max: 255 }));
    const transport = fc.record<Transport, "profile" | "lower" | "delivery" | "mode">(
      {
        profile: fc.constantFrom("AVP", "SAVP"),
        lower: fc.constant("tcp"),
        delivery: fc.constantFrom("unicast", "multicast"),
        mode: fc.constantFrom("play", "record"),
        interleaved: pair,
        clientPorts: pair,
        serverPorts: pair,
        ports: pair,
        source: fc.constant("1.2.3.4"),
        ssrc: fc.nat({ max: 0xffffffff }),
      },
      { requiredKeys: ["profile", "lower", "delivery", "mode"] },
    );
    holds(fc.property(transport, (each) => expect(parseTransports(formatTransport(each))).toEqual([each])));
  });
});
