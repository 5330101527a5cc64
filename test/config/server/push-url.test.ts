import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { checkPushUrl } from "../../../src/config/server/push-url.ts";
import { parsePushTarget } from "../../../src/relay/target.ts";

/** Whether it was refused, with what is an operator's fault. */
const refuses = (look: () => unknown): boolean => {
  try {
    look();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return true;
  }
};

describe("a URL to push to", () => {
  const good = [
    ...[
      "rtmp://h/live",
      "rtmps://h:444/live/{name}?token=a/b",
      "rtmp://[::1]:1935/{app}/x",
      "rtmp://[::1]/a",
    ],
    ...["rtmp://h/live/", "rtmp://h/{stream_key}", "rtmp://h/a/b?c={name}&d=@"],
  ];
  const bad = [
    ...["rtmp://h", "rtmp://h/", "rtmp://h/a?b=c", "rtmp://h/a?b=c/d", "rtmp://h/a#b", "rtmp://u:p@h/a"],
    ...["rtmp://h:0/a", "rtmp://h:x/a", "rtmp://h:65536/a", "rtmp://{name}/a", "rtmp://h:{name}/a"],
    ...["rtmp://h/{key}", "rtmp://h/a/{NAME}", "http://h/a", "rtmp:///a", ""],
  ];

  for (const [text, isBad] of [...good.map((url) => [url, false]), ...bad.map((url) => [url, true])] as [
    string,
    boolean,
  ][])
    test(`${text} is ${isBad ? "refused" : "taken"} by the configuration as by who dials it`, () => {
      expect([refuses(() => checkPushUrl(text)), refuses(() => parsePushTarget(text))]).toEqual([
        isBad,
        isBad,
      ]);
    });

  test("that is refused is not in the error", () => {
    for (const url of ["rtmp://u:secret@h/a", "rtmp://h/a?secret", "rtmp://h/?secret", "rtmp://h:0/secret"])
      try {
        checkPushUrl(url);
        expect.unreachable(url);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        expect(String(error)).not.toContain("secret");
      }
  });
});
