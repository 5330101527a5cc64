import { amf0Body } from "../rtmp/command.ts";
import { Client } from "../rtmp/io/dialer.ts";
import { takeMedia } from "../rtmp/io/media-intake.ts";
import { type Message, messageType } from "../rtmp/message.ts";
import { redactStreamName } from "../rtmp/url.ts";
import type { ServerUrl } from "./server-url.ts";
import type { Source, SourceHandlers, SourceLink } from "./source.ts";

/** Of commands and acknowledgements; nothing that a player sends has to be in larger chunks. */
const chunkSize = 4_096;

/** More data than this comes before no stream. */
const maxEarlyMessages = 16;

/** Data by which servers tell a player that it plays. They are no part of the stream. */
const playNotices = ["onStatus", "|RtmpSampleAccess"].map((name) =>
  Buffer.from(`\x02\0${String.fromCharCode(name.length)}${name}`, "latin1"),
);

const isMedia = ({ typeId }: Message): boolean =>
  typeId === messageType.audio || typeId === messageType.video;

const isPlayNotice = (message: Message): boolean => {
  // The body of a picture may lie in pieces, which nobody needs in one run.
  if (isMedia(message)) return false;
  const body = amf0Body(message.typeId, message.payload);
  return playNotices.some((notice) => notice.equals(body.subarray(0, notice.length)));
};

/** A stream that is played from another RTMP server. */
export class RtmpSource implements Source {
  readonly kind = "rtmpSource";
  readonly host: string;
  readonly port: number;
  readonly #from: ServerUrl;
  readonly #fingerprint: string;

  /** `fingerprint`: SHA-256 of the other server's certificate; empty for one that can be verified. */
  constructor(from: ServerUrl, fingerprint: string) {
    this.host = from.url.host;
    this.port = from.url.port;
    this.#from = from;
    this.#fingerprint = fingerprint;
  }

  redact(text: string): string {
    return redactStreamName(text, this.#from.url);
  }

  dial(handlers: SourceHandlers, { clock, timeoutMs }: Parameters<Source["dial"]>[1]): SourceLink {
    const { url, login } = this.#from;
    const intake = new EarlyIntake(handlers);
    return new Client(
      { url, action: "play", chunkSize, clock, timeoutMs, fingerprint: this.#fingerprint, login },
      {
        started: () => handlers.started(),
        media: (message) => intake.take(message),
        turnEnded: () => handlers.turnEnded(),
        drained: () => undefined,
        closed: (error) => handlers.closed(error),
      },
    );
  }
}

/** Begins with the first sound or picture. Metadata come before it, and once only: they are kept. */
class EarlyIntake {
  readonly #handlers: SourceHandlers;
  readonly #early: Message[] = [];
  #hasBegun = false;

  constructor(handlers: SourceHandlers) {
    this.#handlers = handlers;
  }

  take(message: Message): void {
    if (isPlayNotice(message)) return;
    if (!this.#hasBegun && !isMedia(message)) {
      if (this.#early.length < maxEarlyMessages) this.#early.push(message);
      return;
    }
    if (!this.#hasBegun && message.body.length === 0) return;
    const publication = this.#handlers.publication();
    if (!publication) return;
    this.#hasBegun = true;
    for (const early of this.#early.splice(0)) takeMedia(publication, early);
    takeMedia(publication, message);
  }
}
