import type { Clock } from "../../base/time.ts";
import { formatDuration } from "../../base/units.ts";
import { version } from "../../base/version.ts";
import type { Answer } from "../../outgoing/exchange.ts";
import type { Resolver } from "../../outgoing/resolver.ts";
import type { Attempt, Hook, HookOutcome } from "../delivery/hook.ts";
import { authenticatorOf } from "./authentication.ts";
import type { Authenticator } from "./authenticator.ts";
import { formatBody } from "./body-format.ts";
import { checkHeader, type Header, mergeHeaders } from "./header.ts";
import { TokenCache } from "./oauth2-bearer.ts";
import { failureOf, keptBytesFor, outcomeOf } from "./outcome.ts";
import { Redactor } from "./redactor.ts";
import { traceParent } from "./trace-parent.ts";
import { Transport, type TransportOptions } from "./transport.ts";
import type { WebhookSettings } from "./webhook-settings.ts";
import { parseWebhookUrl } from "./webhook-url.ts";

/** What a {@link WebhookHook} is made of. */
export interface WebhookHookOptions {
  readonly id: string;
  readonly settings: WebhookSettings;
  /** For one attempt, from the look-up of the host to the end of the answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Where tokens are kept; hooks with the same one share them. One of its own where left out. */
  readonly tokens?: TokenCache;
  /** `rtmp-server/VERSION` where left out. */
  readonly userAgent?: string;
  /** The system's where left out. */
  readonly resolve?: Resolver;
}

/** Of the contract between us and receivers: headers and body. */
const hookVersion = "1";

/** What an attempt has of its own, whichever way it takes. */
interface Request {
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

/**
 * Sends each event to a URL. Any 2xx is success; a redirect is not followed, since it would carry the event to where nobody sent it.
 * `webhook-id` is the same whenever the event is sent, `X-RTMP-Delivery` never. Where a token is refused with 401, another one is
 * tried within the same attempt.
 */
export class WebhookHook implements Hook {
  readonly type = "webhook";
  readonly id: string;
  /** Where it sends to, fit for logs. */
  readonly label: string;
  readonly #options: WebhookHookOptions;
  readonly #url: URL;
  readonly #authenticator: Authenticator | undefined;
  readonly #transport: Transport;
  /** For tokens: their server sees neither the client certificate nor the fingerprint that are meant for the receiver. */
  readonly #tokenTransport: Transport;
  readonly #redactor: Redactor;
  /** Weakest first. */
  readonly #ownHeaders: readonly (readonly Header[])[];

  /** @throws ConfigError for a URL, header, key, certificate or proxy that cannot be used */
  constructor(options: WebhookHookOptions) {
    const { settings, clock, resolve } = options;
    const url = parseWebhookUrl(settings.url);
    for (const header of settings.headers) checkHeader(header);
    this.id = options.id;
    this.label = url.label;
    this.#options = options;
    this.#url = new URL(url.href);
    const transport: TransportOptions = { ...settings, clock, resolve };
    this.#transport = new Transport(transport);
    this.#tokenTransport = new Transport({ ...transport, tls: { ca: settings.tls.ca } });
    this.#authenticator =
      settings.auth &&
      authenticatorOf(settings.auth, {
        clock,
        tokens: options.tokens ?? new TokenCache(clock),
        transport: this.#tokenTransport,
      });
    this.#redactor = Redactor.of(settings);
    this.#ownHeaders = [
      [
        ["User-Agent", options.userAgent ?? `rtmp-server/${version}`],
        ["Accept", "*/*"],
        // A few compressed bytes could be unpacked to any size.
        ["Accept-Encoding", "identity"],
      ],
      url.authorization === undefined ? [] : [["Authorization", url.authorization]],
      settings.headers,
    ];
  }

  async execute(attempt: Attempt, signal: AbortSignal): Promise<HookOutcome> {
    const { timeoutMs, clock } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.after(timeoutMs, () => timeout.abort());
    const end = AbortSignal.any([timeout.signal, signal]);
    try {
      end.throwIfAborted();
      return await this.#deliver(attempt, end);
    } catch (error) {
      if (signal.aborted) return { kind: "failed", error: "aborted", verdict: "aborted" };
      if (!timeout.signal.aborted) return failureOf(error, this.#redactor);
      const text = `timed out after ${formatDuration(timeoutMs)}`;
      return { kind: "failed", error: text, code: "timeout", verdict: "retry" };
    } finally {
      cancel();
    }
  }

  /** Closes the connections that are kept. */
  close(): Promise<void> {
    this.#transport.close();
    this.#tokenTransport.close();
    return Promise.resolve();
  }

  async #deliver(attempt: Attempt, signal: AbortSignal): Promise<HookOutcome> {
    const request = this.#requestOf(attempt);
    const authenticator = this.#authenticator;
    const prove = (): Promise<readonly Header[]> =>
      authenticator?.headersFor({ id: attempt.event.id, body: request.body }, signal) ?? Promise.resolve([]);
    let proof = await prove();
    let redactor = this.#redactor.with(proof);
    let answer = await this.#send(request, { proof, redactor }, signal);
    if (answer.status === 401 && authenticator?.refused && !signal.aborted) {
      authenticator.refused(proof);
      proof = await prove();
      redactor = redactor.with(proof);
      answer = await this.#send(request, { proof, redactor }, signal);
    }
    return outcomeOf(answer, { redactor, now: this.#options.clock.date() });
  }

  #send(
    { headers, body }: Request,
    { proof, redactor }: { proof: readonly Header[]; redactor: Redactor },
    signal: AbortSignal,
  ): Promise<Answer> {
    return this.#transport.send(
      {
        url: this.#url,
        method: this.#options.settings.method,
        headers: mergeHeaders(...this.#ownHeaders, headers, proof),
        body,
        keptBytes: keptBytesFor(redactor),
      },
      signal,
    );
  }

  #requestOf(attempt: Attempt): Request {
    const { event, number, occasion } = attempt;
    const { contentType, body } = formatBody(this.#options.settings.format, attempt);
    return {
      headers: [
        ...(this.#hasOwnContentType ? [] : [["Content-Type", contentType] as const]),
        ["X-RTMP-Event", event.type],
        ["X-RTMP-Delivery", Bun.randomUUIDv7()],
        ["X-RTMP-Attempt", String(number)],
        ["X-RTMP-Hook-Version", hookVersion],
        ["traceparent", traceParent(event.id)],
        ["webhook-id", event.id],
        ...(occasion === "replay" ? [["X-RTMP-Replay", "true"] as const] : []),
        ...(occasion === "test" ? [["X-RTMP-Test", "true"] as const] : []),
      ],
      body: Buffer.from(body),
    };
  }

  get #hasOwnContentType(): boolean {
    return this.#options.settings.headers.some(([name]) => name.toLowerCase() === "content-type");
  }
}
