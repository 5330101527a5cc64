import type { HookEvent } from "../../src/hooks/event/hook-event.ts";

/** A publish_start as receivers get it, with what a test wants different. */
export const sampleEvent = (changes: Partial<HookEvent> = {}): HookEvent => ({
  type: "publish_start",
  timestamp: 1_767_225_600,
  conn_id: "c000001",
  stream_key: "live/test",
  data: { app: "live", stream_name: "test", publish_type: "live", client_ip: "127.0.0.1" },
  id: "evt_019b0000-0000-7000-8000-000000000001",
  seq: 1,
  severity: "info",
  time: "2026-01-01T00:00:00.000Z",
  server_id: "server",
  session_id: "session",
  v: 1,
  ...changes,
});
