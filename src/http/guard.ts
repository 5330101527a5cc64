import type { Logger } from "../base/log.ts";
import type { StreamPath } from "../base/stream-path.ts";
import type { Clock } from "../base/time.ts";
import type { Access, AccessAction, AccessProtocol, Admission, Credentials } from "../stream/admission.ts";
import { credentialsOfHeader, credentialsOfQuery } from "../stream/credentials.ts";
import { errorResponse } from "./error-response.ts";
import { rawQueryOf } from "./raw-query.ts";
import type { Entrance } from "./resource.ts";

/** What a {@link Guard} needs. */
export interface GuardOptions {
  readonly access: Access;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Somebody wants to use something over HTTP. */
export interface Wish {
  readonly action: AccessAction;
  /** Undefined for what is about no path. */
  readonly path: StreamPath | undefined;
  /** What the pages belong to that it is for; without it they are the server's own. */
  readonly protocol?: AccessProtocol;
  /** Id of the session that would begin; without it there is none. */
  readonly id?: string | undefined;
  readonly client: { readonly ip: string; readonly port: number };
}

/** Stands before the pages: asks whether somebody may use them, and answers those who may not. */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Asks. Where the wish is not granted the answer is 401 in any case, for whoever does not know must not learn what is there. */
  async enter(request: Request, { action, path, client, protocol = "", id }: Wish): Promise<Entrance> {
    const query = rawQueryOf(request.url);
    const admission = await this.#options.access.decide({
      action,
      path,
      ...client,
      protocol,
      id,
      credentials: credentialsOf(request, protocol === "" ? "" : query),
      query,
      userAgent: request.headers.get("User-Agent") ?? "",
      tcUrl: "",
    });
    if (admission.isAllowed) return admission;
    if (admission.reason !== "missing") this.#tell(admission, { action, path, client });
    if (admission.delayMs > 0) await this.#pause(admission.delayMs);
    const response = errorResponse(401, "authentication error");
    if (admission.reason === "missing") response.headers.set("WWW-Authenticate", 'Basic realm="mediamtx"');
    return { refusal: response };
  }

  #tell({ reason, message }: Admission & { isAllowed: false }, { action, path, client }: Wish): void {
    this.#options.log.warn("HTTP client failed to authenticate", {
      client_ip: client.ip,
      action,
      stream: path,
      reason,
      error: message,
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }
}

/** Players can seldom send a header, but know a URL: there it may stand, too. */
const credentialsOf = ({ headers }: Request, query: string): Credentials => {
  const header = headers.get("Authorization");
  return header === null ? credentialsOfQuery(query) : credentialsOfHeader(header);
};
