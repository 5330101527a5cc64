import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError, messageOf } from "../base/errors.ts";
import type { Tls } from "../rtmp/io/listener.ts";
import type { RunConfig } from "./run-config.ts";

/** Whoever has a certificate of its own: the first part of the keys that name its files. */
export type CertificateOwner = "rtmp" | "rtsp" | "api" | "metrics" | "pprof" | "playback" | "hls";

/** The keys that name the files of a certificate. */
const keysOf = <Owner extends CertificateOwner>(
  owner: Owner,
): { cert: `${Owner}ServerCert`; key: `${Owner}ServerKey` } => ({
  cert: `${owner}ServerCert`,
  key: `${owner}ServerKey`,
});

/** Reads a PEM file, and has `parse` look whether it holds what it should. */
const readPem = <Value>(
  { server, faultAt }: RunConfig,
  { key, what }: { key: `${CertificateOwner}Server${"Cert" | "Key"}`; what: string },
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

/** The certificate and key of a server as they are on the disk now. @throws ConfigError for files that do not hold what they should */
export const readCertificate = (config: RunConfig, owner: CertificateOwner): Tls => {
  const { server, faultAt } = config;
  const keys = keysOf(owner);
  const cert = readPem(config, { key: keys.cert, what: "certificate" }, (text) => new X509Certificate(text));
  const key = readPem(config, { key: keys.key, what: "private key" }, createPrivateKey);
  if (!cert.value.checkPrivateKey(key.value)) {
    const [its, other] = [server[keys.key], server[keys.cert]].map((file) => JSON.stringify(file));
    throw new ConfigError(
      faultAt([keys.key], `the key in ${its} belongs to another certificate than that in ${other}`),
    );
  }
  return { cert: cert.text, key: key.text };
};
