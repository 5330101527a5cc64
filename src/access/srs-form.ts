import { appOf, nameOf } from "../base/stream-path.ts";
import { allowed, type HttpForm, maxJsonBytes, objectOf, verdictOfStatus } from "./http-form.ts";

/** SRS knows streams only. */
const actions: Readonly<Record<string, string>> = {
  publish: "on_publish",
  read: "on_play",
  playback: "on_play",
};

/** The one that SRS has without any being configured. */
const vhost = "__defaultVhost__";

/** That of `on_publish` and `on_play` of SRS: yes is status 200 or 201 together with the body `0` or `{"code":0}`. */
export const srsForm: HttpForm = {
  contentType: "application/json",
  maxBytes: maxJsonBytes,
  isNameSecret: true,
  bodyFor: ({ action, path, id = "", ip, tcUrl, query }) => {
    const name = actions[action];
    if (name === undefined || path === undefined) return undefined;
    return JSON.stringify({
      action: name,
      client_id: id,
      ip,
      vhost,
      app: appOf(path),
      tcUrl,
      stream: nameOf(path),
      param: query === "" ? "" : `?${query}`,
      ...(name === "on_play" ? { pageUrl: "" } : {}),
      stream_url: `/${path}`,
      stream_id: "",
    });
  },
  judge: ({ status, body }) => {
    if (status !== 200 && status !== 201) {
      const verdict = verdictOfStatus(status);
      return verdict.kind === "allowed"
        ? { kind: "unusable", why: `answered with status ${status}, expected 200 or 201` }
        : verdict;
    }
    const text = body.trim();
    const code = /^-?\d{1,9}$/.test(text) ? Number(text) : objectOf(text)?.code;
    if (code === 0) return allowed;
    return typeof code === "number"
      ? { kind: "denied", why: "answered with a code", reason: String(code) }
      : { kind: "unusable", why: 'answered with something else than a code such as 0 or {"code":0}' };
  },
};
