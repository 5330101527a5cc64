import type { Access, Admission, AdmissionRequest } from "../stream/admission.ts";

/** Somebody who decides, and knows what takes no asking. */
export interface Judge extends Access {
  /** What can be said at once: undefined where a server would have to be asked, a digest verified. */
  atOnce(request: AdmissionRequest): Admission | undefined;
}

/**
 * What stands for a question: everything that may matter for its answer, and not what differs with each connection. Holds secrets: to be
 * named by a `SecretKey`.
 */
export const partsOf = (request: AdmissionRequest): string[] => {
  const { action, path, ip, protocol, credentials, query, userAgent, tcUrl } = request;
  const { user, password, token } = credentials;
  return [action, path ?? "", ip, protocol, user, password, token, query, userAgent, tcUrl];
};
