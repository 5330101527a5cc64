import { filesPath, type WebFile } from "../web/web-file.ts";
import { notFound } from "./error-response.ts";
import type { Resource } from "./resource.ts";

/** What a {@link WebPage} needs. */
export interface WebPageOptions {
  /** Gives its files; asked once, when the first of them is wanted. */
  readonly files: () => Promise<readonly WebFile[]>;
  /** What it may do, as the text of a Content-Security-Policy; asked each time where it may become another. */
  readonly policy: string | (() => string);
}

/** A file as it is answered: packed once, and kept. */
interface Served {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly tag: string;
}

/** A page of ours that is a program: its document, and the files that it names, which caches may keep for ever. */
export class WebPage {
  readonly #options: WebPageOptions;
  #files: Promise<ReadonlyMap<string, Served>> | undefined;

  constructor(options: WebPageOptions) {
    this.#options = options;
  }

  /** The document. Which one of them it shows is up to its own address. */
  async document(request: Request): Promise<Response> {
    const response = this.#answer(request, (await this.#all()).get("index.html"));
    response.headers.set("Cache-Control", "no-cache");
    const { policy } = this.#options;
    response.headers.set("Content-Security-Policy", typeof policy === "string" ? policy : policy());
    response.headers.set("Referrer-Policy", "no-referrer");
    return response;
  }

  /** Everything else. */
  get resource(): Resource {
    const handle = async (request: Request, { name }: { readonly name: string }): Promise<Response> => {
      const file = name === "index.html" ? undefined : (await this.#all()).get(name);
      const response = this.#answer(request, file);
      if (file) response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
      return response;
    };
    // There is nothing in them that anybody could not download with the server itself.
    return { path: `${filesPath}{name}`, methods: { GET: handle, HEAD: handle }, isUnguarded: true };
  }

  #answer(request: Request, file: Served | undefined): Response {
    if (!file) return notFound();
    const { type, plain, gzip, tag } = file;
    const headers = new Headers({
      "Content-Type": type,
      ETag: tag,
      Vary: "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
    });
    if (request.headers.get("If-None-Match") === tag) return new Response(null, { status: 304, headers });
    const isPacked = /\bgzip\b/.test(request.headers.get("Accept-Encoding") ?? "");
    if (isPacked) headers.set("Content-Encoding", "gzip");
    return new Response(isPacked ? gzip : plain, { headers });
  }

  #all(): Promise<ReadonlyMap<string, Served>> {
    this.#files ??= this.#options.files().then((files) => new Map(files.map(served)));
    return this.#files;
  }
}

const served = ({ name, type, text }: WebFile): readonly [string, Served] => {
  const plain = new TextEncoder().encode(text);
  return [name, { type, plain, gzip: Bun.gzipSync(plain), tag: `"${Bun.hash(plain).toString(36)}"` }];
};
