import { afterAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../../src/base/errors.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { Certificates, certificateFiles } from "../../src/server/certificates.ts";
import type { RunConfig } from "../../src/server/run-config.ts";

const folder = mkdtempSync(join(tmpdir(), "rtmp-server-certificates-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);

for (const name of ["one", "two"])
  Bun.spawnSync([
    ..."openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split(" "),
    ...["-keyout", file(`${name}.key`), "-out", file(`${name}.crt`)],
  ]);

/** Puts a certificate where the server looks for its own. */
const put = (name: string): void => {
  for (const end of ["key", "crt"]) copyFileSync(file(`${name}.${end}`), file(`server.${end}`));
};

const configOf = (...flags: string[]): RunConfig =>
  readConfig(
    readServerFlags([
      ...["--rtmp-encryption", "optional", "--rtmp-server-cert", file("server.crt")],
      ...["--rtmp-server-key", file("server.key"), ...flags],
    ]),
    { environment: {} },
  );

const text = (name: string): string => readFileSync(file(name), "utf8");

describe("certificates", () => {
  test("stay as they were read, whatever lies there now, until they are renewed", () => {
    put("one");
    const certificates = new Certificates();
    const shown = (): string => certificates.of(configOf(), "rtmp").cert;
    expect(shown()).toBe(text("one.crt"));
    writeFileSync(file("server.crt"), "half a file");
    expect(shown()).toBe(text("one.crt"));
    expect(() => certificates.renew(configOf())).toThrow(ConfigError);
    expect(shown()).toBe(text("one.crt"));
    put("two");
    certificates.renew(configOf());
    expect(shown()).toBe(text("two.crt"));
  });

  test("are read where their files are others, and anew where they were not in use meanwhile", () => {
    put("one");
    const certificates = new Certificates();
    const others = configOf("--rtmp-server-cert", file("two.crt"), "--rtmp-server-key", file("two.key"));
    expect(certificates.of(configOf(), "rtmp").cert).toBe(text("one.crt"));
    expect(certificates.of(others, "rtmp").cert).toBe(text("two.crt"));
    certificates.settle(others);
    put("two");
    expect(certificates.of(configOf(), "rtmp").cert).toBe(text("two.crt"));
  });

  test("that have to be read and are none are told with their key", () => {
    writeFileSync(file("server.crt"), "no certificate");
    expect(() => new Certificates().of(configOf(), "rtmp")).toThrow(
      /rtmp-?server-?cert.*holds no certificate/i,
    );
  });

  test("have files that are watched while they are in use", () => {
    const own = [file("server.crt"), file("server.key")];
    const pages = ["--api-encryption", "--api-server-cert", "a.crt", "--api-server-key", "a.key"];
    expect(certificateFiles(configOf(...pages))).toEqual([...own, "a.crt", "a.key"]);
    expect(certificateFiles(configOf("--rtmp-encryption", "no"))).toEqual([]);
  });
});
