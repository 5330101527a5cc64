import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { checkHeader, mergeHeaders } from "../../../src/hooks/webhook/header.ts";

describe("a header of an operator", () => {
  const refused = [
    ...["Host", "content-length", "Connection", "Transfer-Encoding", "webhook-id", "Webhook-Signature"],
    ...["Expect", "Upgrade", "Proxy-Authorization"],
  ];
  for (const name of refused) {
    test(`${name} is the server's own`, () =>
      expect(() => checkHeader([name, "x"])).toThrow(
        new ConfigError(`header ${name} is set by the server, expected another one`),
      ));
  }

  for (const name of ["", "a b", "a:b", "a\r\nb", "é"]) {
    test(`with the name ${JSON.stringify(name)} is none`, () =>
      expect(() => checkHeader([name, "x"])).toThrow(ConfigError));
  }

  for (const value of ["secret\r\nHost: x", "secret\nx", "secret\u0000", "secret\u2028"]) {
    test(`with the value ${JSON.stringify(value)} is refused, and its value not shown`, () =>
      expect(() => checkHeader(["X-A", value])).toThrow(
        new ConfigError("header X-A has a line break, a control character or one beyond Latin-1"),
      ));
  }

  test("may be anything else", () => {
    for (const value of ["", "Bearer a.b-c", "\té ~"])
      expect(() => checkHeader(["Authorization", value])).not.toThrow();
  });
});

test("headers of later lists replace those of earlier ones, whatever their case", () => {
  expect(
    mergeHeaders(
      [
        ["Accept", "a"],
        ["User-Agent", "b"],
      ],
      [
        ["X-Twice", "1"],
        ["x-twice", "2"],
        ["user-agent", "c"],
      ],
    ),
  ).toEqual({ Accept: "a", "user-agent": "c", "X-Twice": ["1", "2"] });
});
