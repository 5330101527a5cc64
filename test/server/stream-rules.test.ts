import { describe, expect, test } from "bun:test";
import { RefusedError } from "../../src/base/errors.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { loadServerConfig } from "../../src/config/server/load.ts";
import { streamRulesOf } from "../../src/server/stream-rules.ts";

const rulesOf = (text: string) =>
  streamRulesOf(loadServerConfig({ text, name: "f.yml", environment: {} }).config);

/** The code that a name is refused with; undefined where it may exist. */
const codeOf = (rules: ReturnType<typeof rulesOf>, name: string): string | undefined => {
  try {
    rules.optionsOf(parseStreamPath(name));
    return undefined;
  } catch (error) {
    return error instanceof RefusedError ? error.code : String(error);
  }
};

const hostile = [
  "live/x$(id)",
  "live/`id`",
  "live/a;b",
  "live/a b",
  'live/"',
  "live/a|b",
  "live/a&b=c",
  "live/день",
];

describe("the name of a stream", () => {
  test("may be any where nothing is made of it", () => {
    const rules = rulesOf("paths:\n  all_others:\n    record: yes\n    recordFormat: flv\n");
    for (const name of hostile) expect([name, codeOf(rules, name)]).toEqual([name, undefined]);
  });

  for (const line of [
    "runOnReady: echo $MTX_PATH",
    "runOnUnread: echo $MTX_PATH",
    "runOnDemand: start $MTX_PATH",
    "runOnRecordSegmentComplete: echo $MTX_SEGMENT_PATH",
    "forward: [{dest: 'rtmp://h/$MTX_PATH'}]",
  ]) {
    test(`has to be plain where its path says ${line}`, () => {
      const rules = rulesOf(`paths:\n  all_others:\n    ${line}\n`);
      for (const name of hostile) expect([name, codeOf(rules, name)]).toEqual([name, "BAD_STREAM_NAME"]);
      expect(codeOf(rules, "live/cam_1.x-y/in")).toBeUndefined();
    });
  }

  test("has to be plain where its stream is fetched from a URL made of it", () => {
    const rules = rulesOf(
      "paths:\n  '~^cam/(.+)$':\n    source: rtmp://h/live/$G1\n    sourceOnDemand: yes\n",
    );
    expect(codeOf(rules, "cam/a&b=c")).toBe("BAD_STREAM_NAME");
    expect(codeOf(rules, "cam/a")).toBeUndefined();
    expect(codeOf(rules, "other")).toBe("PATH_NOT_CONFIGURED");
  });
});

describe("what a configuration says of a stream", () => {
  test("is what its path says: who may publish, how long readers wait, where they are sent", () => {
    const rules = rulesOf(`
playWait: 7s
maxPublishers: 3
paths:
  plain:
    maxReaders: 4
    maxBitrateKbps: 800
  demanded: {runOnDemand: start, runOnDemandStartTimeout: 20s}
  pulled: {source: "rtmp://h/x", sourceOnDemand: yes, sourceOnDemandStartTimeout: 3s}
  kept: {alwaysAvailable: yes, alwaysAvailableTracks: [{codec: H264}]}
  sent: {source: redirect, sourceRedirect: /plain}
  falling: {fallback: /plain}
`);
    expect(rules.maxPublishers).toBe(3);
    const options = (name: string) => rules.optionsOf(parseStreamPath(name));
    expect(options("plain")).toMatchObject({
      ...{ confName: "plain", maxReaders: 4, maxBitrate: 800_000, playWaitMs: 7_000 },
      ...{ acceptsPublishers: true, overridePublisher: true, keepsReaders: false },
    });
    expect(options("demanded").playWaitMs).toBe(20_000);
    expect(options("pulled")).toMatchObject({ acceptsPublishers: false, playWaitMs: 3_000 });
    expect(options("kept").keepsReaders).toBe(true);
    expect(options("sent")).toMatchObject({ acceptsPublishers: false, redirectTo: parseStreamPath("plain") });
    expect(options("falling")).toMatchObject({
      acceptsPublishers: true,
      fallbackTo: parseStreamPath("plain"),
    });
    expect(options("plain")).toBe(options("plain"));
  });
});
