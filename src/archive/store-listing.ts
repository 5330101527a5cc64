import { mkdir } from "node:fs/promises";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { Cancel, Clock } from "../base/time.ts";
import type { RecordsConf } from "../record/path-conf.ts";
import { RecordPath } from "../record/record-path.ts";
import type { IndexPort } from "./index-port.ts";
import { type ListedObject, type ObjectPlace, type ObjectStore, placeOf, urlOf } from "./object-store.ts";

/** What listing a store needs of the house around it. */
export interface StoreListingContext {
  readonly index: IndexPort;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How often stores are listed for what others have done to them, in milliseconds. */
const periodMs = 60 * 60_000;

/** A store that could not be listed is tried again after so long, in milliseconds. */
const retryMs = 30_000;

/** An archive, and where it lies in a store. */
interface Listing {
  readonly template: string;
  /** Its key is empty, or ends with a slash. */
  readonly prefix: ObjectPlace;
}

/** Tells the index what lies in stores: what earlier processes have uploaded, and others have deleted. */
export class StoreListing {
  readonly #context: StoreListingContext;
  #listings: readonly Listing[] = [];
  #key = "";
  #cancel: Cancel | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(context: StoreListingContext) {
    this.#context = context;
  }

  /** The configuration has changed: stores that are new in it are listed soon. */
  configure({ paths }: RecordsConf): void {
    const listings = new Map<string, Listing>();
    for (const { recordPath: template, recordUpload } of Object.values(paths)) {
      const place = placeOf(recordUpload);
      if (!place) continue;
      const parts = place.key.split("/").filter((part) => part !== "");
      const prefix = { ...place, key: parts.map((part) => `${part}/`).join("") };
      listings.set(`${template} ${urlOf(prefix)}`, { template, prefix });
    }
    const key = [...listings.keys()].join("\n");
    if (key === this.#key) return;
    this.#key = key;
    this.#listings = [...listings.values()];
    void this.run();
  }

  /** Lists all stores. Resolves when that is done; never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Lists no more. Resolves when nothing is listed any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#cancel?.();
    const { clock, log } = this.#context;
    let delay = periodMs;
    for (const listing of this.#listings)
      try {
        await this.#list(listing);
      } catch (error) {
        if (this.#isClosed) return;
        delay = retryMs;
        log.warn("recordings in the store could not be listed, it is tried again", {
          store: urlOf(listing.prefix),
          error: messageOf(error),
          retry_in_ms: delay,
        });
      }
    if (this.#listings.length > 0 && !this.#isClosed)
      this.#cancel = clock.after(delay, () => void this.run());
  }

  async #list({ template, prefix }: Listing): Promise<void> {
    const { index, store } = this.#context;
    // The index lies in the folder of the recordings, which may all be in the store.
    await mkdir(new RecordPath(template).root, { recursive: true });
    let isFirst = true;
    const tell = async (page: readonly ListedObject[], isLast: boolean): Promise<void> => {
      const objects = page.map(({ key, size }) => ({
        way: key.substring(prefix.key.length),
        remote: urlOf({ bucket: prefix.bucket, key }),
        size,
      }));
      await index.listed({ template, url: urlOf(prefix), isFirst, isLast, objects });
      isFirst = false;
    };
    let last: readonly ListedObject[] = [];
    for await (const page of store.list(prefix.bucket, prefix.key)) {
      if (this.#isClosed) return;
      if (last.length > 0) await tell(last, false);
      last = page;
    }
    await tell(last, true);
  }
}
