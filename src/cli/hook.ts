import { defineCommand } from "citty";
import { ConfigError } from "../base/errors.ts";
import { systemClock } from "../base/time.ts";
import { readSecret } from "../config/secret.ts";
import type { Environment } from "../config/variables.ts";
import { isHelp, orQuit, show } from "./exit.ts";
import { type NoticeKind, noticeKinds, noticeOf } from "./hook/notice.ts";
import { type NoticeTarget, postNotice } from "./hook/post-notice.ts";

const usage = `rtmp-server hook: tell the stream orchestrator that a stream is ready, or is no longer

Usage: rtmp-server hook ready|not-ready

MediaMTX and rtmp-server run it with what they know of the stream in MTX_PATH, MTX_QUERY, MTX_SOURCE_TYPE and MTX_SOURCE_ID:

  pathDefaults:
    runOnReady: rtmp-server hook ready
    runOnNotReady: rtmp-server hook not-ready

It sends {"path", "query", "sourceType", "sourceId"} to /v1/mediamtx/events/ready or not-ready: at most 3 tries within 5 s, as long as
the answer is none, a 5xx, 408, 425 or 429. The script hooks/mtx-hook does the same with curl.

Environment of the server, which hands it on
  MTX_HOOK_URL     where the orchestrator listens (default http://127.0.0.1:8080)
  MTX_HOOK_SECRET  signs requests as webhooks are signed: a secret, or file:/path of a file that holds it

Exit status: 0 the orchestrator has taken it, 1 it has not, 2 it cannot be told; why is one line on standard error.

Try it
  MTX_PATH=live/test/in MTX_QUERY=lang%3Des MTX_SOURCE_TYPE=rtmpConn MTX_SOURCE_ID=1 rtmp-server hook ready
`;

const defaultUrl = "http://127.0.0.1:8080";

const kindOf = (args: readonly string[]): NoticeKind => {
  const [given, ...more] = args;
  const kind = noticeKinds.find((known) => known === given);
  if (kind === undefined || more.length > 0)
    throw new ConfigError("expected rtmp-server hook ready or rtmp-server hook not-ready");
  return kind;
};

const targetOf = (environment: Environment): NoticeTarget => {
  const url = environment.MTX_HOOK_URL || defaultUrl;
  // What it is, is not shown: a password may stand in it.
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url))
    throw new ConfigError("MTX_HOOK_URL is no URL, expected http[s]://HOST[:PORT]");
  const { MTX_HOOK_SECRET: secret = "" } = environment;
  return { url, secret: secret === "" ? undefined : secretOf(secret) };
};

const secretOf = (given: string): string => {
  try {
    return readSecret(given);
  } catch (error) {
    throw error instanceof ConfigError
      ? new ConfigError(`MTX_HOOK_SECRET: ${error.message}`, { cause: error })
      : error;
  }
};

/** `rtmp-server hook ready|not-ready` */
export const hook = defineCommand({
  meta: { name: "hook", description: "tell the stream orchestrator that a stream is ready, or is no longer" },
  run: ({ rawArgs }) =>
    orQuit(async () => {
      if (isHelp(rawArgs)) return show(usage);
      const kind = kindOf(rawArgs);
      const notice = noticeOf(process.env);
      await postNotice({ kind, notice }, targetOf(process.env), systemClock);
    }),
});
