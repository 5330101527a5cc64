import { ConfigError } from "./errors.ts";

const prefix = "whsec_";

/** The key that Standard Webhooks mean by a secret. @throws ConfigError for a `whsec_` secret that holds nothing */
export const webhookKeyOf = (secret: string): Uint8Array => {
  if (!secret.startsWith(prefix)) return Buffer.from(secret);
  const text = secret.substring(prefix.length);
  const key = Buffer.from(text, "base64");
  if (key.length === 0 || !/^[A-Za-z0-9+/_-]+=*$/.test(text))
    throw new ConfigError("secret begins with whsec_, expected Base64 behind it");
  return key;
};
