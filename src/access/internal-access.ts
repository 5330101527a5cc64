import { withDeadline } from "../base/deadline.ts";
import type { Clock } from "../base/time.ts";
import type { InternalUser } from "../config/server/auth-settings.ts";
import type { AccessAction, Admission, AdmissionRequest, Credentials } from "../stream/admission.ts";
import { allow, allowAnybody, askingMs, refuse, showsNothing } from "./answer.ts";
import type { Argon2Verifier } from "./argon2-verifier.ts";
import { NetworkSet } from "./network-set.ts";
import { PermissionSet } from "./permission-set.ts";
import type { Judge } from "./question.ts";
import { type SecretCheck, secretCheckOf } from "./secret-check.ts";

/** A user of the configuration, ready to be compared. */
interface Candidate {
  readonly isAnybody: boolean;
  readonly isUser: SecretCheck;
  /** Undefined where any password will do. */
  readonly isPassword: SecretCheck | undefined;
  readonly networks: NetworkSet;
  readonly permissions: PermissionSet;
}

/**
 * Users that the configuration names, tried in its order: the first whose address, permissions and credentials all fit decides. The
 * answer is there at once unless an argon2 digest has to be verified.
 */
export class InternalAccess implements Judge {
  readonly #candidates: readonly Candidate[];
  readonly #clock: Clock;

  constructor(users: readonly InternalUser[], { argon2, clock }: { argon2: Argon2Verifier; clock: Clock }) {
    this.#clock = clock;
    this.#candidates = users.map(({ user, pass, ips, permissions }) => ({
      isAnybody: user === "any",
      isUser: secretCheckOf(user, argon2),
      isPassword: pass === "" ? undefined : secretCheckOf(pass, argon2),
      networks: new NetworkSet(ips),
      permissions: new PermissionSet(permissions),
    }));
  }

  /** See {@link Judge}. */
  atOnce(request: AdmissionRequest): Admission | undefined {
    const candidates = this.#candidatesFor(request);
    for (const candidate of candidates) {
      const isFitting = fitsAtOnce(candidate, request.credentials);
      if (isFitting === undefined) return undefined;
      if (isFitting) return answerTo(request, candidates, candidate);
    }
    return answerTo(request, candidates, undefined);
  }

  /** See {@link Judge}. */
  decide(request: AdmissionRequest): Admission | Promise<Admission> {
    const candidates = this.#candidatesFor(request);
    const found = findFrom(candidates, 0, request.credentials);
    if (!(found instanceof Promise)) return answerTo(request, candidates, found);
    const inTime = withDeadline(found, { clock: this.#clock, ms: askingMs, what: "argon2" });
    return inTime.then(
      (candidate) => answerTo(request, candidates, candidate),
      () => refuse("unavailable", "the password could not be verified in time"),
    );
  }

  /** Those who may, if they are it. */
  #candidatesFor(request: AdmissionRequest): readonly Candidate[] {
    return this.#candidates.filter(
      ({ networks, permissions }) => permissions.permits(request) && networks.has(request.ip),
    );
  }
}

/** Undefined where a digest has to be verified first. */
const fitsAtOnce = (
  { isAnybody, isUser, isPassword }: Candidate,
  { user, password }: Credentials,
): boolean | undefined => {
  if (isAnybody) return true;
  const isKnown = isUser.atOnce(user);
  return isKnown && isPassword ? isPassword.atOnce(password) : isKnown;
};

const fits = (
  { isAnybody, isUser, isPassword }: Candidate,
  { user, password }: Credentials,
): boolean | Promise<boolean> => {
  if (isAnybody) return true;
  const isKnown = isUser.verify(user);
  const withPassword = (isRight: boolean): boolean | Promise<boolean> =>
    isRight && (isPassword?.verify(password) ?? true);
  return isKnown instanceof Promise ? isKnown.then(withPassword) : withPassword(isKnown);
};

/** The first candidate from `start` on that fits. */
const findFrom = (
  candidates: readonly Candidate[],
  start: number,
  credentials: Credentials,
): Candidate | undefined | Promise<Candidate | undefined> => {
  for (let index = start; index < candidates.length; index++) {
    const candidate = candidates[index];
    if (!candidate) continue;
    const isFitting = fits(candidate, credentials);
    if (isFitting instanceof Promise)
      return isFitting.then((isIt) => (isIt ? candidate : findFrom(candidates, index + 1, credentials)));
    if (isFitting) return candidate;
  }
  return undefined;
};

const answerTo = (
  { action, credentials }: AdmissionRequest,
  candidates: readonly Candidate[],
  found: Candidate | undefined,
): Admission => {
  if (found) return found.isAnybody ? allowAnybody(credentials.user) : allow(credentials.user);
  const isNobodys = candidates.length === 0;
  return showsNothing(credentials)
    ? refuse("missing", isNobodys ? nobody(action) : `user and password are needed to ${action} here`)
    : refuse("denied", isNobodys ? nobody(action) : "wrong user or password");
};

const nobody = (action: AccessAction): string => `no user may ${action} here from this address`;
