import type { Database, Statement } from "bun:sqlite";
import type { OutgoingEvent } from "../delivery/delivery.ts";

/** How far a publish is. */
export interface SessionProgress {
  readonly sessionId: string;
  readonly durationMs: number;
  readonly bytesReceived: number;
  readonly audioPackets: number;
  readonly videoPackets: number;
}

/** A publish of which no end is known. */
export interface OpenSession extends SessionProgress {
  readonly streamKey: string;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  /** Its publish_start, as JSON. */
  readonly body: string;
}

interface SessionRow {
  readonly session_id: string;
  readonly stream_key: string;
  readonly started_at: number;
  readonly body: string;
  readonly duration_ms: number;
  readonly bytes_received: number;
  readonly audio_packets: number;
  readonly video_packets: number;
}

/** Which publishes are under way, so that one that a crash cut gets its end at the next start. Part of the store's transactions. */
export class SessionJournal {
  readonly #begin: Statement;
  readonly #end: Statement;
  readonly #update: Statement;
  readonly #all: Statement<SessionRow, []>;

  constructor(database: Database) {
    this.#begin = database.prepare(
      "INSERT OR REPLACE INTO sessions (session_id, stream_key, started_at, body, duration_ms, bytes_received, audio_packets, video_packets) VALUES (?, ?, ?, ?, 0, 0, 0, 0)",
    );
    this.#end = database.prepare("DELETE FROM sessions WHERE session_id = ?");
    this.#update = database.prepare(
      "UPDATE sessions SET duration_ms = ?, bytes_received = ?, audio_packets = ?, video_packets = ? WHERE session_id = ?",
    );
    this.#all = database.prepare<SessionRow, []>("SELECT * FROM sessions ORDER BY started_at");
  }

  /** Notes what an event says about a publish. */
  note({ type, sessionId, streamKey, at, body }: OutgoingEvent): void {
    if (type === "publish_start") this.#begin.run(sessionId, streamKey, at, body);
    else if (type === "publish_stop") this.#end.run(sessionId);
  }

  /** Notes how far publishes are. */
  progress(sessions: readonly SessionProgress[]): void {
    for (const { sessionId, durationMs, bytesReceived, audioPackets, videoPackets } of sessions)
      this.#update.run(Math.round(durationMs), bytesReceived, audioPackets, videoPackets, sessionId);
  }

  /** The publishes whose end is not known, the oldest first. */
  open(): OpenSession[] {
    return this.#all.all().map((row) => ({
      sessionId: row.session_id,
      streamKey: row.stream_key,
      startedAt: row.started_at,
      body: row.body,
      durationMs: row.duration_ms,
      bytesReceived: row.bytes_received,
      audioPackets: row.audio_packets,
      videoPackets: row.video_packets,
    }));
  }
}
