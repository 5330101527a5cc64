import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { Tls } from "../rtmp/io/listener.ts";

/** Reads a PEM file, and has `parse` look whether it holds what it should. */
const readPem = <Value>(
  { flag, file, what }: { flag: string; file: string; what: string },
  parse: (text: string) => Value,
): { text: string; value: Value } => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(`--${flag}: cannot read ${JSON.stringify(file)}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return { text, value: parse(text) };
  } catch (error) {
    throw new ConfigError(`--${flag}: ${JSON.stringify(file)} holds no ${what}, expected one in PEM`, {
      cause: error,
    });
  }
};

/** The certificate and key of RTMPS; undefined where it is off. @throws ConfigError for files that do not hold what they should */
export const readTls = ({ tlsCert, tlsKey }: Config): Tls | undefined => {
  if (!tlsCert || !tlsKey) return undefined;
  const cert = readPem({ flag: "tls-cert", file: tlsCert, what: "certificate" }, (text) => {
    return new X509Certificate(text);
  });
  const key = readPem({ flag: "tls-key", file: tlsKey, what: "private key" }, createPrivateKey);
  if (!cert.value.checkPrivateKey(key.value)) {
    throw new ConfigError(
      `--tls-key: the key in ${JSON.stringify(tlsKey)} belongs to another certificate than that in ${JSON.stringify(tlsCert)}`,
    );
  }
  return { cert: cert.text, key: key.text };
};
