import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../base/time.ts";

/** How long a ticket lets somebody in, in milliseconds: for whoever watches, and goes back and forth. */
const validMs = 6 * 3_600_000;

/** A part of a recording, as a query names it. */
export interface TicketedPart {
  readonly path: string;
  readonly start: string;
  readonly duration: string;
}

/**
 * Tickets for parts of recordings: whoever has one gets that part, and nothing else, for a while. A browser plays a video by its address
 * alone, without a header to prove who asks; so somebody who may play it is given an address that holds a ticket, rather than a password.
 * They are signed with a key of this process, which nobody else knows.
 */
export class PlaybackTickets {
  readonly #clock: Clock;
  readonly #key = randomBytes(32);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A ticket for a part, as the query's `ticket`. */
  issue(part: TicketedPart): string {
    const until = Math.round(this.#clock.date().getTime() + validMs).toString(36);
    return `${until}.${this.#sign(part, until).toString("base64url")}`;
  }

  /** Whether a query holds a ticket for what it asks for. */
  admits(query: URLSearchParams): boolean {
    const [until = "", mac = ""] = (query.get("ticket") ?? "").split(".");
    if (!(Number.parseInt(until, 36) > this.#clock.date().getTime())) return false;
    const [path = "", start = "", duration = ""] = ["path", "start", "duration"].map(
      (name) => query.get(name) ?? "",
    );
    const given = Buffer.from(mac, "base64url");
    const right = this.#sign({ path, start, duration }, until);
    return given.length === right.length && timingSafeEqual(given, right);
  }

  #sign({ path, start, duration }: TicketedPart, until: string): Buffer {
    // As JSON, so that no text can pass for the end of one and the beginning of another.
    const text = JSON.stringify([path, start, duration, until]);
    return createHmac("sha256", this.#key).update(text).digest();
  }
}
