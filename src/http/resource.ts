/** Answers one request. What it throws becomes the answer by its kind, in one place for all. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** What a resource can be asked. HEAD is GET without the body. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Something under one path. */
export interface Resource {
  /** Exact, such as `/metrics`. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Handler>>>;
}

/** A JSON answer that no cache keeps. */
export const json = (body: unknown, status = 200): Response =>
  Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
