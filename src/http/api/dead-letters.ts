import { errorResponse } from "../error-response.ts";
import { json } from "../resource.ts";
import { type DeadLetterObject, deadLetterSchema } from "./own-objects.ts";
import { pageBounds, pageParameters, pageSchema } from "./page.ts";
import { nameOf } from "./paths.ts";
import { type ApiRoute, ok, okSchema, type QueryParameter } from "./route.ts";
import { objectSchema, text, whole, word } from "./schema.ts";

/** Which dead letters are meant: those that fulfil all that is said. */
export interface DeadLetterWish {
  /** Of the dead letter, or of its event. */
  readonly id?: string;
  readonly hookId?: string;
  readonly type?: string;
  readonly stream?: string;
}

/** Events that hooks did not get. */
export interface DeadLettersPort {
  /** Those that fit, the newest first, and how many that are. @throws TransportError where they cannot be read */
  list(
    wish: DeadLetterWish,
    page: { readonly limit: number; readonly offset: number },
  ): Promise<{ readonly total: number; readonly letters: readonly DeadLetterObject[] }>;
  /** Puts those that fit back into the queues of their hooks. Gives how many. @throws TransportError where that cannot be done */
  replay(wish: DeadLetterWish): Promise<number>;
}

const wishParameters: readonly QueryParameter[] = [
  { name: "hook", description: "id of a hook", schema: text },
  { name: "type", description: "type of event", schema: text },
  { name: "path", description: "name of a path", schema: text },
];

const wishOf = (query: URLSearchParams): DeadLetterWish => {
  const given = (name: string): string | undefined => query.get(name) || undefined;
  const [hookId, type, stream] = [given("hook"), given("type"), given("path")];
  return { ...(hookId && { hookId }), ...(type && { type }), ...(stream && { stream }) };
};

/** `/v3/hooks/deadletters/…` */
export const deadLetterRoutes = ({ list, replay }: DeadLettersPort): readonly ApiRoute[] => [
  {
    method: "GET",
    path: "/v3/hooks/deadletters/list",
    summary: "lists events that hooks did not get, the newest first",
    query: [...wishParameters, ...pageParameters],
    answer: pageSchema(deadLetterSchema),
    refusals: [400, 504],
    handle: async (_, { query }) => {
      const bounds = pageBounds(query);
      const { total, letters } = await list(wishOf(query), bounds);
      return json({ itemCount: total, pageCount: Math.ceil(total / bounds.limit), items: letters });
    },
  },
  {
    method: "POST",
    path: "/v3/hooks/deadletters/replay/{id...}",
    summary: "sends an event again that a hook did not get, by its number or the id of the event",
    answer: okSchema,
    refusals: [400, 404, 504],
    handle: async (_, call) =>
      (await replay({ id: nameOf(call) })) > 0 ? ok() : errorResponse(404, "dead letter not found"),
  },
  {
    method: "POST",
    path: "/v3/hooks/deadletters/replayall",
    summary: "sends all events again that hooks did not get, or those that fit",
    query: wishParameters,
    answer: objectSchema<{ status: "ok"; count: number }>("Replayed", { status: word("ok"), count: whole }),
    refusals: [504],
    handle: async (_, { query }) => json({ status: "ok", count: await replay(wishOf(query)) }),
  },
];
