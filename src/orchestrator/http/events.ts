import type { Logger } from "../../base/log.ts";
import { printable } from "../../base/stream-path.ts";
import type { Clock } from "../../base/time.ts";
import { errorResponse } from "../../http/error-response.ts";
import { json, type Resource } from "../../http/resource.ts";
import type { Outcome, StreamEvent } from "../orchestrator.ts";
import { readEventBody } from "./event-body.ts";
import type { EventSignature } from "./event-signature.ts";

/** What events go through. */
export interface EventsOptions {
  /** Takes an event in, and keeps it before it returns. */
  readonly take: (event: StreamEvent) => Outcome;
  /** Undefined where events need not be signed. */
  readonly signature: EventSignature | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Messages whose answer is remembered: one that is sent again was not meant twice. */
const keptAnswers = 10_000;

/** What may name a request. */
const requestName = /^[\w.:@-]{1,128}$/;

/** A message that came before. */
interface PastMessage {
  readonly kind: StreamEvent["kind"];
  readonly answer: object;
}

/** Messages that came before, by their ids. */
class PastMessages {
  readonly #answers = new Map<string, PastMessage>();

  of(id: string): PastMessage | undefined {
    return this.#answers.get(id);
  }

  keep(id: string, message: PastMessage): void {
    this.#answers.set(id, message);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > keptAnswers && oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** `POST /v1/mediamtx/events/ready` and `not-ready`: what MediaMTX's hooks tell. They are answered once they are kept. */
export const eventResources = (options: EventsOptions): readonly Resource[] => {
  const past = new PastMessages();
  return (["ready", "not-ready"] as const).map((kind) => ({
    path: `/v1/mediamtx/events/${kind}`,
    isUnguarded: true,
    methods: { POST: (request) => answer(kind, request, { ...options, past }) },
  }));
};

const answer = async (
  kind: StreamEvent["kind"],
  request: Request,
  { take, signature, clock, log, past }: EventsOptions & { past: PastMessages },
): Promise<Response> => {
  const body = new Uint8Array(await request.arrayBuffer());
  const fault = signature?.faultOf(request.headers, body, clock.date().getTime());
  if (fault !== undefined) {
    log.warn("event refused", { kind, error: fault });
    return errorResponse(401, fault);
  }
  const message = request.headers.get("webhook-id") ?? "";
  const name = requestName.test(message) ? message : undefined;
  const before = name === undefined ? undefined : past.of(name);
  // A signature says nothing of the place that a message was sent to: who has seen one go by could send it to the other.
  if (before && before.kind !== kind)
    return errorResponse(409, `webhook-id names a message that was ${before.kind}, expected one of its own`);
  if (before) return json(before.answer, 202);
  const { path, source, at } = readEventBody(new TextDecoder().decode(body));
  const given = request.headers.get("x-request-id") ?? "";
  const requestId = requestName.test(given) ? given : Bun.randomUUIDv7();
  const outcome = take({ kind, path, source, at, requestId });
  const said = answerOf(requestId, outcome);
  if (name !== undefined) past.keep(name, { kind, answer: said });
  log.info("event", {
    kind,
    path: shownPath(path),
    ...(outcome.kind === "heard" && { streamId: outcome.id }),
    sourceId: source.id,
    sourceType: source.type,
    requestId,
    outcome: outcome.kind === "heard" ? outcome.verdict : `ignored: ${outcome.why}`,
  });
  return json(said, 202);
};

/** A path that can be searched for as it is, or what can be shown of it. */
const shownPath = (path: string): string => (/^[\w./~@+-]+$/.test(path) ? path : printable(path));

const answerOf = (requestId: string, outcome: Outcome): object => {
  if (outcome.kind === "ignored") return { requestId, ignored: outcome.why };
  // It starts no worker, but forwarders go by it.
  if (outcome.side === "output") return { requestId, ignored: "the path of what a worker publishes" };
  return { requestId, streamId: outcome.id, verdict: outcome.verdict };
};
