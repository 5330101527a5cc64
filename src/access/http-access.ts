import { messageOf } from "../base/errors.ts";
import type { Clock } from "../base/time.ts";
import type { Permission } from "../config/server/auth-settings.ts";
import { type Reply, Requester } from "../outgoing/requester.ts";
import type { Access, Admission, AdmissionRequest } from "../stream/admission.ts";
import type { AccessCounts } from "./access-counts.ts";
import { allow, allowAnybody, askingMs, refuse, showsNothing } from "./answer.ts";
import { type HttpForm, reasonWithoutSecrets } from "./http-form.ts";
import { LruMap } from "./lru-map.ts";
import { mediamtxForm } from "./mediamtx-form.ts";
import { nativeForm } from "./native-form.ts";
import { nginxRtmpForm } from "./nginx-rtmp-form.ts";
import { PermissionSet } from "./permission-set.ts";
import { SecretKey } from "./secret-key.ts";
import { srsForm } from "./srs-form.ts";

/** Forms by their names in the configuration. */
const forms = {
  mediamtx: mediamtxForm,
  srs: srsForm,
  "nginx-rtmp": nginxRtmpForm,
  native: nativeForm,
} as const satisfies Readonly<Record<string, HttpForm>>;

/** Whom {@link HttpAccess} asks, and how. */
export interface HttpAccessOptions {
  readonly address: string;
  readonly fingerprint: string;
  readonly form: keyof typeof forms;
  /** What is permitted without asking. */
  readonly exclude: readonly Permission[];
  readonly clock: Clock;
  readonly counts: AccessCounts;
}

/** How long answers hold, in milliseconds: a crowd that comes at once asks once. A publish is always asked about. */
const allowedMs = 5_000;
const refusedMs = 1_000;

/** Answers that are remembered. */
const maxAnswers = 10_000;

/** An answer that holds for a while. */
interface Remembered {
  readonly answer: Admission;
  readonly until: number;
}

/** Asks a server of the operator's. Whatever is no clear yes, or comes too late, is a no. */
export class HttpAccess implements Access {
  readonly #options: HttpAccessOptions;
  readonly #form: HttpForm;
  readonly #requester: Requester;
  readonly #excluded: PermissionSet;
  readonly #names = new SecretKey();
  readonly #answers = new LruMap<Remembered>(maxAnswers);
  readonly #pending = new Map<string, Promise<Admission>>();

  /** @throws ConfigError for an address or a fingerprint that is none */
  constructor(options: HttpAccessOptions) {
    const { address, fingerprint, form, exclude, clock } = options;
    this.#options = options;
    this.#form = forms[form];
    this.#requester = new Requester({ url: address, fingerprint, deadlineMs: askingMs, clock });
    this.#excluded = new PermissionSet(exclude);
  }

  /** See {@link Access}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    if (this.#excluded.permits(request)) return allowAnybody(request.credentials.user);
    const body = this.#form.bodyFor(request);
    if (body === undefined)
      return refuse(
        "denied",
        `authHTTPForm ${this.#options.form} cannot ask about ${request.action}, expected it in authHTTPExclude`,
      );
    const name = this.#nameOf(request);
    const known = this.#answers.get(name);
    if (known && this.#options.clock.now() < known.until) {
      this.#options.counts.hit();
      return known.answer;
    }
    const pending = this.#pending.get(name);
    if (pending) {
      this.#options.counts.hit();
      return pending;
    }
    const asking = this.#ask(request, body).then((answer) => {
      this.#pending.delete(name);
      this.#remember(name, request, answer);
      return answer;
    });
    this.#pending.set(name, asking);
    return asking;
  }

  /** Stands for everything that the server is told, but what differs with each connection. */
  #nameOf({ action, path, ip, protocol, credentials, query, userAgent, tcUrl }: AdmissionRequest): string {
    const { user, password, token } = credentials;
    return this.#names.of([action, path ?? "", ip, protocol, user, password, token, query, userAgent, tcUrl]);
  }

  #remember(name: string, { action }: AdmissionRequest, answer: Admission): void {
    if (action === "publish") return;
    const until = this.#options.clock.now() + (answer.isAllowed ? allowedMs : refusedMs);
    this.#answers.set(name, { answer, until });
  }

  async #ask(request: AdmissionRequest, body: string): Promise<Admission> {
    const { clock, counts } = this.#options;
    const { contentType, maxBytes } = this.#form;
    const start = clock.now();
    try {
      const reply = await this.#requester.ask({ method: "POST", contentType, body, maxBytes });
      return this.#answerOf(request, reply);
    } catch (error) {
      return refuse("unavailable", `the access server: ${messageOf(error)}`);
    } finally {
      counts.asked((clock.now() - start) / 1_000);
    }
  }

  #answerOf(request: AdmissionRequest, { status, body, isWhole }: Reply): Admission {
    const { maxBytes, isNameSecret } = this.#form;
    const isSuccess = status >= 200 && status <= 299;
    if (isSuccess && !isWhole)
      return refuse("unavailable", `the access server answered with more than ${maxBytes} bytes`);
    const verdict = this.#form.judge({ status, body });
    if (verdict.kind === "allowed")
      return showsNothing(request.credentials) && request.query === ""
        ? allowAnybody("")
        : allow(request.credentials.user);
    const reason = reasonWithoutSecrets(verdict.reason ?? "", request);
    const message = `the access server ${verdict.why}${reason === "" ? "" : `: ${reason}`}`;
    if (verdict.kind === "unusable") return refuse("unavailable", message);
    const isMissing = !isNameSecret && showsNothing(request.credentials) && request.query === "";
    return refuse(isMissing ? "missing" : "denied", message);
  }
}
