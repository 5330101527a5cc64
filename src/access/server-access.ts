import { messageOf } from "../base/errors.ts";
import type { MetricFamily } from "../base/exposition.ts";
import type { Logger } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { isHashed } from "../config/server/credential.ts";
import type { ServerConfig } from "../config/server/server-config.ts";
import type { Access, Admission, AdmissionRequest } from "../stream/admission.ts";
import { AccessCounts, resultOf } from "./access-counts.ts";
import { type Refusal, refuse } from "./answer.ts";
import { Argon2Verifier } from "./argon2-verifier.ts";
import { AttemptGuard } from "./attempt-guard.ts";
import { HttpAccess } from "./http-access.ts";
import { InternalAccess } from "./internal-access.ts";
import { JwtAccess } from "./jwt-access.ts";
import { NetworkSet } from "./network-set.ts";
import type { Judge } from "./question.ts";
import { TokenAccess, type TokenSource } from "./token-access.ts";

/** What the configuration says about access. */
export type AccessConfig = Pick<
  ServerConfig,
  | "authMethod"
  | "authInternalUsers"
  | "authHTTPAddress"
  | "authHTTPFingerprint"
  | "authHTTPForm"
  | "authHTTPExclude"
  | "authJWTJWKS"
  | "authJWTJWKSFingerprint"
  | "authJWTClaimKey"
  | "authJWTExclude"
  | "authJWTIssuer"
  | "authJWTAudience"
  | "authJWTInHTTPQuery"
>;

/** What {@link ServerAccess} is made of. */
export interface ServerAccessOptions {
  readonly config: AccessConfig;
  /** Where publishing and reading is a matter of tokens; undefined where the configuration decides that, too. */
  readonly tokens?: TokenSource | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Who may do what on this server, by its configuration, which may be exchanged while it runs. What has been learnt of addresses that
 * guess, and of passwords that were verified, stays.
 */
export class ServerAccess implements Access {
  readonly #options: ServerAccessOptions;
  readonly #counts = new AccessCounts();
  readonly #argon2 = new Argon2Verifier();
  readonly #guard: AttemptGuard;
  #config: AccessConfig;
  #method: Judge;
  #tokens: TokenAccess | undefined;

  /** @throws ConfigError for addresses and fingerprints that cannot be used */
  constructor(options: ServerAccessOptions) {
    const { config, tokens: source, clock, log } = options;
    this.#options = options;
    this.#config = authOf(config);
    this.#method = this.#methodOf(this.#config);
    // It asks for the method anew each time, as that may be another one by then.
    const others: Judge = {
      atOnce: (request) => this.#method.atOnce(request),
      decide: (request) => this.#method.decide(request),
    };
    this.#tokens = source && new TokenAccess({ source, others, clock, log });
    this.#guard = new AttemptGuard(this.#tokens ?? others, { clock, shared: () => this.#counts.hit() });
  }

  /**
   * Goes by another configuration from now on; decisions under way come to their end by the old one. One that says the same about
   * access changes nothing, and forgets no answers.
   * @throws ConfigError for one that cannot be used; the old one stays
   */
  use(config: AccessConfig): void {
    const next = authOf(config);
    if (Bun.deepEquals(next, this.#config, true)) return;
    this.#method = this.#methodOf(next);
    this.#config = next;
    this.#guard.startAnew();
  }

  /** Forgets the keys of tokens: the next token fetches them. Nothing where there are none. */
  refreshJwks(): void {
    if (this.#method instanceof JwtAccess) this.#method.refresh();
  }

  /** Reads the file of tokens again. Nothing where there is none. */
  reloadTokens(): void {
    this.#tokens?.reload();
  }

  /**
   * Passwords that a user of the internal method who comes from `ip` has in the configuration, as far as they are readable there. Whether
   * they help with anything is for {@link decide} to say.
   */
  passwordsOf(user: string, ip: string): readonly string[] {
    const { authMethod, authInternalUsers } = this.#config;
    if (authMethod !== "internal" || user === "any") return [];
    return authInternalUsers
      .filter(
        (each) => each.user === user && each.pass !== "" && !isHashed(each.user) && !isHashed(each.pass),
      )
      .filter(({ ips }) => new NetworkSet(ips).has(ip))
      .map(({ pass }) => pass);
  }

  /** Whether what a client shows is not to be looked at, as it was wrong too often. */
  isLocked(request: Pick<AdmissionRequest, "ip" | "action">): boolean {
    return this.#guard.isLocked(request);
  }

  /** Counts a wrong attempt that was noticed elsewhere, such as in a challenge of RTMP, and gives the answer to it. */
  refuseWrong(request: Pick<AdmissionRequest, "ip" | "action">, message: string): Refusal {
    return this.#counted(request, this.#guard.refuseWrong(request, message));
  }

  /** Its metrics. */
  families(): MetricFamily[] {
    return this.#counts.families();
  }

  /** See {@link Access}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    let answer: Admission | Promise<Admission>;
    try {
      answer = this.#guard.decide(request);
    } catch (error) {
      answer = this.#failed(error);
    }
    if (!(answer instanceof Promise)) return this.#counted(request, answer);
    return answer.then(
      (admission) => this.#counted(request, admission),
      (error: unknown) => this.#counted(request, this.#failed(error)),
    );
  }

  #counted<Answer extends Admission>(request: Pick<AdmissionRequest, "action">, answer: Answer): Answer {
    this.#counts.decided(request.action, resultOf(answer));
    return answer;
  }

  /** A bug of ours lets nobody in. */
  #failed(error: unknown): Admission {
    const trace = error instanceof Error ? error.stack : undefined;
    this.#options.log.error("access could not be decided", { error: messageOf(error), trace });
    return refuse("unavailable", "access could not be decided");
  }

  #methodOf(config: AccessConfig): Judge {
    const { clock } = this.#options;
    switch (config.authMethod) {
      case "internal":
        return new InternalAccess(config.authInternalUsers, { argon2: this.#argon2, clock });
      case "http":
        return new HttpAccess({
          address: config.authHTTPAddress,
          fingerprint: config.authHTTPFingerprint,
          form: config.authHTTPForm,
          exclude: config.authHTTPExclude,
          clock,
          counts: this.#counts,
        });
      case "jwt":
        return new JwtAccess({
          jwks: config.authJWTJWKS,
          fingerprint: config.authJWTJWKSFingerprint,
          claimKey: config.authJWTClaimKey,
          issuer: config.authJWTIssuer,
          audience: config.authJWTAudience,
          isInHttpQuery: config.authJWTInHTTPQuery,
          exclude: config.authJWTExclude,
          clock,
        });
    }
  }
}

/** A whole configuration without what does not concern access. */
const authOf = (config: AccessConfig): AccessConfig => ({
  authMethod: config.authMethod,
  authInternalUsers: config.authInternalUsers,
  authHTTPAddress: config.authHTTPAddress,
  authHTTPFingerprint: config.authHTTPFingerprint,
  authHTTPForm: config.authHTTPForm,
  authHTTPExclude: config.authHTTPExclude,
  authJWTJWKS: config.authJWTJWKS,
  authJWTJWKSFingerprint: config.authJWTJWKSFingerprint,
  authJWTClaimKey: config.authJWTClaimKey,
  authJWTExclude: config.authJWTExclude,
  authJWTIssuer: config.authJWTIssuer,
  authJWTAudience: config.authJWTAudience,
  authJWTInHTTPQuery: config.authJWTInHTTPQuery,
});
