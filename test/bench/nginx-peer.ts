import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "./target.ts";

const moduleName = "ngx_rtmp_module.so";

const hardFileLimit = (): number => {
  const limit = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
  return Number(limit ?? 65536);
};

/** One worker, no logs, the default relay settings: what most installations run. */
const configuration = (port: number, modulePath: string): string => `
load_module ${modulePath};
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
worker_rlimit_nofile ${Math.min(hardFileLimit(), 65536)};
pid nginx.pid;
error_log errors.log crit;
events { worker_connections 8192; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    chunk_size 4096;
    application live { live on; }
  }
}
`;

/** nginx with nginx-rtmp as distributions package it, or the reason why it cannot take part. */
export const nginxPeer = (): Target | { readonly missing: string } => {
  const nginx = Bun.which("nginx", { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` });
  if (!nginx) return { missing: "nginx not found (Debian: apt-get install nginx libnginx-mod-rtmp)" };
  const built = Bun.spawnSync([nginx, "-V"]).stderr.toString();
  const folder = /--modules-path=(\S+)/.exec(built)?.[1] ?? "/usr/lib/nginx/modules";
  const modulePath = join(folder, moduleName);
  if (!existsSync(modulePath))
    return { missing: `${modulePath} not found (Debian: apt-get install libnginx-mod-rtmp)` };
  return {
    name: "nginx-rtmp",
    command: ({ port, directory }) => {
      writeFileSync(join(directory, "nginx.conf"), configuration(port, modulePath));
      return [nginx, "-p", directory, "-c", "nginx.conf", "-e", "errors.log"];
    },
  };
};
