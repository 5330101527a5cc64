import { IndexLink } from "../archive/index-link.ts";
import { startIndexThread } from "../archive/index-thread.ts";
import { s3Store } from "../archive/object-store.ts";
import { Recordings } from "../archive/recordings.ts";
import { Retention } from "../archive/retention.ts";
import { StoreListing } from "../archive/store-listing.ts";
import type { Timespan } from "../archive/timespans.ts";
import { Uploads } from "../archive/uploads.ts";
import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { Resource } from "../http/resource.ts";
import { type Playable, playableOf, playbackResources } from "../playback/resources.ts";
import { PlaybackTickets } from "../playback/tickets.ts";
import { systemDisk } from "../record/disk.ts";
import type { FindRecordConf } from "../record/path-conf.ts";
import { PathRecords } from "../record/path-records.ts";
import { Recovery } from "../record/recovery.ts";
import { Thumbnails } from "../record/thumbnails.ts";
import type { EventHub } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import type { Output } from "../stream/stream.ts";
import type { Configurable } from "./configurable.ts";
import { encoder, RecordAll } from "./record-all.ts";
import type { RunConfig } from "./run-config.ts";

/** What records need of the house around them. */
export interface RecordsContext {
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks in the configuration that holds now. */
  readonly find: FindRecordConf;
  readonly registry: Registry;
  /** Calls `proceed` when hooks that have to hear of everything have taken what was told so far; absent where there are none. */
  readonly whenSafe?: (proceed: () => void) => void;
}

/** What writes streams to the disk, and what knows of everything that lies there. */
export class Records {
  readonly paths: PathRecords;
  readonly recordings: Recordings;
  readonly thumbnails: Thumbnails;
  /** What was recorded, over HTTP. */
  readonly playback: readonly Resource[];
  readonly #all: RecordAll;
  readonly #index: IndexLink;
  readonly #tickets: PlaybackTickets;
  readonly #recovery: Recovery;
  readonly #retention: Retention;
  readonly #uploads: Uploads;
  readonly #listing: StoreListing;

  constructor({ events, clock, log, find, registry, whenSafe }: RecordsContext) {
    const index = new IndexLink({ start: startIndexThread, log });
    const recordings = new Recordings({ events, index, store: s3Store, find });
    this.#index = index;
    this.recordings = recordings;
    this.#all = new RecordAll({ events, clock });
    this.paths = new PathRecords({ events, clock, log, find, encoder });
    this.#tickets = new PlaybackTickets(clock);
    this.#recovery = new Recovery({ events, log, find, encoder, ...(whenSafe ? { whenSafe } : {}) });
    this.#retention = new Retention({ recordings, index, disk: systemDisk, clock, log, find });
    this.#uploads = new Uploads({ events, clock, log, recordings, index, store: s3Store, find });
    this.#listing = new StoreListing({ index, store: s3Store, clock, log });
    const ffmpeg = Bun.which("ffmpeg");
    if (ffmpeg) log.debug("ffmpeg makes pictures of streams", { ffmpeg });
    else log.debug("no pictures of streams: there is no ffmpeg on the PATH");
    this.thumbnails = new Thumbnails({ ffmpeg, registry, clock });
    this.playback = playbackResources({ recordings, store: s3Store, tickets: this.#tickets, log });
  }

  /** A part of what was recorded of a path, with an address that plays it. */
  playableOf(path: StreamPath, span: Timespan): Playable {
    return playableOf({ path, span, tickets: this.#tickets });
  }

  /** How uploads do. */
  get uploads(): { readonly waiting: number; readonly done: number; readonly failed: number } {
    return this.#uploads.counts;
  }

  /** Those that take every stream. */
  get outputs(): readonly Output[] {
    return [this.#all, this.paths];
  }

  /** What follows the configuration, and may refuse it. */
  get refusing(): Configurable {
    return this.#all;
  }

  /** The rest of what follows the configuration. */
  readonly following: Configurable = {
    name: "records",
    configure: ({ server }) => {
      this.recordings.configure(server);
      this.paths.configure(server);
      this.#retention.configure(server);
      this.#listing.configure(server);
      // Where nobody asks for timespans, nothing need be ready for it.
      if (server.playback) this.#index.watch(this.recordings.templates);
    },
  };

  /** Goes on with what earlier processes have left, beside everything else: files that are not whole, and that have to be uploaded. */
  finishEarlier({ server }: RunConfig): void {
    void this.#recovery.recover(server).then(() => this.#uploads.resume(server));
  }

  /** Ends all recordings. Resolves when every file is whole or given up. */
  async finish(): Promise<void> {
    await Promise.all([this.#all.close(), this.paths.close()]);
    await this.#recovery.idle();
  }

  /** Deletes and uploads nothing any more. Resolves when what is under way has ended. */
  async close(): Promise<void> {
    await Promise.all([this.#retention.close(), this.#uploads.close(), this.#listing.close()]);
    await this.#index.close();
  }
}
