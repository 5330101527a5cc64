import { RtspClient } from "../rtsp/io/client.ts";
import type { ClientTransport } from "../rtsp/io/client-media.ts";
import { pushTag } from "../rtsp/io/push-tag.ts";
import type { RtspUrl } from "../rtsp/io/rtsp-url.ts";
import type { Source, SourceHandlers, SourceLink } from "./source.ts";

/** Shorter secrets would be found in the middle of words. */
const minSecretLength = 4;

/** A stream that is read from another RTSP server. */
export class RtspSource implements Source {
  readonly kind = "rtspSource";
  readonly host: string;
  readonly port: number;
  readonly #url: RtspUrl;
  readonly #fingerprint: string;
  readonly #transport: ClientTransport;

  /** `fingerprint`: SHA-256 of the other server's certificate; empty for one that can be verified. */
  constructor(url: RtspUrl, options: { fingerprint: string; transport: ClientTransport }) {
    this.host = url.host;
    this.port = url.port;
    this.#url = url;
    this.#fingerprint = options.fingerprint;
    this.#transport = options.transport;
  }

  redact(text: string): string {
    const { login, text: url } = this.#url;
    const query = /\?(.*)$/s.exec(url)?.[1] ?? "";
    return [query, login?.password ?? ""]
      .filter((secret) => secret.length >= minSecretLength)
      .reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
  }

  dial(handlers: SourceHandlers, { clock, timeoutMs }: Parameters<Source["dial"]>[1]): SourceLink {
    const client: RtspClient = new RtspClient(
      { url: this.#url, transport: this.#transport, clock, timeoutMs, fingerprint: this.#fingerprint },
      {
        started: () => handlers.started(),
        tag: (tag) => {
          const publication = handlers.publication(client.kinds);
          if (publication) pushTag(publication, tag);
        },
        turnEnded: () => handlers.turnEnded(),
        closed: (error) => handlers.closed(error),
      },
    );
    return client;
  }
}
