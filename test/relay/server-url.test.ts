import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { encodedGroupVariables, encodeQuery, parseServerUrl } from "../../src/relay/server-url.ts";

const briefOf = (text: string, variables = {}) => {
  const { url, login } = parseServerUrl(text, variables);
  const { host, port, isTls, app, name } = url;
  return [isTls ? "tls" : "plain", host, port, app, name, login ? `${login.user} ${login.password}` : "-"];
};

describe("the URL of a stream at another server", () => {
  const rows: [url: string, parts: (string | number)[]][] = [
    ["rtmp://h/live/cam", ["plain", "h", 1935, "live", "cam", "-"]],
    ["rtmps://h/live/cam", ["tls", "h", 1936, "live", "cam", "-"]],
    ["rtmp://h:77/cam", ["plain", "h", 77, "cam", "", "-"]],
    ["rtmp://[::1]:77/live/a/b", ["plain", "::1", 77, "live", "a/b", "-"]],
    ["rtmp://h/live/a/b#key", ["plain", "h", 1935, "live/a/b", "key", "-"]],
    ["rtmp://h/live/cam?token=a/b", ["plain", "h", 1935, "live", "cam?token=a/b", "-"]],
    ["rtmp://h/cam?token=a/b", ["plain", "h", 1935, "cam?token=a/b", "", "-"]],
    ["rtmp://u:p%40:q@h/live/cam", ["plain", "h", 1935, "live", "cam", "u p@:q"]],
  ];
  for (const [url, parts] of rows)
    test(`${url} is read`, () => {
      expect(briefOf(url)).toEqual(parts);
    });

  test("has its variables put in, the longer names first, and what they bring is not looked into", () => {
    const variables = { ...encodedGroupVariables(["a", "$G1", ..."cdefghijkl"]), MTX_PATH: "p/q" };
    expect(briefOf("rtmp://h-$G1/$G2/$G12/$MTX_PATH/$G99#$G1", variables)).toEqual([
      "plain",
      "h-a",
      1935,
      "$G1/l/p/q/i9",
      "a",
      "-",
    ]);
  });

  test("keeps names of clients where they belong", () => {
    const groups = encodedGroupVariables(["x?y#z%"]);
    expect(briefOf("rtmp://h/live/$G1", groups).at(4)).toBe("x%3Fy%23z%25");
    for (const evil of ["other@evil", "evil/x", "a b"])
      expect(() => briefOf("rtmp://$G1/live/x", encodedGroupVariables([evil]))).toThrow(ConfigError);
    expect(encodeQuery("a=b&c=d#e f\n")).toBe("a=b&c=d%23e%20f%0A");
  });

  for (const url of [
    "http://h/x",
    "rtmp://h",
    "rtmp://h/",
    "rtmp:///x",
    "rtmp://h:0/x",
    "rtmp://h:70000/x",
    "",
  ])
    test(`is refused without its secrets: ${JSON.stringify(url)}`, () => {
      const secret = url.replace("//", "//user:hunter2@");
      expect(() => parseServerUrl(url)).toThrow(ConfigError);
      try {
        parseServerUrl(secret);
      } catch (error) {
        expect(String(error)).not.toContain("hunter2");
      }
    });
});
