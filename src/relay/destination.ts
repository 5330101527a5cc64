import { ConfigError } from "../base/errors.ts";
import { redactRtmpUrl } from "../rtmp/url.ts";
import type { EndReason } from "../stream/event.ts";
import type { Stream } from "../stream/stream.ts";
import { type ForwardConf, schemeOf } from "./path-conf.ts";
import { Push, type PushContext } from "./push.ts";
import type { PushTarget } from "./target.ts";

/** A destination as the control API shows it. Secrets are hidden. */
export interface DestinationView {
  readonly id: string;
  /** From 1, in the order of the configuration. */
  readonly pos: number;
  readonly created: Date;
  readonly conf: ForwardConf;
  readonly protocol: string;
  /** `idle` while there is nothing to push, `error` while the last attempt has failed. */
  readonly state: "idle" | "forwarding" | "error";
  readonly lastError: string;
  readonly outboundBytes: number;
}

/** What a destination is made of. */
export interface DestinationPlan {
  /** Two plans with the same key are the same destination. */
  readonly key: string;
  readonly conf: ForwardConf;
  /** Reads where it goes. @throws ConfigError */
  readonly target: () => PushTarget;
}

const hidden = "<redacted>";

/** One place that one stream is pushed to, whether there is something to push or not. */
export class Destination {
  readonly id = crypto.randomUUID();
  readonly key: string;
  /** Place in the configuration, from 1. */
  pos = 0;
  readonly #created: Date;
  readonly #conf: ForwardConf;
  readonly #context: PushContext;
  readonly #target: PushTarget | undefined;
  /** Why it can never work. */
  readonly #fault: string = "";
  #push: Push | undefined;
  #bytesSent = 0;

  constructor({ key, conf, target }: DestinationPlan, context: PushContext) {
    this.key = key;
    this.#conf = conf;
    this.#context = context;
    this.#created = context.clock.date();
    try {
      this.#target = target();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#fault = error.message;
    }
  }

  /** The URL as people may see it. */
  get label(): string {
    return redactRtmpUrl(this.#conf.dest);
  }

  /** Why it can never work; undefined where it can. */
  get fault(): string | undefined {
    return this.#target ? undefined : this.#fault;
  }

  /** What the control API shows. */
  get view(): DestinationView {
    const { dest, destFingerprint, whipBearerToken } = this.#conf;
    const push = this.#push?.view;
    const lastError = this.fault ?? push?.lastError ?? "";
    return {
      id: this.id,
      pos: this.pos,
      created: this.#created,
      conf: {
        dest: redactRtmpUrl(dest),
        destFingerprint,
        whipBearerToken: whipBearerToken === "" ? "" : hidden,
      },
      protocol: schemeOf(dest) ?? "",
      state: lastError !== "" ? "error" : push ? "forwarding" : "idle",
      lastError,
      outboundBytes: this.#bytesSent + (push?.bytesSent ?? 0),
    };
  }

  /** A publish is there, or goes on: pushes it, unless it does so already. */
  start(stream: Stream): void {
    if (this.#push || !this.#target) return;
    this.#bytesSent = 0;
    this.#push = new Push({ stream, target: this.#target, context: this.#context });
  }

  /** Nothing is to be pushed any more. */
  stop(reason: EndReason): void {
    const push = this.#push;
    if (!push) return;
    this.#push = undefined;
    push.close(reason);
    this.#bytesSent = push.view.bytesSent;
  }
}
