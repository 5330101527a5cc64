import { ConfigError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { parseStreamPath, type StreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { redactRtmpUrl } from "../rtmp/url.ts";
import { parseRtspUrl, redactRtspUrl } from "../rtsp/io/rtsp-url.ts";
import type { DomainEvent, EventHub } from "../stream/event.ts";
import type { Registry } from "../stream/registry.ts";
import { type FindPath, type RelayConf, type SourceConf, schemeOf } from "./path-conf.ts";
import { Pull } from "./pull.ts";
import { RtmpSource } from "./rtmp-source.ts";
import { RtspSource } from "./rtsp-source.ts";
import { encodedGroupVariables, encodeQuery, parseServerUrl, withVariables } from "./server-url.ts";

/** What pulls need of the house around them. */
export interface PullsContext {
  readonly registry: Registry;
  readonly events: EventHub;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks in the configuration that holds now. */
  readonly find: FindPath;
}

/** A stream that is to be pulled. */
interface Wish {
  readonly conf: SourceConf;
  readonly groups: readonly string[];
}

/** One that is being pulled. */
interface Entry {
  readonly key: string;
  readonly pull: Pull | undefined;
  /** Set while nobody wants it any more. */
  cancelClose: Cancel | undefined;
}

const schemes = ["rtmp", "rtmps", "rtsp", "rtsps"];

/** Other sources than these have no connection. */
const unserved = (source: string): string | undefined => {
  const scheme = schemeOf(source);
  return scheme === undefined || schemes.includes(scheme) ? undefined : scheme;
};

/** Everything that makes another connection of it where it changes. */
const keyOf = ({ conf, groups }: Wish): string =>
  JSON.stringify([conf.source, conf.sourceFingerprint, conf.rtspTransport, groups]);

/**
 * The streams that the configuration wants from other servers: those of plain names at once, those on demand while somebody wants them.
 * A source that stays as it is keeps its connection when something else changes.
 */
export class Pulls {
  readonly #context: PullsContext;
  readonly #entries = new Map<StreamPath, Entry>();
  /** Streams that somebody wants, with the query of who came first. */
  readonly #demands = new Map<StreamPath, string>();
  /** Entries whose source is not served, with what was said about them. */
  #complained: ReadonlyMap<string, string> = new Map();
  #count = 0;
  #isClosed = false;

  constructor(context: PullsContext) {
    this.#context = context;
    context.events.listen((event) => this.#hear(event));
  }

  /** The configuration has changed: `find` looks in it already. */
  configure({ paths }: Pick<RelayConf, "paths">): void {
    if (this.#isClosed) return;
    this.#complain(paths);
    const permanent = Object.entries(paths)
      .filter(([, { source, sourceOnDemand }]) => !sourceOnDemand && schemeOf(source) !== undefined)
      .map(([name]) => parseStreamPath(name));
    for (const path of new Set([...this.#entries.keys(), ...this.#demands.keys(), ...permanent]))
      this.#settle(path);
  }

  /** Ends all pulls and begins no more. */
  close(): void {
    this.#isClosed = true;
    for (const path of [...this.#entries.keys()]) this.#stop(path, "server_shutdown");
  }

  #hear(event: DomainEvent): void {
    if (event.kind !== "demandChanged" || this.#isClosed) return;
    if (event.isWanted) this.#demands.set(event.path, event.query);
    else this.#demands.delete(event.path);
    this.#settle(event.path);
  }

  #wishFor(path: StreamPath): Wish | undefined {
    const found = this.#context.find(path);
    const scheme = found && schemeOf(found.conf.source);
    return found && scheme !== undefined && schemes.includes(scheme) ? found : undefined;
  }

  /** Brings what happens with a stream in line with what is wanted. */
  #settle(path: StreamPath): void {
    const wish = this.#wishFor(path);
    const entry = this.#entries.get(path);
    if (!wish) {
      if (entry) this.#stop(path, this.#context.find(path) ? "replaced" : "unconfigured");
      return;
    }
    const isWanted = !wish.conf.sourceOnDemand || this.#demands.has(path);
    if (!entry) {
      if (isWanted) this.#start(path, wish);
      return;
    }
    if (entry.key !== keyOf(wish)) {
      this.#stop(path, "replaced");
      // Readers wait for the new one now, or are gone.
      if (!wish.conf.sourceOnDemand || this.#demands.has(path)) this.#start(path, wish);
      return;
    }
    this.#keep(path, { entry, isWanted, closeAfterMs: wish.conf.sourceOnDemandCloseAfter });
  }

  #keep(
    path: StreamPath,
    { entry, isWanted, closeAfterMs }: { entry: Entry; isWanted: boolean; closeAfterMs: number },
  ): void {
    if (isWanted) {
      entry.cancelClose?.();
      entry.cancelClose = undefined;
      return;
    }
    entry.cancelClose ??= this.#context.clock.after(closeAfterMs, () => this.#stop(path, "client_stop"));
  }

  #start(path: StreamPath, wish: Wish): void {
    this.#entries.set(path, { key: keyOf(wish), pull: this.#open(path, wish), cancelClose: undefined });
  }

  #open(path: StreamPath, { conf, groups }: Wish): Pull | undefined {
    const { registry, clock, log } = this.#context;
    const isRtsp = conf.source.startsWith("rtsp");
    const label = isRtsp ? redactRtspUrl(conf.source) : redactRtmpUrl(conf.source);
    try {
      const query = encodeQuery(this.#demands.get(path) ?? "");
      const variables = { ...encodedGroupVariables(groups), MTX_QUERY: query };
      const { sourceFingerprint: fingerprint, rtspTransport: transport } = conf;
      const from = isRtsp
        ? new RtspSource(parseRtspUrl(withVariables(conf.source, variables)), { fingerprint, transport })
        : new RtmpSource(parseServerUrl(conf.source, variables), fingerprint);
      const connId = `s${String(++this.#count).padStart(6, "0")}`;
      return new Pull({ path, from, label, connId }, { registry, clock, log });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.warn("source failed", { stream_key: path, source_url: label, error: error.message });
      return undefined;
    }
  }

  #stop(path: StreamPath, reason: "replaced" | "unconfigured" | "client_stop" | "server_shutdown"): void {
    const entry = this.#entries.get(path);
    if (!entry) return;
    this.#entries.delete(path);
    entry.cancelClose?.();
    entry.pull?.close(reason);
  }

  /** Says once of each entry that its source is not served. */
  #complain(paths: RelayConf["paths"]): void {
    const complaints = new Map<string, string>();
    for (const [name, { source }] of Object.entries(paths)) {
      const scheme = unserved(source);
      if (scheme !== undefined) complaints.set(name, scheme);
    }
    for (const [name, scheme] of complaints)
      if (this.#complained.get(name) !== scheme)
        this.#context.log.warn(`this server cannot pull ${scheme}:// sources yet, nothing is pulled`, {
          path: name,
        });
    this.#complained = complaints;
  }
}
