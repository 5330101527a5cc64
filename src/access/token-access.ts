import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { appOf, nameOf } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { TokenAuth } from "../config/auth-options.ts";
import { readTokenFile } from "../config/token-file.ts";
import { Requester } from "../outgoing/requester.ts";
import type { Admission, AdmissionRequest } from "../stream/admission.ts";
import { allow, allowAnybody, askingMs, refuse } from "./answer.ts";
import type { Judge } from "./question.ts";
import { TokenMap } from "./token-map.ts";

/** Who knows which token belongs to which stream. */
export type TokenSource = Exclude<TokenAuth, { mode: "none" }>;

/** What {@link TokenAccess} is made of. */
export interface TokenAccessOptions {
  readonly source: TokenSource;
  /** Decides about everything but publishing and reading. */
  readonly others: Judge;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What nobody reads of the answer of a callback, in bytes; more breaks it off. */
const maxBytes = 65_536;

/** One token per stream, the same for its publisher and its readers, shown as `?token=` behind its name. */
export class TokenAccess implements Judge {
  readonly #options: TokenAccessOptions;
  readonly #requester: Requester | undefined;
  #tokens: TokenMap;

  /** @throws ConfigError for a URL that is none */
  constructor(options: TokenAccessOptions) {
    const { source, clock } = options;
    this.#options = options;
    this.#tokens = new TokenMap(source.mode === "callback" ? [] : source.tokens);
    if (source.mode === "callback")
      this.#requester = new Requester({
        url: source.url,
        deadlineMs: Math.min(source.timeoutMs, askingMs),
        clock,
      });
  }

  /** Reads the file again, where tokens come from one. A bad one is told, and changes nothing. */
  reload(): void {
    const { source, log } = this.#options;
    if (source.mode !== "file") return;
    try {
      this.#tokens = new TokenMap(readTokenFile(source.file));
      log.info("tokens read again", { file: source.file });
    } catch (error) {
      log.error("tokens not read again, the old ones stay", { error: messageOf(error) });
    }
  }

  /** See {@link Judge}. */
  atOnce(request: AdmissionRequest): Admission | undefined {
    const { path } = request;
    if (path === undefined || !isAboutStream(request)) return this.#options.others.atOnce(request);
    if (this.#requester) return undefined;
    const token = tokenOf(request);
    if (token === "") return refuse("missing", "token missing");
    return this.#tokens.has(path, token) ? allow("") : refuse("denied", "invalid credentials");
  }

  /** See {@link Judge}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    const isAsked = this.#requester !== undefined && isAboutStream(request);
    if (isAsked) return this.#ask(this.#requester, request);
    return this.atOnce(request) ?? this.#options.others.decide(request);
  }

  /** It is asked without a token, too: it may let some streams in for everybody. */
  async #ask(requester: Requester, request: AdmissionRequest): Promise<Admission> {
    const { action, path, ip, port } = request;
    const token = tokenOf(request);
    const body = JSON.stringify({
      action: action === "read" ? "play" : action,
      app: path === undefined ? "" : appOf(path),
      stream_name: path === undefined ? "" : nameOf(path),
      stream_key: path ?? "",
      token,
      remote_addr: ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`,
    });
    try {
      const { status } = await requester.ask({
        method: "POST",
        contentType: "application/json",
        body,
        maxBytes,
      });
      if (status === 200) return token === "" ? allowAnybody("") : allow("");
      if (status >= 500) return refuse("unavailable", `the callback answered with status ${status}`);
      return refuse(
        token === "" ? "missing" : "denied",
        `the callback answered with status ${status}, expected 200`,
      );
    } catch (error) {
      return refuse("unavailable", `the callback: ${messageOf(error)}`);
    }
  }
}

const isAboutStream = ({ action, path }: AdmissionRequest): boolean =>
  (action === "publish" || action === "read") && path !== undefined;

const tokenOf = ({ query }: AdmissionRequest): string => new URLSearchParams(query).get("token") ?? "";
