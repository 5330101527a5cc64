import { silentLogger } from "../../../src/base/log.ts";
import { systemClock } from "../../../src/base/time.ts";
import { Listener } from "../../../src/rtmp/io/listener.ts";
import { Sessions } from "../../../src/rtmp/io/sessions.ts";
import type { RtspTls } from "../../../src/rtsp/io/listener.ts";
import { RtpShares } from "../../../src/rtsp/io/rtp-shares.ts";
import type { RtspContext, RtspOptions } from "../../../src/rtsp/io/session-context.ts";
import { RtspSessions } from "../../../src/rtsp/io/sessions.ts";
import { type UdpAddresses, UdpPorts } from "../../../src/rtsp/io/udp-ports.ts";
import { RtspPorts } from "../../../src/server/rtsp-ports.ts";
import { openAccess } from "../../../src/stream/admission.ts";
import { type DomainEvent, EventHub } from "../../../src/stream/event.ts";
import { Registry } from "../../../src/stream/registry.ts";
import { defaultStreamOptions, type StreamOptions } from "../../../src/stream/stream-options.ts";
import { within } from "../../e2e/harness/deadline.ts";
import { noBounds } from "../../rtmp/io/session-options.ts";
import { usualOptions } from "./room.ts";

const local = { host: "127.0.0.1", port: 0 };

/** Two free ports next to each other: FFmpeg sends reports to the port behind that of media, whatever it is told. */
const neighbours = (): UdpAddresses => {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = 20_000 + 2 * Math.floor(Math.random() * 5_000);
    const addresses = { rtp: { ...local, port }, rtcp: { ...local, port: port + 1 } };
    try {
      new UdpPorts(addresses).close();
      return addresses;
    } catch {
      // Somebody has one of them.
    }
  }
  throw new Error("no two free ports");
};

/** A server of RTMP and RTSP on ports of its own, real sockets and all. */
export class RtspStation implements Disposable {
  readonly hub = new EventHub();
  readonly events: DomainEvent[] = [];
  readonly registry: Registry;
  readonly sessions: RtspSessions;
  readonly ports: RtspPorts;
  readonly #rtmp: Sessions;
  readonly #listener: Listener;

  constructor(
    options: {
      stream?: Partial<StreamOptions>;
      rtsp?: Partial<RtspOptions>;
      context?: Partial<RtspContext>;
      tls?: RtspTls;
    } = {},
  ) {
    this.hub.listen((event) => this.events.push(event));
    const clock = systemClock;
    const { hub: events } = this;
    const streamOptions = { ...defaultStreamOptions, ...options.stream };
    this.registry = new Registry({
      rules: { optionsOf: () => streamOptions, maxPublishers: 0 },
      clock,
      events,
    });
    const common = { access: openAccess, registry: this.registry, events, clock, log: silentLogger };
    this.#rtmp = new Sessions({
      options: {
        chunkSize: 4_096,
        isLowLatency: true,
        playerQueue: { maxBytes: 1e7, maxMs: 5_000 },
        idleTimeoutMs: 0,
        stallTimeoutMs: 60_000,
        bounds: noBounds,
      },
      ...common,
    });
    this.#listener = new Listener({ address: local, sessions: this.#rtmp });
    this.ports = new RtspPorts(() => this.sessions);
    this.sessions = new RtspSessions({
      ...common,
      options: { ...usualOptions, readerQueue: { maxBytes: 1e7, maxMs: 5_000 }, ...options.rtsp },
      shares: new RtpShares({ clock, maxPayload: () => 1_440 }),
      udp: () => this.ports.udp,
      ...options.context,
    });
    this.ports.apply({
      rtsp: local,
      rtsps: options.tls && { address: local, tls: options.tls },
      udp: neighbours(),
    });
  }

  rtmp(path: string): string {
    return `rtmp://127.0.0.1:${this.#listener.port}/${path}`;
  }

  rtsp(path: string): string {
    return `rtsp://127.0.0.1:${this.ports.port("rtsp")}/${path}`;
  }

  rtsps(path: string): string {
    return `rtsps://127.0.0.1:${this.ports.port("rtsps")}/${path}`;
  }

  /** Waits for an event of this kind. */
  async event<Kind extends DomainEvent["kind"]>(
    kind: Kind,
    withinMs = 10_000,
  ): Promise<Extract<DomainEvent, { kind: Kind }>> {
    const isIt = (event: DomainEvent): event is Extract<DomainEvent, { kind: Kind }> => event.kind === kind;
    const known = this.events.find(isIt);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<Extract<DomainEvent, { kind: Kind }>>();
    this.hub.listen((event) => {
      if (isIt(event)) resolve(event);
    });
    return await within(promise, { withinMs, what: `event ${kind}` });
  }

  [Symbol.dispose](): void {
    this.ports.close();
    this.#listener.close();
    this.registry.shutdown();
    this.sessions.close();
    this.sessions.cut();
    this.#rtmp.close();
    this.#rtmp.cut();
    this.ports.closeUdp();
  }
}
