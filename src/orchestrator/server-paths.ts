import { ConfigError, TransportError } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import { isMapping } from "../config/document.ts";
import { type Reply, Requester } from "../outgoing/requester.ts";
import type { Source } from "./machine/presence.ts";

/** A path of the media server that somebody feeds. */
export interface SeenPath {
  readonly name: string;
  readonly source: Source;
}

/** What the media server says about its paths. All throw TransportError where it does not answer. */
export interface ServerPaths {
  /** All paths that are ready. */
  ready(): Promise<readonly SeenPath[]>;
  /** Whether a path is ready. */
  isReady(name: string): Promise<boolean>;
  /** The query that a source came with, which the list does not tell; empty where that is not known. */
  queryOf(source: Source): Promise<string>;
}

/** How long an answer may take, in milliseconds. */
const deadlineMs = 5_000;

/** Paths on one page. */
const pageItems = 500;

/** An item has its tracks and readers in it. */
const maxPageBytes = 32 * 1024 * 1024;

/** More pages than any server has. */
const maxPages = 1_000;

/** Asks the control API of MediaMTX, or of this program. */
export class ControlApiPaths implements ServerPaths {
  readonly #options: { readonly api: string; readonly fingerprint: string; readonly clock: Clock };

  /** `api` may have a user and a password in it. @throws ConfigError for what is no URL of HTTP */
  constructor(options: { readonly api: string; readonly fingerprint: string; readonly clock: Clock }) {
    this.#options = options;
    this.#requester("/");
  }

  async ready(): Promise<readonly SeenPath[]> {
    const seen = new Map<string, SeenPath>();
    for (let page = 0, pages = 1; page < pages; page++) {
      const { status, body } = await this.#ask(`/v3/paths/list?itemsPerPage=${pageItems}&page=${page}`);
      const answer = parsed(body);
      if (status !== 200 || !isMapping(answer) || !Array.isArray(answer.items)) throw stranger(status);
      pages = Math.min(maxPages, Number(answer.pageCount) || 1);
      for (const item of answer.items.map(seenPath)) if (item) seen.set(item.name, item);
    }
    return [...seen.values()];
  }

  async isReady(name: string): Promise<boolean> {
    const { status, body } = await this.#ask(`/v3/paths/get/${encodeURIComponent(name)}`);
    const answer = parsed(body);
    // A proxy that takes no escaped slash answers with a page of its own.
    if (status === 404 && (body === "" || isMapping(answer))) return false;
    if (status !== 200 || !isMapping(answer)) throw stranger(status);
    return isAvailable(answer);
  }

  async queryOf({ id, type }: Source): Promise<string> {
    // `rtmpConn` is found among `rtmpconns`, and so on; who has no connection has none.
    if (id === "" || !/^[A-Za-z]+(?:Conn|Session)$/.test(type)) return "";
    const { status, body } = await this.#ask(`/v3/${type.toLowerCase()}s/get/${encodeURIComponent(id)}`);
    const answer = status === 200 ? parsed(body) : undefined;
    return isMapping(answer) && typeof answer.query === "string" ? answer.query : "";
  }

  #ask(path: string): Promise<Reply> {
    return this.#requester(path).ask({ method: "GET", maxBytes: maxPageBytes });
  }

  #requester(path: string): Requester {
    const { api, fingerprint, clock } = this.#options;
    const url = URL.parse(api);
    if (!url) throw new ConfigError("api: no URL, expected http[s]://HOST[:PORT]");
    // What stands behind the host is kept: the API may lie behind a proxy.
    const base = api.replace(/\/+$/, "");
    return new Requester({ url: `${base}${path}`, fingerprint, deadlineMs, clock });
  }
}

/** MediaMTX calls it `ready`, and `available` too since it knows streams without a publisher. */
const isAvailable = ({ ready, available }: Readonly<Record<string, unknown>>): boolean =>
  ready === true || available === true;

const seenPath = (item: unknown): SeenPath | undefined => {
  if (!isMapping(item) || typeof item.name !== "string" || !isAvailable(item)) return undefined;
  const { id, type } = isMapping(item.source) ? item.source : {};
  const source = {
    id: typeof id === "string" ? id : "",
    type: typeof type === "string" ? type : "",
    query: "",
  };
  return { name: item.name, source };
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const stranger = (status: number): TransportError =>
  new TransportError(
    "REJECTED",
    status === 401 || status === 403
      ? `the API does not let us in (status ${status}), expected its user and password in the URL`
      : `status ${status} with something else than a list of paths, expected the API of MediaMTX`,
  );
