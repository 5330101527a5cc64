import { silentLogger } from "../../src/base/log.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { systemClock } from "../../src/base/time.ts";
import { parsePathPattern } from "../../src/config/server/path-name.ts";
import type { FindPath, PathConf, RelayConf } from "../../src/relay/path-conf.ts";
import { Listener, type Tls } from "../../src/rtmp/io/listener.ts";
import type { SessionContext } from "../../src/rtmp/io/session-context.ts";
import { Sessions } from "../../src/rtmp/io/sessions.ts";
import { openAccess } from "../../src/stream/admission.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import type { Publication } from "../../src/stream/publication.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions, type StreamOptions } from "../../src/stream/stream-options.ts";
import { sampleSessionOptions } from "../rtmp/io/session-options.ts";
import { Viewer } from "../stream/house.ts";
import { peerOf } from "../stream/peer.ts";

/** A server on a port of its own, real sockets and all, whose streams a test moves. */
export class Station implements Disposable {
  readonly hub = new EventHub();
  readonly events: DomainEvent[] = [];
  readonly registry: Registry;
  readonly #sessions: Sessions;
  readonly #listener: Listener;
  readonly #isSecure: boolean;

  constructor(
    options: {
      stream?: Partial<StreamOptions>;
      tls?: Tls;
      port?: number;
      screen?: NonNullable<SessionContext["screen"]>;
    } = {},
  ) {
    this.hub.listen((event) => this.events.push(event));
    const clock = systemClock;
    this.registry = new Registry({
      rules: {
        optionsOf: () => ({
          ...defaultStreamOptions,
          isLowLatency: true,
          overridePublisher: true,
          ...options.stream,
        }),
        maxPublishers: 0,
      },
      clock,
      events: this.hub,
    });
    this.#isSecure = options.tls !== undefined;
    this.#sessions = new Sessions({
      options: { ...sampleSessionOptions, playerQueue: { maxBytes: 1e7, maxMs: 5_000 } },
      access: openAccess,
      ...(options.screen ? { screen: options.screen } : {}),
      registry: this.registry,
      events: this.hub,
      clock,
      log: silentLogger,
    });
    this.#listener = new Listener({
      address: { host: "127.0.0.1", port: options.port ?? 0 },
      tls: options.tls,
      sessions: this.#sessions,
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sessions.size;
  }

  url(path: string): string {
    return `${this.#isSecure ? "rtmps" : "rtmp"}://127.0.0.1:${this.port}/${path}`;
  }

  publish(path: string): Publication {
    return this.registry.publish(parseStreamPath(path), {
      peer: peerOf("c77", "127.0.0.1:1"),
      publishType: "live",
      evicted: () => undefined,
    });
  }

  /** A reader of a stream, which need not be there yet. */
  watch(path: string): Viewer & { leave(): void } {
    const viewer = new Viewer();
    const stream = this.registry.subscribe(parseStreamPath(path), viewer);
    return Object.assign(viewer, { leave: () => stream.unsubscribe(viewer) });
  }

  /** How often events of a kind were raised. */
  count(kind: DomainEvent["kind"]): number {
    return this.events.filter((event) => event.kind === kind).length;
  }

  stop(): void {
    this.#listener.close();
    this.#sessions.cut();
    this.#sessions.close();
  }

  [Symbol.dispose](): void {
    this.registry.shutdown();
    this.stop();
  }
}

const pathDefaults: PathConf = {
  source: "publisher",
  sourceFingerprint: "",
  rtspTransport: "automatic",
  sourceOnDemand: false,
  sourceOnDemandCloseAfter: 10_000,
  forward: [],
};

/** A configuration that a test changes, and the look into it. */
export class Settings {
  conf: RelayConf = { paths: {}, relayTo: [] };

  readonly find: FindPath = (name) => {
    const own = this.conf.paths[name];
    if (own) return { conf: own, groups: [] };
    for (const [pattern, conf] of Object.entries(this.conf.paths)) {
      if (pattern === "all_others") return { conf, groups: [] };
      if (!pattern.startsWith("~")) continue;
      const matcher = parsePathPattern(pattern).matcher(name);
      if (matcher.find())
        return {
          conf,
          groups: Array.from({ length: matcher.groupCount() }, (_, i) => matcher.group(i + 1) ?? ""),
        };
    }
    return undefined;
  };

  /** Says what holds from now on, and gives it. */
  set(paths: Record<string, Partial<PathConf>>, relayTo: readonly string[] = []): RelayConf {
    const entries = Object.entries(paths).map(([name, path]) => [name, { ...pathDefaults, ...path }]);
    this.conf = { paths: Object.fromEntries(entries), relayTo };
    return this.conf;
  }
}

/** A log that is kept. */
export const keptLog = () => {
  const lines: string[] = [];
  const keep = (message: string, fields: object = {}): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, log: { debug: () => undefined, info: keep, warn: keep, error: keep } };
};

/** A packet as text: what it is, when, and all of its bytes. */
export const told = ({
  kind,
  role,
  timestamp,
  payload,
}: {
  kind: string;
  role: string;
  timestamp: number;
  payload: Uint8Array;
}): string => `${kind} ${role} ${timestamp} ${Buffer.from(payload).toString("hex")}`;
