import { messageOf } from "../base/errors.ts";
import { LruMap } from "../base/lru-map.ts";
import type { Clock } from "../base/time.ts";
import type { Permission } from "../config/server/auth-settings.ts";
import { type Reply, Requester } from "../outgoing/requester.ts";
import type { Admission, AdmissionRequest } from "../stream/admission.ts";
import type { AccessCounts } from "./access-counts.ts";
import { allow, allowAnybody, askingMs, refuse, showsNothing } from "./answer.ts";
import { type HttpForm, reasonWithoutSecrets } from "./http-form.ts";
import { mediamtxForm } from "./mediamtx-form.ts";
import { nativeForm } from "./native-form.ts";
import { nginxRtmpForm } from "./nginx-rtmp-form.ts";
import { PermissionSet } from "./permission-set.ts";
import { type Judge, partsOf } from "./question.ts";
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

/** How long answers hold, in milliseconds. A publish is always asked about. */
const allowedMs = 5_000;
const refusedMs = 1_000;

/** Answers that are remembered. */
const maxAnswers = 10_000;

/** An answer that holds for a while. */
interface Remembered {
  readonly answer: Admission;
  readonly until: number;
}

/**
 * Asks a server of the operator's. Whatever is no clear yes, or comes too late, is a no. That a crowd which comes at once asks once, and
 * that nobody takes all places, is a matter of `QuestionLines`.
 */
export class HttpAccess implements Judge {
  readonly #options: HttpAccessOptions;
  readonly #form: HttpForm;
  readonly #requester: Requester;
  readonly #excluded: PermissionSet;
  readonly #names = new SecretKey();
  readonly #answers = new LruMap<Remembered>(maxAnswers);

  /** @throws ConfigError for an address or a fingerprint that is none */
  constructor(options: HttpAccessOptions) {
    const { address, fingerprint, form, exclude, clock } = options;
    this.#options = options;
    this.#form = forms[form];
    this.#requester = new Requester({ url: address, fingerprint, deadlineMs: askingMs, clock });
    this.#excluded = new PermissionSet(exclude);
  }

  /** See {@link Judge}. */
  atOnce(request: AdmissionRequest): Admission | undefined {
    if (this.#excluded.permits(request)) return allowAnybody(request.credentials.user);
    if (this.#form.bodyFor(request) === undefined) return this.#cannotAsk(request);
    const known = this.#answers.get(this.#names.of(partsOf(request)));
    if (!known || this.#options.clock.now() >= known.until) return undefined;
    this.#options.counts.hit();
    return known.answer;
  }

  /** See {@link Judge}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    return this.atOnce(request) ?? this.#askAbout(request);
  }

  async #askAbout(request: AdmissionRequest): Promise<Admission> {
    const answer = await this.#ask(request, this.#form.bodyFor(request));
    if (request.action === "publish") return answer;
    const until = this.#options.clock.now() + (answer.isAllowed ? allowedMs : refusedMs);
    this.#answers.set(this.#names.of(partsOf(request)), { answer, until });
    return answer;
  }

  /** Nothing that was shown is looked at, so nobody guessed wrong. */
  #cannotAsk({ action, credentials }: AdmissionRequest): Admission {
    return refuse(
      showsNothing(credentials) ? "missing" : "unavailable",
      `authHTTPForm ${this.#options.form} cannot ask about ${action}, expected it in authHTTPExclude`,
    );
  }

  async #ask(request: AdmissionRequest, body = ""): Promise<Admission> {
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
      return isBlank(request) ? allowAnybody("") : allow(request.credentials.user);
    const reason = reasonWithoutSecrets(verdict.reason ?? "", request);
    const message = `the access server ${verdict.why}${reason === "" ? "" : `: ${reason}`}`;
    if (verdict.kind === "unusable") return refuse("unavailable", message);
    return refuse(isBlank(request) && !isNameSecret ? "missing" : "denied", message);
  }
}

/** Whether somebody showed nothing that could prove who they are. That may be anywhere in the query of a stream, but not in that of a page. */
const isBlank = ({ credentials, protocol, query }: AdmissionRequest): boolean =>
  showsNothing(credentials) && (protocol === "" || query === "");
