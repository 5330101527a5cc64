import { describe, expect, test } from "bun:test";
import { type AmfValue, amfEcmaArray, amfObject, amfProperty } from "../../src/amf/value.ts";
import { type ConnectRequest, connectReply, parseConnect } from "../../src/rtmp/connect.ts";

const connect = (object: AmfValue): ConnectRequest =>
  parseConnect({ name: "connect", transactionId: 1, object, args: [] });

const empty: ConnectRequest = {
  app: "",
  tcUrl: "",
  flashVersion: "",
  type: "",
  objectEncoding: 0,
  fourCcs: [],
  capabilities: 0,
};

describe("a connect command", () => {
  const rows: { name: string; object: AmfValue; request: Partial<ConnectRequest> }[] = [
    {
      name: "of ffmpeg",
      object: amfObject({
        app: "live",
        type: "nonprivate",
        flashVer: "FMLE/3.0 (compatible; Lavf60)",
        tcUrl: "rtmp://h/live",
        fourCcList: ["hvc1", "av01"],
      }),
      request: {
        app: "live",
        tcUrl: "rtmp://h/live",
        flashVersion: "FMLE/3.0 (compatible; Lavf60)",
        type: "nonprivate",
        fourCcs: ["hvc1", "av01"],
      },
    },
    {
      name: "without flashVer, as rtmpsink sends it",
      object: amfObject({ app: "live", tcUrl: "rtmp://h/live" }),
      request: { app: "live", tcUrl: "rtmp://h/live" },
    },
    {
      name: "of rtmp2sink, that wants to publish",
      object: amfObject({ app: "live", type: "nonprivate", flashVer: "LNX 9,0,124,2" }),
      request: { app: "live", type: "nonprivate", flashVersion: "LNX 9,0,124,2" },
    },
    {
      name: "with keys in other case",
      object: amfObject({ App: "a", tcurl: "u", FLASHVER: "f" }),
      request: { app: "a", tcUrl: "u", flashVersion: "f" },
    },
    {
      name: "with a quoted URL",
      object: amfObject({ app: "'a'", tcUrl: "'rtmp://h/a'" }),
      request: { app: "a", tcUrl: "rtmp://h/a" },
    },
    { name: "in an ECMA array", object: amfEcmaArray({ app: "a" }), request: { app: "a" } },
    {
      name: "with AMF3 asked for",
      object: amfObject({ app: "a", objectEncoding: 3 }),
      request: { app: "a", objectEncoding: 3 },
    },
    { name: "with capabilities", object: amfObject({ capsEx: 15 }), request: { capabilities: 15 } },
    {
      name: "with a list that holds other things than text",
      object: amfObject({ fourCcList: ["hvc1", 5, null, "abcdefghijkl"] }),
      request: { fourCcs: ["hvc1", "abcdefgh"] },
    },
    {
      name: "with values of the wrong type",
      object: amfObject({ app: 5, tcUrl: null, fourCcList: "hvc1", capsEx: "3" }),
      request: {},
    },
    { name: "with no object", object: null, request: {} },
    {
      name: "with a text longer than any URL, cut",
      object: amfObject({ app: "a".repeat(9000) }),
      request: { app: "a".repeat(4096) },
    },
  ];
  for (const { name, object, request } of rows) {
    test(`is read ${name}`, () => {
      expect(connect(object)).toEqual({ ...empty, ...request });
    });
  }

  test("is answered with what every client looks for", () => {
    const { properties, information } = connectReply(empty);
    expect(Object.fromEntries(properties)).toEqual({ fmsVer: "FMS/3,5,7,7009", capabilities: 31, mode: 1 });
    const fields = Object.fromEntries(information);
    expect(fields).toMatchObject({
      level: "status",
      code: "NetConnection.Connect.Success",
      objectEncoding: 0,
    });
    expect(information.has("fourCcList")).toBe(false);
  });

  test("that asks for AMF3 is told so", () => {
    expect(amfProperty(connectReply({ ...empty, objectEncoding: 3 }).information, "objectEncoding")).toBe(3);
  });

  for (const request of [
    { ...empty, fourCcs: ["hvc1"] },
    { ...empty, capabilities: 1 },
  ]) {
    test(`of an Enhanced RTMP client (${request.fourCcs.length} FourCCs) is answered with our capabilities`, () => {
      const { properties, information } = connectReply(request);
      for (const object of [properties, information]) {
        expect(amfProperty(object, "fourCcList")).toEqual(["*"]);
        expect(amfProperty(object, "capsEx")).toBe(15);
        expect(amfProperty(amfProperty(object, "videoFourCcInfoMap"), "*")).toBe(4);
        expect(amfProperty(amfProperty(object, "audioFourCcInfoMap"), "*")).toBe(4);
      }
    });
  }
});
