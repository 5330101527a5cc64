import { describe, expect } from "bun:test";
import { toHex } from "../../src/base/bytes.ts";
import { enhanced, legacyHevc, type VideoForm } from "./harness/enhanced.ts";
import { av1Clip, hevcClip } from "./harness/media.ts";
import { OwnPlayer, OwnPublisher } from "./harness/own-client.ts";
import { samplesOf } from "./harness/samples.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "ffprobe");

/** Times and bodies as text, so that a difference shows where it is. */
const textOf = (message: { timestamp: number; payload: Uint8Array }): string =>
  `${message.timestamp} ${toHex(message.payload)}`;

const cases: {
  name: string;
  form: VideoForm;
  file: () => Promise<string>;
  detected: Readonly<Record<string, unknown>>;
}[] = [
  {
    name: "HEVC over Enhanced RTMP",
    form: enhanced("hvc1"),
    file: hevcClip,
    detected: { codec: "H265", profile: "Main", resolution: "320x180" },
  },
  {
    name: "AV1 over Enhanced RTMP",
    form: enhanced("av01"),
    file: av1Clip,
    detected: { codec: "AV1", profile: "Main", resolution: "320x180" },
  },
  {
    name: "HEVC under the old codec id 12",
    form: legacyHevc,
    file: hevcClip,
    detected: { codec: "H265", profile: "Main", resolution: "320x180" },
  },
];

describe("codecs beyond H.264", () => {
  for (const { name, form, file, detected } of cases) {
    test(`${name} arrives byte for byte, for who waits and who joins later, and the log names it`, async () => {
      const { config, frames } = await samplesOf(await file());
      expect(frames.length).toBeGreaterThan(50);
      const sent = [
        { timestamp: 0, payload: form.config(config) },
        ...frames.map((sample) => ({ timestamp: sample.dts, payload: form.frame(sample) })),
      ];
      const lastKey = frames.findLastIndex(({ isKey }) => isKey);
      expect(lastKey).toBeGreaterThan(0);

      await using server = await Server.start();
      const url = server.url("live/new");
      using early = new OwnPlayer(url);
      await server.line({ msg: "Connection accepted" });
      using publisher = await OwnPublisher.connect(url);
      for (const { timestamp, payload } of sent) publisher.send("video", timestamp, payload);
      const isVideo = ({ kind }: { kind: string }): boolean => kind === "video";
      await early.arrival(isVideo, { nth: sent.length });
      using late = new OwnPlayer(url);
      await late.arrival(isVideo, { nth: 1 + frames.length - lastKey });

      expect(early.arrivals.map(textOf)).toEqual(sent.map(textOf));
      const expected = [sent[0], ...sent.filter((_, index) => index > lastKey)].map((each) =>
        toHex(each!.payload),
      );
      expect(late.arrivals.map(({ payload }) => toHex(payload))).toEqual(expected);
      expect(await server.line({ msg: "Video codec detected" })).toMatchObject(detected);
    });
  }
});
