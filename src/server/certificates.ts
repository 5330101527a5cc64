import type { Tls } from "../rtmp/io/listener.ts";
import { type CertificateOwner, readCertificate } from "./certificate.ts";
import type { RunConfig } from "./run-config.ts";

/** The keys that name the files of a certificate. */
const filesOf = ({ server }: RunConfig, owner: CertificateOwner): readonly [cert: string, key: string] => [
  server[`${owner}ServerCert`],
  server[`${owner}ServerKey`],
];

/** Who of a configuration has a certificate in use. */
const ownersIn = ({ server }: RunConfig): CertificateOwner[] => {
  const owners: CertificateOwner[] = [];
  if (server.rtmp && server.rtmpEncryption !== "no") owners.push("rtmp");
  if (server.rtsp && server.rtspEncryption !== "no") owners.push("rtsp");
  for (const owner of ["api", "metrics", "pprof", "playback", "hls"] as const)
    if (server[owner] && server[`${owner}Encryption`]) owners.push(owner);
  return owners;
};

/** The files of all certificates that are in use. */
export const certificateFiles = (config: RunConfig): readonly string[] =>
  ownersIn(config).flatMap((owner) => filesOf(config, owner));

/**
 * The certificates of a server, as they were read last. A change of the configuration reads files only that were not in use before: one
 * that is damaged, or half written, must not stand in the way of everything else.
 */
export class Certificates {
  /** By the names of their files. */
  #kept = new Map<string, Tls>();

  /** The certificate of an owner. @throws ConfigError for files that have to be read, and do not hold what they should */
  of(config: RunConfig, owner: CertificateOwner): Tls {
    const name = nameOf(config, owner);
    const known = this.#kept.get(name);
    if (known) return known;
    const read = readCertificate(config, owner);
    this.#kept.set(name, read);
    return read;
  }

  /** Reads all files in use again. @throws ConfigError for files that do not hold what they should; then all certificates stay */
  renew(config: RunConfig): void {
    this.#kept = new Map(
      ownersIn(config).map((owner) => [nameOf(config, owner), readCertificate(config, owner)]),
    );
  }

  /** This configuration is in force: forgets what it does not use, so that it is read again should it come back. */
  settle(config: RunConfig): void {
    const used = new Set(ownersIn(config).map((owner) => nameOf(config, owner)));
    for (const name of this.#kept.keys()) if (!used.has(name)) this.#kept.delete(name);
  }
}

const nameOf = (config: RunConfig, owner: CertificateOwner): string => filesOf(config, owner).join("\n");
