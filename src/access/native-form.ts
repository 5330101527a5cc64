import { appOf, nameOf } from "../base/stream-path.ts";
import {
  allowed,
  type HttpForm,
  maxJsonBytes,
  objectOf,
  type Verdict,
  verdictOfStatus,
} from "./http-form.ts";

/** What an answer may ask for that this server does not do: to let somebody in without it would be wrong. */
const unmet = ["stream_key", "new_url", "redirect", "lifetime_ms", "record", "relay", "limits"];

const refined = (body: string): Verdict => {
  if (body.trim() === "") return allowed;
  const answer = objectOf(body);
  if (!answer) return { kind: "unusable", why: "answered with something else than a JSON object" };
  const { allowed: isAllowed = true, reason = "" } = answer;
  if (typeof isAllowed !== "boolean")
    return { kind: "unusable", why: "answered with an allowed that is neither true nor false" };
  if (typeof reason !== "string") return { kind: "unusable", why: "answered with a reason that is no text" };
  if (!isAllowed) return { kind: "denied", why: "said no", reason };
  const demand = unmet.find((key) => Object.hasOwn(answer, key));
  return demand === undefined
    ? allowed
    : { kind: "unusable", why: `answered with ${demand}, which is not supported` };
};

/** Our own: JSON; a success is a yes unless its body, a JSON object, says `"allowed": false`, and why. */
export const nativeForm: HttpForm = {
  contentType: "application/json",
  maxBytes: maxJsonBytes,
  isNameSecret: false,
  bodyFor: ({ action, id = null, path, query, credentials, ip, port, protocol, userAgent, tcUrl }) =>
    JSON.stringify({
      action: action === "read" ? "play" : action,
      id,
      app: path === undefined ? "" : appOf(path),
      stream_name: path === undefined ? "" : nameOf(path),
      stream_key: path ?? "",
      query,
      user: credentials.user,
      token: credentials.token || credentials.password,
      client_ip: ip,
      client_port: port,
      protocol,
      flash_ver: userAgent,
      tc_url: tcUrl,
    }),
  judge: ({ status, body }) => {
    const verdict = verdictOfStatus(status);
    if (verdict.kind === "allowed") return refined(body);
    const reason = objectOf(body)?.reason;
    return verdict.kind === "denied" && typeof reason === "string" ? { ...verdict, reason } : verdict;
  },
};
