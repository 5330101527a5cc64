import { Recordings } from "../../src/archive/recordings.ts";
import { SegmentIndex } from "../../src/archive/segment-index.ts";
import { systemClock } from "../../src/base/time.ts";
import { type HttpServer, HttpServer as Server } from "../../src/http/server.ts";
import { playbackResources } from "../../src/playback/resources.ts";
import { PlaybackTickets } from "../../src/playback/tickets.ts";
import type { RecordConf } from "../../src/record/path-conf.ts";
import type { Access } from "../../src/stream/admission.ts";
import { Shelf } from "../archive/shelf.ts";
import { PathStudio } from "../record/path-studio.ts";

/** An entry of `/list`. */
export interface Entry {
  readonly start: string;
  readonly duration: number;
  readonly url: string;
}

/** A studio whose recordings are served. */
export class Theatre implements Disposable {
  readonly studio: PathStudio;
  readonly store = new Shelf();
  readonly index: SegmentIndex;
  readonly recordings: Recordings;
  readonly tickets = new PlaybackTickets(systemClock);
  readonly server: HttpServer;

  constructor(conf: Partial<RecordConf> = {}, { access }: { access?: Access } = {}) {
    this.studio = new PathStudio(conf);
    const { hub: events, log, clock } = this.studio;
    this.index = new SegmentIndex({ clock, log, objects: this.store, isInMemory: true });
    this.recordings = new Recordings({
      events,
      index: this.index,
      store: this.store,
      find: () => ({ conf: this.studio.conf }),
    });
    this.recordings.configure({ paths: { all_others: this.studio.conf }, ...this.studio.totals });
    this.server = new Server({
      address: { host: "127.0.0.1", port: 0 },
      resources: playbackResources({
        recordings: this.recordings,
        tickets: this.tickets,
        store: this.store,
        log,
      }),
      ...(access ? { access: { access, action: "playback" as const } } : {}),
      clock: systemClock,
      log,
    });
  }

  fetch(path: string, query: Record<string, string>, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.server.port}${path}?${new URLSearchParams(query)}`, init);
  }

  async list(query: Record<string, string> = {}): Promise<Entry[]> {
    const response = await this.fetch("/list", { path: "live/test", ...query });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Entry[];
  }

  [Symbol.dispose](): void {
    void this.server.stop(0);
    this.studio[Symbol.dispose]();
  }
}

/** A moment so many milliseconds behind another, as it is asked for. */
export const later = (start: string, ms: number): string => new Date(Date.parse(start) + ms).toISOString();
