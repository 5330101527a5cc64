import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { TempDirectory } from "./directory.ts";
import { freePort } from "./port.ts";
import { Program } from "./program.ts";
import { until } from "./until.ts";

const script = join(import.meta.dir, "../../../node_modules/s3rver/bin/s3rver.js");

/** Lists in several pages need a cipher that OpenSSL calls old. */
const command = ["node", "--openssl-legacy-provider", script];

/** An S3 server on 127.0.0.1 with one bucket, which may be stopped and started again at the same port. */
export class S3Server implements AsyncDisposable {
  readonly bucket = "recordings";
  readonly #port = freePort();
  readonly #directory = new TempDirectory();
  #program: Program | undefined;

  /** Starts it, and waits until it answers. */
  static async open(): Promise<S3Server> {
    const server = new S3Server();
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    this.#program = new Program([
      ...command,
      ...["-d", this.#directory.path, "-a", "127.0.0.1", "-p", String(this.#port), "--silent"],
      ...["--configure-bucket", this.bucket],
    ]);
    await until(
      () =>
        fetch(this.#url).then(
          () => true,
          () => false,
        ),
      (answers) => answers,
    );
  }

  async stop(): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }

  /** What a client has to know. */
  get options(): Readonly<Record<"endpoint" | "accessKeyId" | "secretAccessKey", string>> {
    return { endpoint: this.#url, accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  }

  /** The same in its environment. */
  get env(): Readonly<Record<string, string>> {
    const { endpoint, accessKeyId, secretAccessKey } = this.options;
    return { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey };
  }

  /** Keys of all objects, in order. */
  get keys(): string[] {
    const folder = join(this.#directory.path, this.bucket);
    mkdirSync(folder, { recursive: true });
    const ending = "._S3rver_object";
    const files = existsSync(folder) ? [...new Glob(`**/*${ending}`).scanSync(folder)] : [];
    return files.map((name) => name.substring(0, name.length - ending.length)).toSorted();
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#directory[Symbol.dispose]();
  }
}
