import { unreachable } from "../../base/errors.ts";
import type { Clock } from "../../base/time.ts";
import { basicAuthorization } from "../../outgoing/basic-authorization.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Header } from "./header.ts";
import { HmacSignature } from "./hmac-signature.ts";
import { JwtBearer } from "./jwt-bearer.ts";
import { OAuth2Bearer, type TokenCache } from "./oauth2-bearer.ts";
import type { Transport } from "./transport.ts";
import type { AuthSettings } from "./webhook-settings.ts";

/** A header that never changes. */
const fixed = (header: Header): Authenticator => ({ headersFor: () => Promise.resolve([header]) });

/**
 * Makes what `settings` ask for. Tokens are kept in `tokens`, for whoever shares it, and fetched over `transport`.
 * @throws ConfigError for a secret or key that cannot be used
 */
export const authenticatorOf = (
  settings: AuthSettings,
  parts: { readonly clock: Clock; readonly tokens: TokenCache; readonly transport: Transport },
): Authenticator => {
  switch (settings.type) {
    case "api_key":
      return fixed([settings.header, settings.key]);
    case "basic":
      return fixed(["Authorization", basicAuthorization(settings.username, settings.password)]);
    case "hmac":
      return new HmacSignature(settings, parts.clock);
    case "jwt":
      return new JwtBearer(settings, parts.clock);
    case "oauth2":
      return new OAuth2Bearer(settings, parts);
    default:
      return unreachable(settings);
  }
};
