import { parseStreamPath } from "../../src/base/stream-path.ts";
import { systemClock } from "../../src/base/time.ts";
import type { RecordConf } from "../../src/record/path-conf.ts";
import { PathRecords } from "../../src/record/path-records.ts";
import { Recovery } from "../../src/record/recovery.ts";
import { EventHub } from "../../src/stream/event.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { peerOf } from "../stream/peer.ts";
import { KeptLog, usualConf } from "./path-studio.ts";
import { publishTag, readTags } from "./tags.ts";

// A program to be killed: records the tags of an FLV file at ten times their speed, and tells how far it has published.

const [source = "", folder = "", format = "fmp4"] = process.argv.slice(2);
const speed = 10;
const conf: RecordConf = {
  ...usualConf(folder),
  recordFormat: format as RecordConf["recordFormat"],
  recordPartDuration: 500,
  recordSegmentDuration: format === "flv" ? 60_000 : 4_000,
};
const events = new EventHub();
const find = () => ({ conf });
const log = new KeptLog();
new Recovery({ events, log, find, encoder: "test" });
const records = new PathRecords({ events, log, find, clock: systemClock, encoder: "test" });
const registry = new Registry({
  rules: { optionsOf: () => ({ ...defaultStreamOptions, isLowLatency: true }), maxPublishers: 0 },
  clock: systemClock,
  events,
});
registry.attach(records);
const publication = registry.publish(parseStreamPath("live/test"), {
  peer: peerOf("c000001", "127.0.0.1:1"),
  publishType: "live",
  evicted: () => undefined,
});
const { tags } = readTags(await Bun.file(source).bytes());
const start = performance.now();
for (const tag of tags) {
  const wait = start + tag.timestamp / speed - performance.now();
  if (wait > 0) await Bun.sleep(wait);
  publishTag(publication, tag);
  process.stdout.write(`${tag.timestamp}\n`);
}
await Bun.sleep(60_000);
