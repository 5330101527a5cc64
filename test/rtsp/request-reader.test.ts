import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { copyBytes, encodeUtf8, fromHex, joinBytes } from "../../src/base/bytes.ts";
import { encodeInterleaved, encodeRequest, encodeResponse } from "../../src/rtsp/message.ts";
import { RtspReader } from "../../src/rtsp/request-reader.ts";
import { codeOf } from "../base/code-of.ts";
import { holds } from "../base/property.ts";
import { cutPlaces, singly, splitAt } from "../base/split.ts";
import { readRtsp } from "./reading.ts";

const rows = [
  {
    name: "a request without a body",
    bytes: "OPTIONS rtsp://host:8554/live/test RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Lavf59.27.100\r\n\r\n",
    seen: [
      {
        kind: "request",
        method: "OPTIONS",
        url: "rtsp://host:8554/live/test",
        version: "RTSP/1.0",
        headers: [
          ["CSeq", "1"],
          ["User-Agent", "Lavf59.27.100"],
        ],
        body: "",
      },
    ],
  },
  {
    name: "a body of the announced length, and what follows it",
    bytes: "ANNOUNCE rtsp://h/a RTSP/1.0\r\ncontent-length: 5\r\n\r\nv=0\r\nOPTIONS * RTSP/1.0\r\n\r\n",
    seen: [
      {
        kind: "request",
        method: "ANNOUNCE",
        url: "rtsp://h/a",
        version: "RTSP/1.0",
        headers: [["content-length", "5"]],
        body: "v=0\r\n",
      },
      { kind: "request", method: "OPTIONS", url: "*", version: "RTSP/1.0", headers: [], body: "" },
    ],
  },
  {
    name: "an answer, bare line feeds and a folded header",
    bytes: 'RTSP/1.0 401 Unauthorized\nCSeq:2\nWWW-Authenticate: Digest realm="a",\n\tnonce="b"\n\n',
    seen: [
      {
        kind: "response",
        version: "RTSP/1.0",
        status: 401,
        reason: "Unauthorized",
        headers: [
          ["CSeq", "2"],
          ["WWW-Authenticate", 'Digest realm="a", nonce="b"'],
        ],
        body: "",
      },
    ],
  },
  {
    name: "an answer without a reason",
    bytes: "RTSP/1.0 200\r\n\r\n",
    seen: [{ kind: "response", version: "RTSP/1.0", status: 200, reason: "", headers: [], body: "" }],
  },
  {
    name: "packets between messages, and blank lines that keep a connection alive",
    bytes: "\r\n\r\n$\x01\x00\x02ab$\x00\x00\x00TEARDOWN /a RTSP/1.0\r\n\r\n",
    seen: [
      { kind: "interleaved", channel: 1, payload: "6162" },
      { kind: "interleaved", channel: 0, payload: "" },
      { kind: "request", method: "TEARDOWN", url: "/a", version: "RTSP/1.0", headers: [], body: "" },
    ],
  },
  {
    name: "a URL with spaces, and a version to be answered with 505",
    bytes: "DESCRIBE rtsp://h/a b RTSP/2.0\r\n\r\n",
    seen: [
      {
        kind: "request",
        method: "DESCRIBE",
        url: "rtsp://h/a b",
        version: "RTSP/2.0",
        headers: [],
        body: "",
      },
    ],
  },
];

describe("an RTSP reader reads", () => {
  for (const { name, bytes, seen } of rows) {
    test(name, () => {
      expect(readRtsp([encodeUtf8(bytes)])).toEqual(seen);
      expect(readRtsp(singly(encodeUtf8(bytes)))).toEqual(seen);
    });
  }
});

