/** A process as the API shows it. */
export interface ShownProcess {
  readonly state: string;
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly adopted: boolean;
  readonly restarts: number;
  readonly nextStartAt: string | null;
  readonly lastError: string | null;
}

/** A push of a stream as the API shows it. */
export interface ShownForwarder extends ShownProcess {
  readonly target: string;
  readonly url: string;
}

/** A stream as the API shows it. */
export interface ShownStream {
  readonly id: string;
  readonly state: string;
  readonly path: string;
  readonly ingest: {
    readonly source: { readonly type: string; readonly id: string; readonly query: string } | null;
    readonly graceUntil: string | null;
  };
  readonly worker: ShownProcess;
  readonly forwarders: readonly ShownForwarder[];
}

/** An event as the API shows it. */
export interface ShownEvent {
  readonly number: number;
  readonly at: string;
  readonly kind: string;
  readonly path: string;
  readonly sourceType: string;
  readonly sourceId: string;
  readonly verdict: string;
  readonly requestId: string;
}

/** What the service knows of the media server. */
export interface ShownServer {
  readonly asked: boolean;
  readonly reachable: boolean | null;
  readonly error: string | null;
}

/** All that the page shows. */
export interface Everything {
  readonly streams: readonly ShownStream[];
  /** Of all, more than are shown. */
  readonly streamCount: number;
  readonly events: readonly ShownEvent[];
  readonly server: ShownServer;
}

/** Streams that are shown at once. */
const maxStreams = 500;

const answerOf = async (response: Response): Promise<unknown> => {
  if (response.ok) return await response.json();
  const body = (await response.json().catch(() => ({}))) as { error?: unknown };
  throw new Error(typeof body.error === "string" ? body.error : `status ${response.status}`);
};

const get = async <Answer>(path: string): Promise<Answer> => (await answerOf(await fetch(path))) as Answer;

/** Asks for all that the page shows. */
export const readEverything = async (): Promise<Everything> => {
  const [{ items, itemCount }, events, server] = await Promise.all([
    get<{ items: readonly ShownStream[]; itemCount: number }>(`/v1/streams?itemsPerPage=${maxStreams}`),
    get<{ items: readonly ShownEvent[] }>("/v1/events?limit=30"),
    get<ShownServer>("/v1/server"),
  ]);
  return { streams: items, streamCount: itemCount, events: events.items, server };
};

/** Has a worker, or the forwarder to a target, started anew. */
export const restart = async (stream: string, target?: string): Promise<void> => {
  const about = target === undefined ? "" : `/targets/${encodeURIComponent(target)}`;
  await answerOf(
    await fetch(`/v1/streams/${encodeURIComponent(stream)}${about}/restart`, { method: "POST" }),
  );
};
