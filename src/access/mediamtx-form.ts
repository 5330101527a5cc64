import type { AccessProtocol } from "../stream/admission.ts";
import { type HttpForm, verdictOfStatus } from "./http-form.ts";

/** It has no words of its own for what is encrypted. */
const plainNames: Readonly<Partial<Record<AccessProtocol, AccessProtocol>>> = {
  rtmps: "rtmp",
  rtsps: "rtsp",
};

/** MediaMTX's: JSON, its keys in this order; any success is a yes, and what it says is not read. */
export const mediamtxForm: HttpForm = {
  contentType: "application/json",
  maxBytes: 131_072,
  isNameSecret: false,
  bodyFor: ({ ip, credentials, action, path = "", protocol, id = null, query, userAgent }) =>
    JSON.stringify({
      ip,
      user: credentials.user,
      password: credentials.password,
      // A password that is given may be a token.
      token: credentials.password || credentials.token,
      action,
      path,
      protocol: plainNames[protocol] ?? protocol,
      id,
      query,
      userAgent,
    }),
  judge: ({ status }) => verdictOfStatus(status),
};
