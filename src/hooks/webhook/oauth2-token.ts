import type { Clock } from "../../base/time.ts";
import type { Answer } from "../../outgoing/exchange.ts";
import { type Header, mergeHeaders } from "./header.ts";
import type { Transport } from "./transport.ts";
import type { AuthSettings } from "./webhook-settings.ts";

/** A token, and how long it is good for from when it was asked for. */
export interface Token {
  readonly value: string;
  readonly lifetimeMs: number;
}

/** There is no token, so nothing can be sent. Its message holds no secret. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly code = "OAUTH2";
}

/** For one token, in milliseconds. Whoever waits for it has a timeout of his own. */
const timeoutMs = 10_000;

/** The lifetime of a token whose server does not say. */
const defaultLifetimeMs = 300_000;

/** An answer with a token may be this long, in bytes. */
const maxTokenBytes = 32_768;

/**
 * Asks for a token. The client proves itself in the header, as every server must accept (RFC 6749 2.3.1), and where that is refused
 * in the body, as some insist on.
 * @throws TokenError for a refusal or an answer that is none, and what the transport throws
 */
export const fetchToken = async (
  settings: Extract<AuthSettings, { type: "oauth2" }>,
  { transport, clock }: { transport: Transport; clock: Clock },
): Promise<Token> => {
  const { clientId, clientSecret, scopes, audience, tokenUrl } = settings;
  const form: Record<string, string> = {
    grant_type: "client_credentials",
    ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}),
    ...(audience === undefined ? {} : { audience }),
  };
  const end = new AbortController();
  const cancel = clock.after(timeoutMs, () => end.abort());
  const post = (fields: Record<string, string>, headers: readonly Header[]): Promise<Answer> =>
    transport.send(
      {
        url: new URL(tokenUrl),
        method: "POST",
        headers: mergeHeaders(formHeaders, headers),
        body: Buffer.from(new URLSearchParams(fields).toString()),
        keptBytes: maxTokenBytes,
      },
      end.signal,
    );
  try {
    const first = await post(form, [["Authorization", clientHeader(clientId, clientSecret)]]);
    const isRefused = first.status === 401 || first.status === 400;
    return tokenOf(
      isRefused ? await post({ ...form, client_id: clientId, client_secret: clientSecret }, []) : first,
    );
  } catch (error) {
    throw end.signal.aborted ? new TokenError("token was not fetched in time") : error;
  } finally {
    cancel();
  }
};

const formHeaders: readonly Header[] = [
  ["Content-Type", "application/x-www-form-urlencoded"],
  ["Accept", "application/json"],
];

/** Both parts are written as in a form before they are joined. */
const clientHeader = (id: string, secret: string): string => {
  const plain = (text: string): string => new URLSearchParams({ "": text }).toString().substring(1);
  return `Basic ${Buffer.from(`${plain(id)}:${plain(secret)}`).toString("base64")}`;
};

/** What servers say by the protocol. Anything else may be anything, a secret too, and is not repeated. */
const protocolErrors = [
  ...["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"],
  ...["invalid_scope", "invalid_target", "access_denied", "server_error", "temporarily_unavailable"],
];

const tokenOf = ({ status, head, broken }: Answer): Token => {
  const answer = objectOf(new TextDecoder().decode(head));
  if (status < 200 || status >= 300) {
    const word = protocolErrors.find((known) => known === answer.error);
    throw new TokenError(`token refused with status ${status}${word ? `, ${word}` : ""}`);
  }
  if (broken) throw new TokenError("answer with the token broke off");
  const { access_token: value, token_type: type, expires_in: seconds } = answer;
  if (typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value))
    throw new TokenError("answer has no access_token that can be sent");
  if (type !== undefined && String(type).toLowerCase() !== "bearer")
    throw new TokenError("token is of another type, expected bearer");
  const lifetimeMs = Number(seconds) * 1_000;
  return { value, lifetimeMs: seconds !== undefined && lifetimeMs > 0 ? lifetimeMs : defaultLifetimeMs };
};

const objectOf = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};
