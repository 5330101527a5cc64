import { WireError } from "../../base/errors.ts";
import { type ByteSink, Outbox } from "../../stream/outbox.ts";
import type { ServerConnection } from "../server-connection.ts";

/** Control bytes a peer may leave unread. Media has bounds of its own. */
const maxControlBytesWaiting = 64 * 1024;

/** What goes out of one session: replies of its protocol machine, which may be held back, and the media of its players beside them. */
export class SessionOutput {
  /** Where media goes. */
  readonly outbox: Outbox;
  readonly #connection: ServerConnection;
  /** Reasons to hold replies back. */
  #holds = 0;
  /** Replies that went behind something else that waits, since the outbox was last clear. */
  #controlBytesWaiting = 0;

  constructor(sink: ByteSink, connection: ServerConnection) {
    this.outbox = new Outbox(sink);
    this.#connection = connection;
  }

  /** Replies stay here until {@link release}, once for each call. */
  hold(): void {
    this.#holds++;
  }

  /** One reason less to hold replies back. */
  release(): void {
    this.#holds--;
  }

  /** Sends the replies there are, unless they are held back; `isUrgent` ones go in any case. */
  send({ isUrgent }: { isUrgent: boolean }): void {
    if (this.#holds > 0 && !isUrgent) return;
    const output = this.#connection.takeOutput();
    if (output) this.outbox.send(output);
    if (this.outbox.isClear) this.#controlBytesWaiting = 0;
    else this.#controlBytesWaiting += output?.length ?? 0;
  }

  /** @throws WireError PEER_STALLED where the peer leaves too many replies unread */
  check(): void {
    if (this.#controlBytesWaiting <= maxControlBytesWaiting) return;
    const waiting = `${this.#controlBytesWaiting} bytes of replies wait`;
    throw new WireError("PEER_STALLED", `${waiting}, expected the peer to read them`);
  }
}
