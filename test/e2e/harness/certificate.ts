import { TempDirectory } from "./directory.ts";
import { run } from "./program.ts";

/** A self-signed certificate for 127.0.0.1 and its key, in files that go when it is disposed of. */
export class Certificate implements Disposable {
  readonly #directory = new TempDirectory();
  readonly cert = this.#directory.file("cert.pem");
  readonly key = this.#directory.file("key.pem");

  /** Has openssl make one. */
  static async make(): Promise<Certificate> {
    const certificate = new Certificate();
    await run([
      ..."openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1".split(" "),
      ...["-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate.cert, "-keyout", certificate.key],
    ]);
    return certificate;
  }

  /** The flags of a server that has it. */
  get flags(): readonly string[] {
    return ["--tls-cert", this.cert, "--tls-key", this.key];
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
  }
}
