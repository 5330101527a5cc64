import { afterAll, describe, expect, spyOn, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { TransportError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import type { Tls } from "../../src/rtmp/io/listener.ts";
import { Sessions } from "../../src/rtmp/io/sessions.ts";
import { RtmpPorts } from "../../src/server/rtmp-ports.ts";
import { openAccess } from "../../src/stream/admission.ts";
import { EventHub } from "../../src/stream/event.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { until } from "../hostile/house.ts";
import { sampleSessionOptions } from "../rtmp/io/session-options.ts";

const folder = mkdtempSync(join(tmpdir(), "rtmp-server-ports-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A certificate for a name. */
const certificate = (name: string): Tls => {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const args = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${name}`];
  Bun.spawnSync(["openssl", "req", ...args, "-keyout", key, "-out", cert], { stderr: "ignore" });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
};

const [first, second] = [certificate("first"), certificate("second")];

class Harbour implements Disposable {
  readonly events = new EventHub();
  readonly sessions: Sessions;
  readonly ports: RtmpPorts;

  constructor() {
    const { events } = this;
    const rules = { optionsOf: () => defaultStreamOptions, maxPublishers: 0 };
    this.sessions = new Sessions({
      options: sampleSessionOptions,
      access: openAccess,
      registry: new Registry({ rules, clock: systemClock, events }),
      events,
      clock: systemClock,
      log: silentLogger,
    });
    this.ports = new RtmpPorts(this.sessions);
  }

  /** Connects by TCP and waits until the server has seen it. */
  async connect(port: number) {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
    const remote = `127.0.0.1:${socket.localPort}`;
    const isSeen = (): boolean => [...this.sessions.all].some(({ peer }) => peer.remote === remote);
    await until(isSeen, "the session");
    return socket;
  }

  [Symbol.dispose](): void {
    this.ports.close();
    this.sessions.close();
    this.sessions.cut();
  }
}

const local = (port = 0) => ({ host: "127.0.0.1", port });

/** The name in the certificate that a port shows. */
const nameAt = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });

describe("ports", () => {
  test("that stay as they are stay open", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply({ rtmp: local(), rtmps: undefined });
    const port = ports.port("rtmp")!;
    await harbour.connect(port);
    ports.apply({ rtmp: local(), rtmps: undefined });
    expect([ports.port("rtmp"), harbour.sessions.size]).toEqual([port, 1]);
  });

  test("that move keep their sessions, and answer at the new place only", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply({ rtmp: local(), rtmps: undefined });
    const old = ports.port("rtmp")!;
    await harbour.connect(old);
    ports.apply({ rtmp: { host: "localhost", port: 0 }, rtmps: undefined });
    expect(ports.port("rtmp")).not.toBe(old);
    await harbour.connect(ports.port("rtmp")!);
    expect(harbour.sessions.size).toBe(2);
    expect(harbour.connect(old)).rejects.toThrow();
  });

  test("that cannot be had leave everything as it was", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    ports.apply({ rtmp: local(), rtmps: { address: local(), tls: first } });
    const before = [ports.port("rtmp"), ports.port("rtmps")];
    await harbour.connect(before[0]!);
    expect(() => ports.apply({ rtmp: undefined, rtmps: { address: local(taken.port), tls: first } })).toThrow(
      TransportError,
    );
    expect([ports.port("rtmp"), ports.port("rtmps")]).toEqual(before);
    await harbour.connect(before[0]!);
    expect(await nameAt(before[1]!)).toBe("first");
    ports.apply({ rtmp: local(), rtmps: { address: local(), tls: first } });
    expect([ports.port("rtmp"), ports.port("rtmps")]).toEqual(before);
  });

  test("that the system chose are the same when their address comes back", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    const both = { rtmp: local(), rtmps: { address: local(), tls: first } };
    ports.apply(both);
    const before = [ports.port("rtmp"), ports.port("rtmps")];
    ports.apply({ rtmp: { host: "localhost", port: 0 }, rtmps: undefined });
    ports.apply(both);
    expect([ports.port("rtmp"), ports.port("rtmps")]).toEqual(before);
  });

  test("move to other interfaces of the same port", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply({ rtmp: local(), rtmps: undefined });
    const port = ports.port("rtmp")!;
    await harbour.connect(port);
    ports.apply({ rtmp: { host: "", port }, rtmps: undefined });
    await harbour.connect(port);
    expect([ports.port("rtmp"), harbour.sessions.size]).toEqual([port, 2]);
  });

  test("are never closed for one that cannot be had", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    ports.apply({ rtmp: local(), rtmps: undefined });
    const port = ports.port("rtmp")!;
    // A backlog that was closed and opened again has lost who waits in it.
    const waiting = Promise.all(Array.from({ length: 5 }, () => harbour.connect(port)));
    expect(() => ports.apply({ rtmp: local(taken.port), rtmps: undefined })).toThrow(TransportError);
    await waiting;
    expect(harbour.sessions.size).toBe(5);
  });

  test("that are no longer wished for end their sessions, and nobody else's", async () => {
    using harbour = new Harbour();
    const { ports, sessions } = harbour;
    ports.apply({ rtmp: local(), rtmps: { address: local(), tls: first } });
    await harbour.connect(ports.port("rtmp")!);
    await harbour.connect(ports.port("rtmps")!);
    ports.apply({ rtmp: undefined, rtmps: { address: local(), tls: first } });
    expect(ports.port("rtmp")).toBeUndefined();
    await until(() => sessions.size === 1, "the end of the plain one");
    expect([...sessions.all].map(({ peer }) => peer.kind)).toEqual(["rtmpsConn"]);
  });

  test("show another certificate to whoever comes next, on the same port", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply({ rtmp: undefined, rtmps: { address: local(), tls: first } });
    const port = ports.port("rtmps")!;
    expect(await nameAt(port)).toBe("first");
    await harbour.connect(port);
    ports.apply({ rtmp: undefined, rtmps: { address: local(), tls: second } });
    expect([ports.port("rtmps"), await nameAt(port), harbour.sessions.size >= 1]).toEqual([
      port,
      "second",
      true,
    ]);
  });

  test("may change places", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply({ rtmp: local(), rtmps: { address: local(), tls: first } });
    const [plain, safe] = [ports.port("rtmp")!, ports.port("rtmps")!];
    await harbour.connect(plain);
    ports.apply({ rtmp: local(safe), rtmps: { address: local(plain), tls: first } });
    expect([ports.port("rtmp"), ports.port("rtmps"), await nameAt(plain)]).toEqual([safe, plain, "first"]);
    await harbour.connect(safe);
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    expect(() =>
      ports.apply({ rtmp: local(plain), rtmps: { address: local(taken.port), tls: first } }),
    ).toThrow(TransportError);
    expect([ports.port("rtmp"), ports.port("rtmps"), await nameAt(plain)]).toEqual([safe, plain, "first"]);
    expect(harbour.sessions.size).toBeGreaterThanOrEqual(2);
  });

  test("keep the certificate of before where another one cannot be used", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply({ rtmp: undefined, rtmps: { address: local(), tls: first } });
    const port = ports.port("rtmps")!;
    const broken = { cert: first.cert, key: "no key" };
    expect(() => ports.apply({ rtmp: undefined, rtmps: { address: local(), tls: broken } })).toThrow();
    expect([ports.port("rtmps"), await nameAt(port)]).toEqual([port, "first"]);
    ports.apply({ rtmp: undefined, rtmps: { address: local(), tls: second } });
    expect([ports.port("rtmps"), await nameAt(port)]).toEqual([port, "second"]);
  });

  test("that are lost with a certificate are opened by the next change", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    const wishes = (tls: Tls) => ({ rtmp: local(), rtmps: { address: local(), tls } });
    ports.apply(wishes(first));
    const before = [ports.port("rtmp"), ports.port("rtmps")];
    const listen = spyOn(Bun, "listen").mockImplementation(() => {
      throw Object.assign(new Error("Failed to listen"), { code: "EADDRINUSE" });
    });
    try {
      expect(() => ports.apply(wishes(second))).toThrow(/in use.*; .*in use/);
    } finally {
      listen.mockRestore();
    }
    expect([ports.port("rtmp"), ports.port("rtmps")]).toEqual([before[0], undefined]);
    ports.apply(wishes(first));
    expect([ports.port("rtmp"), ports.port("rtmps")]).toEqual(before);
    expect(await nameAt(before[1]!)).toBe("first");
  });

  test("send no session tickets over TLS, which librtmp would hang up on", async () => {
    using harbour = new Harbour();
    harbour.ports.apply({ rtmp: undefined, rtmps: { address: local(), tls: first } });
    const socket = connectTls({
      ...{ host: "127.0.0.1", port: harbour.ports.port("rtmps")!, rejectUnauthorized: false },
    });
    let tickets = 0;
    socket.on("session", () => tickets++);
    // Version 3 and a greeting: what the server says to that comes behind any ticket.
    socket.on("secureConnect", () => socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(1536)])));
    await new Promise((resolve, reject) => socket.once("data", resolve).once("error", reject));
    expect([socket.getProtocol(), tickets]).toEqual(["TLSv1.3", 0]);
    socket.destroy();
  });
});
