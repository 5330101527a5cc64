import { parseStreamPath } from "../../src/base/stream-path.ts";
import type { AdmissionRequest, Credentials } from "../../src/stream/admission.ts";
import { noCredentials } from "../../src/stream/credentials.ts";

/** What a request can be made to differ in. */
export type RequestChanges = Partial<Omit<AdmissionRequest, "path" | "credentials">> & {
  readonly path?: string | undefined;
  readonly credentials?: Partial<Credentials>;
};

/** Somebody at 203.0.113.5 wants to publish live/cam1, and shows nothing. */
export const sampleRequest = ({
  path = "live/cam1",
  credentials,
  ...changes
}: RequestChanges = {}): AdmissionRequest => ({
  action: "publish",
  ip: "203.0.113.5",
  port: 50_000,
  protocol: "rtmp",
  id: "6f1b0a52-7f2e-4f0a-8f4e-0c5a1f1d2e3f",
  query: "",
  userAgent: "FMLE/3.0",
  tcUrl: "rtmp://server/live",
  ...changes,
  path: parseStreamPath(path),
  credentials: { ...noCredentials, ...credentials },
});

/** The same for what is about no path. */
export const adminRequest = (changes: RequestChanges = {}): AdmissionRequest => ({
  ...sampleRequest({ action: "api", protocol: "", id: undefined, tcUrl: "", ...changes }),
  path: undefined,
});
