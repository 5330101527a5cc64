import { appOf, nameOf } from "../base/stream-path.ts";
import { type HttpForm, verdictOfStatus } from "./http-form.ts";

/** nginx-rtmp knows streams only. */
const calls: Readonly<Record<string, string>> = { publish: "publish", read: "play", playback: "play" };

/** As PHP and its like tell a field: without blanks in front, up to a bracket. */
const fieldOf = (name: string): string => name.trimStart().split(/[[\0]/, 1)[0] ?? "";

/**
 * That of nginx-rtmp's `on_publish` and `on_play`: a form, with what the client put into its query behind it. A client that names a field
 * of the form there does not get to set it: many receivers believe the last one.
 */
export const nginxRtmpForm: HttpForm = {
  contentType: "application/x-www-form-urlencoded",
  maxBytes: 131_072,
  isNameSecret: true,
  bodyFor: ({ action, path, id = "", ip, tcUrl, userAgent, query }) => {
    const call = calls[action];
    if (call === undefined || path === undefined) return undefined;
    const fields = new URLSearchParams({
      app: appOf(path),
      flashver: userAgent,
      swfurl: "",
      tcurl: tcUrl,
      pageurl: "",
      addr: ip,
      clientid: id,
      call,
      name: nameOf(path),
      ...(call === "publish" ? { type: "live" } : {}),
    });
    const taken = new Set(fields.keys());
    for (const [name, value] of new URLSearchParams(query))
      if (!taken.has(fieldOf(name))) fields.append(name, value);
    return fields.toString();
  },
  judge: ({ status }) => verdictOfStatus(status),
};
