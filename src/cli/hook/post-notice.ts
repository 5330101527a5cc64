import { messageOf, TransportError } from "../../base/errors.ts";
import { hideInUrl } from "../../base/hide-secrets.ts";
import type { Clock } from "../../base/time.ts";
import { version } from "../../base/version.ts";
import { HmacSignature } from "../../hooks/webhook/hmac-signature.ts";
import { Requester } from "../../outgoing/requester.ts";
import { pause } from "../hooks/pause.ts";
import type { Notice, NoticeKind } from "./notice.ts";

/** Where a notice goes. */
export interface NoticeTarget {
  /** Of the orchestrator, without the path of its events. */
  readonly url: string;
  /** Signs the notice; undefined for none. */
  readonly secret: string | undefined;
}

/** Everything together takes no longer, in milliseconds: the server waits for nobody, but a process for each stream would be left. */
const deadlineMs = 5_000;

/** A first answer that does not come leaves time for a second try, in milliseconds. */
const tryMs = 3_000;

/** Before each try, in milliseconds. */
const pausesMs = [0, 1_000, 2_000];

/** Of its answer only the status is of interest. */
const maxAnswerBytes = 1_024;

/** Refusals that may be others the next time; so are all 5xx. */
const passing = [408, 425, 429];

/**
 * Tells an orchestrator, in at most three tries within 5 seconds. All of them bear the same `webhook-id`.
 * @throws TransportError where it has not taken it, without secrets; ConfigError for a URL or a secret that cannot be used
 */
export const postNotice = async (
  { kind, notice }: { kind: NoticeKind; notice: Notice },
  { url, secret }: NoticeTarget,
  clock: Clock,
): Promise<void> => {
  const place = `${url.replace(/\/$/, "")}/v1/mediamtx/events/${kind}`;
  const what = `${kind} of ${JSON.stringify(notice.path)}: ${hideInUrl(place)}`;
  const body = JSON.stringify(notice);
  const id = `msg_${crypto.randomUUID()}`;
  const signature = secret === undefined ? undefined : signatureWith(secret, clock);
  const start = clock.now();
  let tries = 0;
  let why = "";
  for (const pauseMs of pausesMs) {
    const leftMs = start + deadlineMs - clock.now() - pauseMs;
    if (leftMs <= 0) break;
    await pause(pauseMs, { clock, signal: new AbortController().signal });
    tries++;
    const requester = new Requester({ url: place, deadlineMs: Math.min(tryMs, leftMs), clock });
    const proof = (await signature?.headersFor({ id, body: Buffer.from(body) })) ?? [];
    const headers = {
      "User-Agent": `rtmp-server/${version}`,
      "webhook-id": id,
      ...Object.fromEntries(proof),
    };
    try {
      const contentType = "application/json";
      const answer = await requester.ask({
        method: "POST",
        contentType,
        headers,
        body,
        maxBytes: maxAnswerBytes,
      });
      if (answer.status >= 200 && answer.status < 300) return;
      why = `answered ${answer.status}`;
      if (answer.status < 500 && !passing.includes(answer.status))
        throw new TransportError("REJECTED", `${what}: ${why}, expected 2xx`);
    } catch (error) {
      if (!(error instanceof TransportError) || error.code === "REJECTED") throw error;
      why = messageOf(error);
    }
  }
  throw new TransportError("TIMEOUT", `${what}: ${why}, given up at try ${tries}`);
};

/** The same headers as those of webhooks. */
const signatureWith = (secret: string, clock: Clock): HmacSignature =>
  new HmacSignature(
    {
      type: "hmac",
      algorithm: "sha256",
      header: "X-Signature",
      legacySignWith: "current",
      secret,
      previousSecret: undefined,
      previousUntil: undefined,
    },
    clock,
  );
