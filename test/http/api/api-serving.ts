import { expect } from "bun:test";
import Ajv from "ajv/dist/2020";
import { silentLogger } from "../../../src/base/log.ts";
import {
  type ControlApiPorts,
  controlApi,
  controlApiBodyBytes,
  controlApiCors,
} from "../../../src/http/api/control-api.ts";
import type { HttpServerOptions } from "../../../src/http/server.ts";
import { Serving } from "../serving.ts";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const pointer = (...parts: readonly string[]): string =>
  parts.map((part) => `/${encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("");

/** What an endpoint answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The body as it came. */
  readonly text: string;
  readonly headers: Headers;
}

/** The control API on a free port. Each answer is held to what the API's own document says of it. */
export class ApiServing extends Serving {
  #ajv: Ajv | undefined;
  #document: Document | undefined;
  /** Operations that were asked, as `GET /v3/info`. */
  readonly asked = new Set<string>();

  constructor(ports: ControlApiPorts, more: Partial<HttpServerOptions> = {}) {
    super(controlApi(ports), silentLogger, {
      cors: { origins: ["*"], ...controlApiCors },
      maxBodyBytes: controlApiBodyBytes,
      ...more,
    });
  }

  async document(): Promise<Document> {
    this.#document ??= (await (await this.get("/v3/openapi.json")).json()) as Document;
    return this.#document;
  }

  /** Asks, as `GET /v3/info`, with a body where one is given. The path is sent as it is. */
  async ask(line: string, body?: unknown): Promise<Answer> {
    const [method = "", path = ""] = line.split(/ (.*)/s);
    const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await this.get(path, { method, redirect: "manual", ...sent });
    const text = await response.text();
    const { status, headers } = response;
    const isJson = headers.get("Content-Type")?.startsWith("application/json");
    const answer = { status, headers, text, body: isJson ? JSON.parse(text) : text };
    if (isJson) await this.#hold(method, path, answer);
    return answer;
  }

  async #hold(method: string, path: string, { status, body }: Answer): Promise<void> {
    const document = await this.document();
    const decoded = decodeURIComponent(path.replace(/\?.*$/, ""));
    const template = Object.keys(document.paths)
      .filter((each) => decoded === each || decoded.startsWith(each.replace(/\{.*$/, "\0").replace("\0", "")))
      .filter((each) => each.includes("{") || each === decoded)
      .sort((a, b) => b.length - a.length)[0];
    if (!template) throw new Error(`the document knows no ${path}`);
    this.asked.add(`${method} ${template}`);
    this.#ajv ??= this.#openAjv(document);
    const parts = [template, method.toLowerCase(), "responses", String(status)];
    const check = this.#ajv.compile({
      $ref: `api#${pointer("paths", ...parts, "content", "application/json", "schema")}`,
    });
    if (!check(body))
      throw new Error(
        `${method} ${path} ${status}: ${JSON.stringify(check.errors)} of ${JSON.stringify(body)}`,
      );
  }

  #openAjv(document: Document): Ajv {
    const ajv = new Ajv({ strict: false, allErrors: true });
    ajv.addFormat("date-time", rfc3339);
    ajv.addFormat("uuid", uuid);
    ajv.addSchema(document, "api");
    return ajv;
  }
}

/** The body of an error. */
export const failure = (error: string): unknown => ({ status: "error", error });

/** Expects an answer of nothing but success. */
export const expectOk = ({ status, text }: Answer): void =>
  expect([status, text]).toEqual([200, '{"status":"ok"}']);
