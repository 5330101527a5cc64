import type { StreamPath } from "../base/stream-path.ts";
import type { AccessAction, AccessProtocol, Admitted } from "../stream/admission.ts";
import type { WebSocketPeer } from "./web-socket.ts";

/** What a server knows of a request beside the request itself. Its methods are called on it, not taken out of it. */
export interface Call {
  /** The path that was asked for, percent-decoded. */
  readonly path: string;
  /** What stands in the place of the parameter of the resource's path; empty where it has none. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Who asks, without brackets: behind a trusted proxy whoever that names. Whoever comes by a Unix socket is at 127.0.0.1. */
  readonly client: { readonly ip: string; readonly port: number };
  /** Where the request came to: host and port, or the path of a Unix socket. */
  readonly local: string;
  /** By which scheme the client asks, as a trusted proxy says or as it is. */
  readonly scheme: "http" | "https";
  /** Lets the answer take so many seconds without a byte; 0 for as long as it likes. */
  extend(seconds: number): void;
  /** Asks whether the client may do this. Gives what to answer where it may not. */
  refusal(wish: CallWish): Promise<Response | undefined>;
  /** The same, where it matters who the client is. */
  enter(wish: CallWish): Promise<Entrance>;
  /**
   * Makes a WebSocket of the connection, with further headers in the answer. Gives what the handler has to give back, which says so where the
   * request asks for no WebSocket, or comes from a page that may not read what is here.
   */
  upgrade(peer: WebSocketPeer, headers: Readonly<Record<string, string>>): Response;
}

/** Who was let in: empty for somebody without a name. Or what to answer somebody who was not. */
export type Entrance = Admitted | { readonly refusal: Response };

/** What a client wants to do. */
export interface CallWish {
  readonly action: AccessAction;
  readonly path: StreamPath | undefined;
  /** By what a path is read; without it by the server's own pages. */
  readonly protocol?: AccessProtocol;
  /** Id of the session that would begin; without it there is none. */
  readonly id?: string;
}

/** Answers one request. What it throws becomes the answer by its kind, in one place for all. */
export type Handler = (request: Request, call: Call) => Response | Promise<Response>;

/** What a resource can be asked. A resource that is not asked HEAD by name does not know it. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Something under one path. */
export interface Resource {
  /** Exact, such as `/metrics`, or with a parameter at its end: `/x/{id}` takes one segment, `/x/{name...}` all that follows, slashes too. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Handler>>>;
  /** Nobody is asked whether a client may use it: it is for all, or its handlers ask themselves by {@link Call.refusal}. */
  readonly isUnguarded?: boolean;
}

/** What HTML might take for more than text, and JavaScript once took for the end of a line. */
const escaped: Readonly<Record<string, string>> = {
  "&": "\\u0026",
  "<": "\\u003c",
  ">": "\\u003e",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/** JSON as MediaMTX writes it: `&`, `<` and `>` escaped, no newline at the end. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(/[&<>\u2028\u2029]/g, (letter) => escaped[letter] ?? letter);

/** An answer of JSON text, that no cache keeps. */
export const jsonAnswer = (text: string, status = 200): Response =>
  new Response(text, {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" },
  });

/** A value as a JSON answer that no cache keeps. */
export const json = (body: unknown, status = 200): Response => jsonAnswer(jsonText(body), status);
