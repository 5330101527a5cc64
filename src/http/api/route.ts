import { type Handler, json, type Method, type Resource } from "../resource.ts";
import { objectSchema, type Schema, word } from "./schema.ts";

/** A parameter behind the question mark. */
export interface QueryParameter {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  readonly isRequired?: boolean;
}

/** One endpoint of the control API: what serves it, and what its document says of it. */
export interface ApiRoute {
  readonly method: Exclude<Method, "HEAD">;
  /** As that of a {@link Resource}. */
  readonly path: string;
  /** What it does, in one sentence without a full stop. */
  readonly summary: string;
  readonly query?: readonly QueryParameter[];
  /** Of the JSON that it takes. */
  readonly body?: Schema;
  /** Of the JSON that it answers with 200, or its media type where that is something else. */
  readonly answer: Schema | string;
  /** Further statuses: what it takes for wrong, and what it does not find. 401 and 500 are everywhere. */
  readonly refusals?: readonly (400 | 403 | 404 | 409 | 501 | 502 | 503 | 504)[];
  readonly handle: Handler;
}

/** The answer of what succeeds and has nothing to tell. */
export const okSchema: Schema = objectSchema<{ status: "ok" }>("OK", { status: word("ok") });

/** See {@link okSchema}. */
export const ok = (): Response => json({ status: "ok" });

/** The routes as a server takes them. */
export const resourcesOf = (routes: readonly ApiRoute[]): readonly Resource[] =>
  routes.map(({ method, path, handle }) => ({ path, methods: { [method]: handle } }));