describe("an RTSP reader refuses", () => {
  const refused = [
    { name: "a byte that begins no message", bytes: "\x16\x03\x01" },
    { name: "a first line that is none", bytes: "hello\r\n\r\n" },
    { name: "a header without a name", bytes: "OPTIONS * RTSP/1.0\r\n: x\r\n\r\n" },
    { name: "a length that is none", bytes: "OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n" },
    { name: "a body beyond the limit", bytes: "OPTIONS * RTSP/1.0\r\nContent-Length: 65537\r\n\r\n" },
    { name: "an endless line", bytes: `OPTIONS ${"a".repeat(8192)}` },
    { name: "endless headers", bytes: `OPTIONS * RTSP/1.0\r\n${"a: b\r\n".repeat(6000)}` },
    { name: "too many headers", bytes: `OPTIONS * RTSP/1.0\r\n${"a: b\r\n".repeat(65)}\r\n` },
  ];
  for (const { name, bytes } of refused) {
    test(name, () => {
      expect(readRtsp([encodeUtf8(bytes)])).toEqual(["RTSP_MESSAGE"]);
      expect(readRtsp(splitAt(encodeUtf8(bytes), [100, 5000, 8000]))).toEqual(["RTSP_MESSAGE"]);
    });
  }

  test("after what was good in front of it, and for ever after", () => {
    const reader = new RtspReader();
    reader.receive(encodeUtf8("OPTIONS * RTSP/1.0\r\n\r\n\x00OPTIONS * RTSP/1.0\r\n\r\n"));
    expect(reader.next()?.kind).toBe("request");
    expect(codeOf(() => reader.next())).toBe("RTSP_MESSAGE");
    reader.receive(encodeUtf8("OPTIONS * RTSP/1.0\r\n\r\n"));
    expect(codeOf(() => reader.next())).toBe("RTSP_MESSAGE");
  });
});

const header: fc.Arbitrary<[string, string]> = fc.tuple(
  fc.stringMatching(/^[A-Za-z-]{1,12}$/).filter((name) => name.toLowerCase() !== "content-length"),
  fc.stringMatching(/^[!-~]{0,20}$/),
);

const unit = fc.oneof(
  fc
    .record({
      method: fc.constantFrom("OPTIONS", "SETUP", "ANNOUNCE"),
      url: fc.stringMatching(/^rtsp:\/\/[a-z]{1,8}\/[a-z0-9/?=]{0,20}$/),
      headers: fc.array(header, { maxLength: 5 }),
      body: fc.uint8Array({ maxLength: 900 }),
    })
    .map(encodeRequest),
  fc
    .record({ status: fc.constantFrom(200, 401, 454), headers: fc.array(header), body: fc.uint8Array() })
    .map(encodeResponse),
  fc
    .record({ channel: fc.nat({ max: 255 }), payload: fc.uint8Array({ maxLength: 1500 }) })
    .map(({ channel, payload }) => encodeInterleaved(channel, payload)),
);

describe("whatever TCP does, an RTSP reader", () => {
  test("gives the same units of a valid session", () => {
    holds(
      fc.property(fc.array(unit, { maxLength: 12 }), cutPlaces, (units, cuts) => {
        const bytes = joinBytes([...units, new Uint8Array()]);
        const whole = readRtsp([copyBytes(bytes)]);
        expect(whole).toHaveLength(units.length);
        expect(readRtsp(splitAt(bytes, cuts))).toEqual(whole);
        expect(readRtsp(singly(bytes))).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });

  test("makes the same of noise", () => {
    const noise = fc
      .array(fc.oneof(unit, fc.uint8Array({ maxLength: 40 })), { maxLength: 8 })
      .map((parts) => joinBytes([...parts, new Uint8Array()]));
    holds(
      fc.property(noise, cutPlaces, (bytes, cuts) => {
        expect(readRtsp(splitAt(bytes, cuts))).toEqual(readRtsp([copyBytes(bytes)]));
      }),
      { numRuns: 500 },
    );
  });

  test("does not copy packets that lie whole in a read", () => {
    const read = copyBytes(
      joinBytes([1, 2, 3].map((channel) => encodeInterleaved(channel, new Uint8Array(700)))),
    );
    const reader = new RtspReader();
    reader.receive(read);
    for (let frame = reader.next(); frame; frame = reader.next()) {
      expect(frame.kind === "interleaved" && frame.payload.buffer).toBe(read.buffer);
    }
  });
});

describe("what is written", () => {
  test("has no header that a value smuggled in, and a length where there is a body", () => {
    const bytes = encodeResponse({
      status: 200,
      headers: [["CSeq", "1\r\nSession: x"]],
      body: fromHex("6162"),
    });
    expect(Buffer.from(bytes).toString()).toBe(
      "RTSP/1.0 200 OK\r\nCSeq: 1 Session: x\r\nContent-Length: 2\r\n\r\nab",
    );
    const request = encodeRequest({ method: "SETUP", url: "rtsp://h/a b\r\n", headers: [["CSeq", "2"]] });
    expect(Buffer.from(request).toString()).toBe("SETUP rtsp://h/a%20b%20%20 RTSP/1.0\r\nCSeq: 2\r\n\r\n");
  });
});
