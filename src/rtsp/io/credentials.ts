import { splitAddress } from "../../base/host-port.ts";
import type { AccessAction, Admission, AdmissionRequest } from "../../stream/admission.ts";
import { credentialsOfQuery } from "../../stream/credentials.ts";
import type { Peer } from "../../stream/event.ts";
import { basicCredentials, challenges } from "../auth.ts";
import { type AuthHeader, parseAuthHeader } from "../auth-header.ts";
import { digestClaim, isDigestOf, Nonces } from "../digest.ts";
import type { HeaderField } from "../headers.ts";
import type { RtspRequest } from "../message.ts";
import type { StreamName } from "./request-name.ts";
import type { RtspContext } from "./session-context.ts";

/** What clients show next to where user and password are asked for. */
const realm = "rtmp-server";

/** How long a digest may be made with the same nonce, in milliseconds: as long as clients like to keep it. */
const nonceAgeMs = 3_600_000;

/** One secret for all connections: clients come back with a nonce from another. */
const nonces = new Nonces(crypto.getRandomValues(new Uint8Array(32)), nonceAgeMs);

/** What somebody wants, as far as access is concerned. */
export interface AccessOrder {
  readonly action: AccessAction;
  readonly name: StreamName;
  /** Of the connection or the session that asks. */
  readonly id: string;
  readonly peer: Peer;
}

type Attempt = Pick<AdmissionRequest, "ip" | "action">;

/** What a client shows of who it is. */
type Shown =
  | { readonly kind: "nothing" }
  | { readonly kind: "known"; readonly user: string; readonly password: string }
  /** A digest that was right once; the client has the password, and may try again. */
  | { readonly kind: "stale" }
  | { readonly kind: "wrong" };

/** Asks on behalf of clients whether they may do what they want, by what their requests show of who they are. */
export class Credentials {
  readonly #context: RtspContext;
  #isStale = false;

  constructor(context: RtspContext) {
    this.#context = context;
  }

  /** See {@link RtspContext.access}. */
  decide(request: RtspRequest, order: AccessOrder): Admission | Promise<Admission> {
    const { access, passwords } = this.#context;
    const { name, peer } = order;
    const { ip, port } = splitAddress(peer.remote);
    const shown = this.#shownBy(request, { action: order.action, ip });
    this.#isStale = shown.kind === "stale";
    const { user, password } = shown.kind === "known" ? shown : { user: "", password: "" };
    const asked: AdmissionRequest = {
      action: order.action,
      path: name.path,
      ip,
      port,
      protocol: peer.kind === "rtspsSession" ? "rtsps" : "rtsp",
      id: order.id,
      credentials: { user, password, token: credentialsOfQuery(name.query).token },
      query: name.query,
      userAgent: request.headers.get("User-Agent") ?? "",
      tcUrl: "",
    };
    if (shown.kind === "stale")
      return { isAllowed: false, reason: "missing", message: "the digest is too old", delayMs: 0 };
    if (shown.kind === "wrong" && passwords)
      return passwords.refuseWrong(asked, "authentication failed: wrong user or password");
    return access.decide(asked);
  }

  /** What asks a client to show who it is. */
  challenges(): HeaderField[] {
    const { options, clock } = this.#context;
    const methods = options.authMethods.filter((method) => method === "basic" || this.#mayDigest);
    return challenges({
      methods,
      realm,
      nonce: nonces.issue(clock.date().getTime()),
      isStale: this.#isStale,
    }).map((value) => ["WWW-Authenticate", value]);
  }

  /** Whether a request shows anything of who makes it. */
  areShown(request: RtspRequest): boolean {
    return request.headers.get("Authorization") !== undefined || /[?&](?:token|jwt)=/.test(request.url);
  }

  get #mayDigest(): boolean {
    return this.#context.passwords !== undefined && this.#context.options.authMethods.includes("digest");
  }

  #shownBy(request: RtspRequest, attempt: Attempt): Shown {
    const text = request.headers.get("Authorization");
    const header = text === undefined ? undefined : parseAuthHeader(text);
    if (!header) return { kind: "nothing" };
    const basic = basicCredentials(header);
    if (basic)
      return this.#context.options.authMethods.includes("basic")
        ? { kind: "known", ...basic }
        : { kind: "nothing" };
    return this.#mayDigest ? this.#digestBy(request, header, attempt) : { kind: "nothing" };
  }

  #digestBy({ method, url }: RtspRequest, header: AuthHeader, attempt: Attempt): Shown {
    const claim = digestClaim(header);
    if (!claim) return { kind: "nothing" };
    const age = nonces.check(claim.nonce, this.#context.clock.date().getTime());
    const { passwords } = this.#context;
    const known =
      passwords && !passwords.isLocked(attempt) ? passwords.passwordsOf(claim.user, attempt.ip) : [];
    const password = known.find((each) => isDigestOf(header, { password: each, realm, method, url }));
    if (password === undefined || age === "unknown") return { kind: "wrong" };
    return age === "stale" ? { kind: "stale" } : { kind: "known", user: claim.user, password };
  }
}
