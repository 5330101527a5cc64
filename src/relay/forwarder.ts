import { messageOf, TransportError, type TransportErrorCode } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { Standstill } from "../base/standstill.ts";
import { parseStreamPath } from "../base/stream-path.ts";
import type { Cancel, Clock } from "../base/time.ts";
import { redactStreamName } from "../rtmp/url.ts";
import { EventHub } from "../stream/event.ts";
import type { Publication } from "../stream/publication.ts";
import { Registry } from "../stream/registry.ts";
import { defaultStreamOptions } from "../stream/stream-options.ts";
import { Link, type LinkOptions } from "./push-link.ts";
import type { Source, SourceLink } from "./source.ts";
import type { PushTarget } from "./target.ts";

/** What is forwarded, and where to. */
export interface ForwarderOrder {
  readonly from: Source;
  /** The URL of the source as people may see it. */
  readonly label: string;
  readonly target: PushTarget;
}

/** What a forwarder needs of the house around it. */
export interface ForwarderContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: LinkOptions;
  /** Called once, last. */
  readonly ended: (end: ForwarderEnd) => void;
}

/** How it ended: on our wish or with its source, or because one of the two sides failed. */
export type ForwarderEnd =
  | { readonly kind: "stopped" | "sourceEnded" }
  | {
      readonly kind: "failed";
      readonly side: "source" | "target";
      /** Fit for people: no key, no password. */
      readonly error: string;
      /** The side refuses who we are: the same credentials are of no use the next time either. */
      readonly isDenied: boolean;
    };

const dialTimeoutMs = 10_000;

/** A source that sends nothing for this long is given up, in milliseconds. */
const silenceMs = 10_000;

const tickMs = 1_000;

/** The stream has a name of its own here, which nobody sees. */
const ownPath = parseStreamPath("forwarder/stream");

const hasCode = (error: Error | undefined, code: TransportErrorCode): boolean =>
  error instanceof TransportError && error.code === code;

/**
 * One stream of one server on its way to another, packet by packet as it is, without a server of ours between: pulls, and pushes as soon as
 * there is something to push. It tries once, as whoever has started it knows best when to try again.
 */
export class Forwarder {
  readonly #order: ForwarderOrder;
  readonly #context: ForwarderContext;
  readonly #registry: Registry;
  readonly #silence = new Standstill();
  readonly #source: SourceLink;
  readonly #cancelTick: Cancel;
  #publication: Publication | undefined;
  #link: Link | undefined;
  /** Set from the moment it is to end; it has ended when the target has been told goodbye. */
  #end: ForwarderEnd | undefined;
  #hasToldEnd = false;

  constructor(order: ForwarderOrder, context: ForwarderContext) {
    const { clock, log } = context;
    this.#order = order;
    this.#context = context;
    const rules = { optionsOf: () => defaultStreamOptions, maxPublishers: 0 };
    this.#registry = new Registry({ rules, clock, events: new EventHub() });
    this.#source = order.from.dial(
      {
        started: () => log.info("source connected"),
        publication: (kinds) => this.#begun(kinds),
        turnEnded: () => this.#publication?.flush(),
        closed: (error) => this.#sourceClosed(error),
      },
      { clock, timeoutMs: dialTimeoutMs },
    );
    this.#cancelTick = clock.every(tickMs, () => this.#tick());
  }

  /** Says goodbye to both sides; the end is told a second later at most. */
  stop(): void {
    this.#finish({ kind: "stopped" });
  }

  /** The first media have come: where they go is dialled now, and joins late, as a player does. */
  #begun(kinds: number | undefined): Publication | undefined {
    if (this.#end) return undefined;
    this.#publication ??= this.#publish(kinds);
    return this.#publication;
  }

  #publish(kinds: number | undefined): Publication {
    const { from, target } = this.#order;
    const { clock, log, options } = this.#context;
    const publication = this.#registry.publish(ownPath, {
      peer: { connId: "source", remote: `${from.host}:${from.port}`, kind: from.kind, id: "" },
      publishType: "live",
      isSource: true,
      ...(kinds === undefined ? {} : { kinds }),
      evicted: () => undefined,
    });
    const stream = this.#registry.find(ownPath);
    if (!stream) throw new TypeError("a stream that is published, and is not there");
    log.info("source began");
    this.#link = new Link({
      stream,
      target,
      options,
      clock,
      started: () => log.info("forwarding"),
      ended: (error) => this.#linkClosed(error),
    });
    return publication;
  }

  #sourceClosed(error: Error | undefined): void {
    if (this.#end) return;
    // However a server ends a stream: what it sent before is whole.
    const isOver = this.#publication !== undefined && !hasCode(error, "TIMEOUT");
    const text = this.#order.from.redact(messageOf(error ?? "closed"));
    if (isOver) this.#context.log.info("source ended", { reason: text });
    this.#finish(
      isOver
        ? { kind: "sourceEnded" }
        : { kind: "failed", side: "source", error: text, isDenied: hasCode(error, "DENIED") },
    );
  }

  #linkClosed(error: Error | undefined): void {
    this.#link = undefined;
    const text = redactStreamName(messageOf(error ?? "closed"), this.#order.target.urlFor(ownPath));
    this.#finish({ kind: "failed", side: "target", error: text, isDenied: hasCode(error, "DENIED") });
  }

  /** What happens first counts. */
  #finish(end: ForwarderEnd): void {
    if (!this.#end) {
      this.#end = end;
      this.#cancelTick();
      this.#source.close();
      this.#publication?.end("unpublished");
      this.#link?.close();
    }
    if (this.#link || this.#hasToldEnd) return;
    this.#hasToldEnd = true;
    this.#context.ended(this.#end);
  }

  #tick(): void {
    this.#registry.tick();
    const now = this.#context.clock.now();
    const silentMs = this.#silence.note(this.#source.bytesReceived, { shouldMove: true, now });
    if (silentMs >= silenceMs)
      this.#source.abort(new TransportError("TIMEOUT", `the source sent nothing for ${silenceMs} ms`));
  }
}
