import type { Clock } from "../base/time.ts";
import { version } from "../base/version.ts";
import { parseSegmentPattern } from "../record/file-name.ts";
import { RecordOutput } from "../record/record-output.ts";
import type { EndReason, EventHub } from "../stream/event.ts";
import type { Output, Stream } from "../stream/stream.ts";
import { atKey } from "./at-key.ts";
import type { Configurable } from "./configurable.ts";
import type { RunConfig } from "./run-config.ts";

/** What the server calls itself in files that it writes. */
export const encoder = `rtmp-server ${version}`;

/** Everything that makes other files where it changes. */
const keyOf = ({ server }: RunConfig): string =>
  JSON.stringify([server.recordAll, server.recordDir, server.segmentDuration, server.segmentPattern]);

/** The recorder of `recordAll`: every stream, into one directory. What it goes by counts from a stream's next publish on. */
export class RecordAll implements Output, Configurable {
  readonly name = "recorder of all streams";
  readonly #parts: { readonly events: EventHub; readonly clock: Clock };
  #key = "";
  #current: RecordOutput | undefined;
  /** Those that still write what they have begun. */
  readonly #past: RecordOutput[] = [];

  constructor(parts: { events: EventHub; clock: Clock }) {
    this.#parts = parts;
  }

  configure(config: RunConfig): void {
    const key = keyOf(config);
    if (key === this.#key) return;
    const next = this.#make(config);
    if (this.#current) this.#past.push(this.#current);
    this.#key = key;
    this.#current = next;
  }

  open(stream: Stream): ((reason: EndReason) => void) | undefined {
    return this.#current?.open(stream);
  }

  /** Ends all recordings. Resolves when every file is whole or given up. */
  async close(): Promise<void> {
    await Promise.all([...this.#past, this.#current].map((output) => output?.close()));
  }

  /** @throws ConfigError for a pattern that is none */
  #make(config: RunConfig): RecordOutput | undefined {
    const { recordAll, recordDir: directory, segmentDuration: segmentMs, segmentPattern } = config.server;
    const pattern = atKey(config, "segmentPattern", () => parseSegmentPattern(segmentPattern));
    if (!recordAll) return undefined;
    return new RecordOutput({ ...this.#parts, directory, segmentMs, pattern, encoder });
  }
}
