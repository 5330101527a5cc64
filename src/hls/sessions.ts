import { createHmac, randomBytes } from "node:crypto";
import { RefusedError } from "../base/errors.ts";
import type { Cancel } from "../base/time.ts";
import type { EntryLimits } from "../stream/entry-limits.ts";
import type { EndReason } from "../stream/event.ts";
import { HlsSession, type SessionContext } from "./session.ts";
import { identityOf, plainIdentityOf, type Viewer } from "./viewer.ts";

/** What {@link HlsSessions} need. */
export interface HlsSessionsContext extends SessionContext {
  readonly limits?: EntryLimits | undefined;
}

/** How a viewer was let in. */
export interface Welcome {
  /** As {@link HlsSessions.nextId} gave it. */
  readonly id: string;
  readonly user: string;
  /** What it showed is why it was let in: its addresses have to prove that from now on. */
  readonly isSigned: boolean;
}

/** Whoever asks for nothing for so long is gone, in milliseconds. */
const idleMs = 30_000;

/** How often that is looked at, in milliseconds. */
const tickMs = 1_000;

/** A session is found by so many identities. */
const maxIdentities = 16;

const keyBytes = 32;

/** Of a token: 128 bits cannot be guessed. */
const tokenBytes = 16;

/** Everybody who watches by HLS. Finding one costs the same however many there are. */
export class HlsSessions {
  readonly #context: HlsSessionsContext;
  readonly #key = randomBytes(keyBytes);
  /** By id, in the order in which they came; those that are over until nobody asks in their name any more. */
  readonly #sessions = new Map<string, HlsSession>();
  readonly #byIdentity = new Map<string, HlsSession>();
  readonly #byToken = new Map<string, HlsSession>();
  readonly #identities = new Map<HlsSession, readonly string[]>();
  /** Those who were sent away, and go on asking: until then they are not let in without asking anew. */
  readonly #kicked = new Map<string, number>();
  readonly #cancelTick: Cancel;
  #count = 0;

  constructor(context: HlsSessionsContext) {
    this.#context = context;
    this.#cancelTick = context.clock.every(tickMs, () => this.#tick());
  }

  /** Those who watch, the oldest first. */
  *[Symbol.iterator](): Iterator<HlsSession> {
    for (const session of this.#sessions.values()) if (!session.isOver) yield session;
  }

  /** How many watch. */
  get size(): number {
    let size = 0;
    for (const { isOver } of this.#sessions.values()) if (!isOver) size++;
    return size;
  }

  /** An id for a session that may begin. */
  nextId(): string {
    return crypto.randomUUID();
  }

  /** The session that a request belongs to. A token counts for its own path only. */
  find(viewer: Viewer): HlsSession | undefined {
    if (viewer.token === undefined) return this.#byIdentity.get(identityOf(viewer));
    const session = this.#byToken.get(viewer.token);
    return session?.viewer.path === viewer.path ? session : undefined;
  }

  /** Whether a viewer was sent away and has not begun anew since. Asking keeps it so. */
  isKicked(viewer: Viewer): boolean {
    const identity = identityOf(viewer);
    if (!this.#kicked.has(identity)) return false;
    this.#kicked.set(identity, this.#context.clock.now() + idleMs);
    return true;
  }

  /**
   * Begins a session for a viewer that may watch.
   * @throws RefusedError TOO_MANY_CONNECTIONS, TOO_MANY_READERS, PATH_NOT_CONFIGURED, SHUTTING_DOWN
   */
  open(viewer: Viewer, { id, user, isSigned }: Welcome): HlsSession {
    const identity = identityOf(viewer);
    // Whoever is let in whatever it shows is the same when it shows nothing, as its next requests may.
    const identities = isSigned || viewer.isCdn ? [identity] : [plainIdentityOf(viewer), identity];
    const known = identities.map((each) => this.#byIdentity.get(each)).find((each) => each && !each.isOver);
    if (known) {
      this.#addIdentity(known, identity);
      return known;
    }
    this.#enter(viewer.ip);
    const token = isSigned && !viewer.isCdn ? this.#tokenOf(id, viewer.path) : undefined;
    const connId = `h${String(++this.#count).padStart(6, "0")}`;
    const session = new HlsSession({ viewer, connId, id, user, token }, this.#context);
    this.#begin(session);
    this.#sessions.set(id, session);
    for (const each of identities) {
      this.#kicked.delete(each);
      this.#byIdentity.set(each, session);
    }
    this.#identities.set(session, identities);
    if (token !== undefined) this.#byToken.set(token, session);
    return session;
  }

  /** Sends a viewer away: what it asks next is refused. Gives false where there is none with this id. */
  kick(id: string): boolean {
    const session = this.#sessions.get(id);
    if (!session || session.isOver) return false;
    const until = this.#context.clock.now() + idleMs;
    for (const identity of this.#identities.get(session) ?? []) this.#kicked.set(identity, until);
    this.#remove(session, "kicked");
    return true;
  }

  /** Ends all. */
  close(reason: EndReason): void {
    for (const session of [...this.#sessions.values()]) this.#remove(session, reason);
  }

  /** Looks at the time no more. */
  stop(): void {
    this.close("server_shutdown");
    this.#cancelTick();
  }

  #begin(session: HlsSession): void {
    const { limits, events } = this.#context;
    const { peer, viewer } = session;
    try {
      session.open();
    } catch (error) {
      limits?.leave(viewer.ip, { wasRefused: false });
      if (error instanceof RefusedError) {
        const { code, message } = error;
        events.emit({ kind: "requestRefused", action: "play", peer, path: viewer.path, code, message });
      }
      throw error;
    }
  }

  /** Whoever always asks in another way is found by what it showed first, or let in anew. */
  #addIdentity(session: HlsSession, identity: string): void {
    const identities = this.#identities.get(session) ?? [];
    if (identities.length >= maxIdentities || identities.includes(identity)) return;
    this.#byIdentity.set(identity, session);
    this.#identities.set(session, [...identities, identity]);
  }

  #tokenOf(id: string, path: string): string {
    const digest = createHmac("sha256", this.#key).update(`${id}\n${path}`).digest();
    return digest.subarray(0, tokenBytes).toString("base64url");
  }

  #enter(ip: string): void {
    const { limits } = this.#context;
    const entry = limits?.enter(ip);
    if (!entry || entry.kind === "welcome") return;
    if (entry.kind === "refused") limits?.leave(ip, { wasRefused: true });
    throw entry.error ?? new RefusedError("TOO_MANY_CONNECTIONS", "too many connections");
  }

  #remove(session: HlsSession, reason: EndReason): void {
    session.close(reason);
    this.#sessions.delete(session.peer.id);
    if (session.token !== undefined) this.#byToken.delete(session.token);
    for (const identity of this.#identities.get(session) ?? [])
      if (this.#byIdentity.get(identity) === session) this.#byIdentity.delete(identity);
    this.#identities.delete(session);
    this.#context.limits?.leave(session.viewer.ip, { wasRefused: false });
  }

  #tick(): void {
    const now = this.#context.clock.now();
    for (const session of this.#sessions.values())
      if (session.isIdle(idleMs)) this.#remove(session, "idle_timeout");
    for (const [identity, until] of this.#kicked) if (until <= now) this.#kicked.delete(identity);
  }
}
