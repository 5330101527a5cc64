import { describe, expect, test } from "bun:test";
import { ffmpegLine, publishAddress } from "../../../../../src/web/pages/player/model/publishing.ts";

const usual = { rtmp: 1935, rtmps: null, login: "none" } as const;

describe("where to publish", () => {
  for (const { name, steps, stream, address } of [
    {
      name: "usually",
      steps: usual,
      stream: "live/test",
      address: { server: "rtmp://h/live", key: "test", url: "rtmp://h/live/test" },
    },
    {
      name: "at another port, a name of three segments",
      steps: { ...usual, rtmp: 2000 },
      stream: "live/a/b c",
      address: { server: "rtmp://h:2000/live/a", key: "b%20c", url: "rtmp://h:2000/live/a/b%20c" },
    },
    {
      name: "over RTMPS where that is all there is, for those who show a token",
      steps: { rtmp: null, rtmps: 443, login: "token" } as const,
      stream: "live/test",
      address: {
        server: "rtmps://h/live",
        key: "test?token=TOKEN",
        url: "rtmps://h/live/test?token=TOKEN",
      },
    },
    {
      name: "nowhere",
      steps: { rtmp: null, rtmps: null, login: "none" } as const,
      stream: "a",
      address: undefined,
    },
  ])
    test(name, () => {
      expect(publishAddress(steps, { host: "h", name: stream })).toEqual(address);
    });

  test("a line for a shell holds no more than one word of the address", () => {
    expect(ffmpegLine("rtmp://h/live/test")).toEndWith(" -f flv rtmp://h/live/test");
    expect(ffmpegLine("rtmp://h/live/a?b=c&d='$(x)'")).toEndWith(
      ` -f flv 'rtmp://h/live/a?b=c&d='\\''$(x)'\\'''`,
    );
  });
});
