import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import type { HttpTls } from "../../src/http/listening.ts";
import type { Resource } from "../../src/http/resource.ts";
import { HttpServer, type HttpServerOptions } from "../../src/http/server.ts";
import { needsTool } from "../base/tool.ts";
import { Certificate } from "../e2e/harness/certificate.ts";

const who: Resource = {
  path: "/who",
  methods: { GET: (_, { client, scheme }) => Response.json({ ip: client.ip, scheme }) },
};

const open = (more: Partial<HttpServerOptions>): HttpServer =>
  new HttpServer({
    address: { host: "127.0.0.1", port: 0 },
    resources: [who],
    clock: systemClock,
    log: silentLogger,
    ...more,
  });

describe("a server on a Unix socket", () => {
  const inDirectory = async (run: (socket: string) => Promise<void>): Promise<void> => {
    const directory = mkdtempSync(join(tmpdir(), "http-"));
    try {
      await run(join(directory, "api.sock"));
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  test("answers there, to somebody on this machine, and takes its socket along when it goes", () =>
    inDirectory(async (unix) => {
      const server = open({ address: { unix } });
      try {
        expect(server.port).toBe(0);
        const answer = await fetch("http://localhost/who", { unix });
        expect(await answer.json()).toEqual({ ip: "127.0.0.1", scheme: "http" });
      } finally {
        await server.stop(0);
      }
      expect(existsSync(unix)).toBe(false);
    }));

  needsTool("openssl")("keeps its socket when it gets another certificate", async () => {
    await inDirectory(async (unix) => {
      using certificate = await Certificate.make();
      const tls = await pairOf(certificate);
      const server = open({ address: { unix }, tls });
      const ask = async (): Promise<number> =>
        (await fetch("https://127.0.0.1/who", { unix, tls: { ca: tls.cert }, keepalive: false })).status;
      try {
        expect(await ask()).toBe(200);
        server.renew(tls);
        expect([existsSync(unix), await ask()]).toEqual([true, 200]);
      } finally {
        await server.stop(100);
      }
    });
  });

  test("replaces the socket of a server that died, and nothing else", () =>
    inDirectory(async (unix) => {
      const code = `Bun.serve({unix:${JSON.stringify(unix)},fetch:()=>new Response()});process.kill(process.pid,"SIGKILL")`;
      Bun.spawnSync([process.execPath, "-e", code]);
      expect(existsSync(unix)).toBe(true);
      await open({ address: { unix } }).stop(0);
      writeFileSync(unix, "precious");
      expect(() => open({ address: { unix } })).toThrow(
        `cannot listen for HTTP on unix://${unix}: there is something else of that name`,
      );
      expect(await Bun.file(unix).text()).toBe("precious");
    }));
});

const pairOf = async (certificate: Certificate): Promise<HttpTls> => ({
  cert: await Bun.file(certificate.cert).text(),
  key: await Bun.file(certificate.key).text(),
});

needsTool("openssl")(
  "a server of HTTPS shows another certificate from one connection to the next",
  async () => {
    using first = await Certificate.make();
    using second = await Certificate.make();
    const server = open({ tls: await pairOf(first) });
    try {
      const ask = async (certificate: Certificate): Promise<unknown> => {
        const tls = { ca: await Bun.file(certificate.cert).text() };
        return (await fetch(`https://127.0.0.1:${server.port}/who`, { tls, keepalive: false })).json();
      };
      const { port } = server;
      expect(await ask(first)).toEqual({ ip: "127.0.0.1", scheme: "https" });
      await expect(ask(second)).rejects.toThrow();
      server.renew(await pairOf(second));
      expect(server.port).toBe(port);
      expect(await ask(second)).toEqual({ ip: "127.0.0.1", scheme: "https" });
      await expect(ask(first)).rejects.toThrow();
      expect(() => server.renew({ cert: "nonsense", key: "nonsense" })).toThrow("cannot listen for HTTP");
      expect(await ask(second)).toEqual({ ip: "127.0.0.1", scheme: "https" });
    } finally {
      await server.stop(100);
    }
  },
);
