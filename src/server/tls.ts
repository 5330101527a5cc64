import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";
import type { Tls } from "../rtmp/io/listener.ts";
import type { RunConfig } from "./run-config.ts";

/** Reads a PEM file, and has `parse` look whether it holds what it should. */
const readPem = <Value>(
  { server, faultAt }: RunConfig,
  { key, what }: { key: "rtmpServerCert" | "rtmpServerKey"; what: string },
  parse: (text: string) => Value,
): { text: string; value: Value } => {
  const file = server[key];
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigError(faultAt([key], `cannot read ${JSON.stringify(file)}: ${messageOf(error)}`), {
      cause: error,
    });
  }
  try {
    return { text, value: parse(text) };
  } catch (error) {
    throw new ConfigError(faultAt([key], `${JSON.stringify(file)} holds no ${what}, expected one in PEM`), {
      cause: error,
    });
  }
};

/** The certificate and key of RTMPS; undefined where it is off. @throws ConfigError for files that do not hold what they should */
export const readTls = (config: RunConfig): Tls | undefined => {
  const { server, faultAt } = config;
  if (!server.rtmp || server.rtmpEncryption === "no") return undefined;
  const cert = readPem(config, { key: "rtmpServerCert", what: "certificate" }, (text) => {
    return new X509Certificate(text);
  });
  const key = readPem(config, { key: "rtmpServerKey", what: "private key" }, createPrivateKey);
  if (!cert.value.checkPrivateKey(key.value)) {
    const [its, other] = [server.rtmpServerKey, server.rtmpServerCert].map((file) => JSON.stringify(file));
    throw new ConfigError(
      faultAt(["rtmpServerKey"], `the key in ${its} belongs to another certificate than that in ${other}`),
    );
  }
  return { cert: cert.text, key: key.text };
};
