import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TempDirectory } from "./directory.ts";
import { Program } from "./program.ts";

// One process, so that one signal ends all of it. Players hear of the end of a stream.
const configuration = (port: number, modulePath: string): string => `
load_module ${modulePath};
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
master_process off;
pid nginx.pid;
error_log errors.log info;
events {}
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    application live { live on; publish_notify on; }
  }
}
`;

const modulePath = (): string => {
  const built = Bun.spawnSync(["nginx", "-V"]).stderr.toString();
  const folder = /--modules-path=(\S+)/.exec(built)?.[1] ?? "/usr/lib/nginx/modules";
  const path = join(folder, "ngx_rtmp_module.so");
  if (!existsSync(path))
    throw new Error(`${path} not found, expected nginx-rtmp (Debian: libnginx-mod-rtmp)`);
  return path;
};

/** How long nginx may take to listen, in milliseconds. */
const startMs = 10_000;

/** nginx with nginx-rtmp on 127.0.0.1, application `live`. */
export class Nginx implements AsyncDisposable {
  readonly port: number;
  readonly #directory = new TempDirectory();
  readonly #program: Program;

  private constructor(port: number) {
    this.port = port;
    writeFileSync(this.#directory.file("nginx.conf"), configuration(port, modulePath()));
    this.#program = new Program([
      "nginx",
      ...["-p", this.#directory.path, "-c", "nginx.conf", "-e", "errors.log"],
    ]);
  }

  /** Starts it and waits until it accepts connections. */
  static async start(port: number): Promise<Nginx> {
    const nginx = new Nginx(port);
    const deadline = performance.now() + startMs;
    while (!(await accepts(port))) {
      if (!nginx.#program.isRunning || performance.now() > deadline) {
        await nginx[Symbol.asyncDispose]();
        throw new Error(`nginx does not listen on port ${port}: ${(await nginx.#program.exit()).err}`);
      }
      await Bun.sleep(20);
    }
    return nginx;
  }

  url(path: string): string {
    return `rtmp://127.0.0.1:${this.port}/${path}`;
  }

  /** Waits until a client is connected that has had time to say what it wants. */
  async client(): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!hasClient(this.port)) {
      if (performance.now() > deadline) throw new Error("nobody connects to nginx");
      await Bun.sleep(20);
    }
    await Bun.sleep(300);
  }

  kill(signal: NodeJS.Signals): void {
    this.#program.kill(signal);
  }

  async exit(): Promise<void> {
    await this.#program.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    this.#directory[Symbol.dispose]();
  }
}

/** True when something accepts connections on the port. */
export const accepts = async (port: number): Promise<boolean> => {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
    socket.end();
    return true;
  } catch {
    return false;
  }
};

/** Whether a connection to the port is established, as the system's table says. Linux. */
const hasClient = (port: number): boolean => {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some(([, address = "", , state]) => address.endsWith(local) && state === "01");
};
