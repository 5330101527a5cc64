import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { Certificate } from "./harness/certificate.ts";
import { TempDirectory } from "./harness/directory.ts";
import { Journal } from "./harness/journal.ts";
import { accepts } from "./harness/nginx.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { freePort } from "./harness/port.ts";
import { Program } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const withOpenssl = needsTools("openssl");

const start = (flags: readonly string[]): Program => new Program([...serverCommand, ...flags]);

const end = async (flags: readonly string[]) => {
  await using program = start(flags);
  return await program.exit(10_000);
};

describe("a command line that cannot be used", () => {
  for (const { name, flags, says } of [
    {
      name: "an unknown flag",
      flags: ["--recrod-all"],
      says: /unknown flag --recrod-all, did you mean --record-all\?/,
    },
    {
      name: "an argument without a flag",
      flags: ["live"],
      says: /unexpected argument "live", expected a flag/,
    },
    {
      name: "a value that is no number",
      flags: ["--chunk-size", "big"],
      says: /--chunk-size: "big", expected/,
    },
    {
      name: "a value out of range",
      flags: ["--chunk-size=0"],
      says: /--chunk-size: "0", expected .* 1 to 65536/,
    },
    {
      name: "a configuration file that is not there",
      flags: ["/nowhere/mediamtx.yml"],
      says: /"\/nowhere\/mediamtx\.yml" cannot be read/,
    },
    { name: "a duration without a unit", flags: ["--play-wait", "soon"], says: /--play-wait: .*soon/ },
    {
      name: "a flag without its value",
      flags: ["--record-dir"],
      says: /--record-dir: no value, expected DIR/,
    },
    {
      name: "a switch that is neither on nor off",
      flags: ["--record-all=maybe"],
      says: /--record-all: "maybe", expected true or false/,
    },
    {
      name: "a relay destination of another protocol",
      flags: ["--relay-to", "http://127.0.0.1/live"],
      says: /--relay-to: .*expected one with rtmp:\/\//,
    },
    {
      name: "a relay destination with an unknown placeholder",
      flags: ["--relay-to", "rtmp://127.0.0.1/{key}"],
      says: /--relay-to: .*\{key\}/,
    },
    {
      name: "a certificate without its key",
      flags: ["--tls-listen", "127.0.0.1:0", "--tls-cert", "cert.pem"],
      says: /--tls-key/,
    },
    {
      name: "a key without its certificate",
      flags: ["--tls-listen", "127.0.0.1:0", "--tls-key", "key.pem"],
      says: /--tls-cert/,
    },
    {
      name: "a certificate without an address",
      flags: ["--tls-cert", "cert.pem", "--tls-key", "key.pem"],
      says: /--tls-cert has no use without --tls-listen/,
    },
    {
      name: "a certificate that is not there",
      flags: [
        "--tls-listen",
        "127.0.0.1:0",
        "--tls-cert",
        "/nowhere/cert.pem",
        "--tls-key",
        "/nowhere/key.pem",
      ],
      says: /--tls-cert: cannot read "\/nowhere\/cert\.pem"/,
    },
  ]) {
    test(`${name}: one line that says so, exit code 2, and nothing listens`, async () => {
      const port = freePort();
      const { code, out, err } = await end(["--listen", `127.0.0.1:${port}`, ...flags]);
      expect(err.trimEnd()).toMatch(says);
      expect({ code, out, lines: err.split("\n").length - 1 }).toEqual({ code: 2, out: "", lines: 1 });
      expect(err).toStartWith("rtmp-server: ");
      expect(await accepts(port)).toBe(false);
    });
  }

  for (const { name, broken, says } of [
    { name: "a certificate", broken: "cert", says: /^rtmp-server: --tls-cert: ".*" holds no certificate/ },
    { name: "a private key", broken: "key", says: /^rtmp-server: --tls-key: ".*" holds no private key/ },
  ] as const) {
    withOpenssl(`a file that is not ${name}: one line that says so and exit code 2`, async () => {
      using certificate = await Certificate.make();
      await Bun.write(certificate[broken], "not a PEM file\n");
      const { code, err } = await end(["--tls-listen", "127.0.0.1:0", ...certificate.flags]);
      expect(err).toMatch(says);
      expect({ code, lines: err.split("\n").length - 1 }).toEqual({ code: 2, lines: 1 });
    });
  }

  withOpenssl(
    "a key that belongs to another certificate: one line that says so and exit code 2",
    async () => {
      using certificate = await Certificate.make();
      using other = await Certificate.make();
      const { code, err } = await end([
        ...["--tls-listen", "127.0.0.1:0", "--tls-cert", certificate.cert, "--tls-key", other.key],
      ]);
      expect(err).toMatch(/^rtmp-server: --tls-key: the key in .* belongs to another certificate.*\n$/);
      expect(code).toBe(2);
    },
  );

  test("a port in use: one line that says so and exit code 1, and its holder is not disturbed", async () => {
    await using server = await Server.start();
    const { code, err } = await end(["--listen", `127.0.0.1:${server.port}`]);
    expect(err).toBe(
      `rtmp-server: cannot listen on 127.0.0.1:${server.port}: the port is in use by another program\n`,
    );
    expect(code).toBe(1);
    expect(await accepts(server.port)).toBe(true);
  });

  withOpenssl("a TLS port in use: the plain port is given back too", async () => {
    using certificate = await Certificate.make();
    await using server = await Server.start();
    const port = freePort();
    const flags = ["--listen", `127.0.0.1:${port}`, "--tls-listen", `127.0.0.1:${server.port}`];
    const { code, err } = await end([...flags, ...certificate.flags]);
    expect(err).toMatch(/^rtmp-server: .*the port is in use.*\n$/);
    expect({ code, listens: await accepts(port) }).toEqual({ code: 1, listens: false });
  });
});

describe("a command line as people type it", () => {
  for (const { name, command = [], flags } of [
    { name: "-listen ADDRESS", flags: (at: string) => ["-listen", at] },
    { name: "--listen=ADDRESS", flags: (at: string) => [`--listen=${at}`] },
    { name: "-listen=ADDRESS", flags: (at: string) => [`-listen=${at}`] },
    { name: "serve --listen ADDRESS", command: ["serve"], flags: (at: string) => ["--listen", at] },
  ]) {
    test(`${name} listens there, whatever an earlier --listen said`, async () => {
      const port = freePort();
      await using server = await Server.start({
        command: [...serverCommand, ...command],
        flags: flags(`127.0.0.1:${port}`),
      });
      expect(server.port).toBe(port);
      expect(await accepts(port)).toBe(true);
    });
  }

  for (const { flags, isRecorded } of [
    { flags: ["-record-all", "true"], isRecorded: true },
    { flags: ["-record-all=true"], isRecorded: true },
    { flags: ["--record-all"], isRecorded: true },
    { flags: ["-record-all", "false"], isRecorded: false },
    { flags: ["--record-all=false"], isRecorded: false },
  ]) {
    test(`${flags.join(" ")} ${isRecorded ? "records" : "does not record"}`, async () => {
      await using server = await Server.start({ flags });
      {
        using publisher = await OwnPublisher.connect(server.url("live/test"));
        publisher.send("video", 0, new Uint8Array([0x17, 1, 0, 0, 0, 0xca, 0xfe]));
      }
      await server.line({ msg: "publish stopped" });
      await (isRecorded ? server.line({ msg: "recorder closed" }) : server.line({ msg: "stream removed" }));
      expect(server.matching({ msg: "recorder initialized" }).length).toBe(isRecorded ? 1 : 0);
    });
  }

  test("--version prints one line with the version and exits with 0", async () => {
    for (const flag of ["--version", "-version"]) {
      const { code, out, err } = await end([flag]);
      expect(out).toMatch(/^rtmp-server \S+.*\n$/);
      expect({ code, err, lines: out.split("\n").length - 1 }).toEqual({ code: 0, err: "", lines: 1 });
    }
  });

  test("--help prints every flag and exits with 0", async () => {
    const { code, out, err } = await end(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const flag of [
      "--listen",
      "--tls-listen",
      "--relay-to",
      "--record-all",
      "--gop-cache",
      "--log-format",
    ])
      expect(out).toContain(flag);
    expect(out.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  test("--help-all prints every flag and exits with 0", async () => {
    const { code, out, err } = await end(["--help-all"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const flag of ["--rtmp-address", "--record", "--hls-always-remux", "--auth-http-address"])
      expect(out).toContain(`  ${flag}`);
  });

  test("a file says where to listen, a variable counts more, and a flag most", async () => {
    using directory = new TempDirectory();
    const [inFile, inVariable, inFlag] = [freePort(), freePort(), freePort()];
    const file = directory.file("mediamtx.yml");
    await Bun.write(file, `rtmpAddress: 127.0.0.1:${inFile}\napi: no\nmetrics: no\npaths: {all_others: }\n`);
    const rows = [
      { flags: [file], env: {}, port: inFile },
      { flags: ["--config", file], env: { MTX_RTMPADDRESS: `127.0.0.1:${inVariable}` }, port: inVariable },
      {
        flags: [file, "--rtmp-address", `127.0.0.1:${inFlag}`],
        env: { MTX_RTMPADDRESS: `127.0.0.1:${inVariable}` },
        port: inFlag,
      },
    ];
    for (const { flags, env, port } of rows) {
      const lines = new Journal<string>();
      await using program = new Program([...serverCommand, ...flags], {
        env,
        line: (line) => lines.push(line),
      });
      await lines.find((line) => line.includes("RTMP server listening"), { what: "a listening server" });
      expect(await accepts(port)).toBe(true);
      program.kill("SIGTERM");
      expect((await program.exit(10_000)).code).toBe(0);
    }
  });

  test("a port of pages that somebody asked for and that is taken: one line that names the flag, exit code 1", async () => {
    await using first = await Server.start({ flags: ["--metrics-address", "127.0.0.1:0"] });
    const { addr } = await first.line({ msg: "metrics and health pages" });
    const { code, err } = await end(["--listen", "127.0.0.1:0", "--metrics-address", String(addr)]);
    expect(code).toBe(1);
    expect(err).toBe(
      `rtmp-server: --metrics-address: cannot listen for HTTP on ${addr}: the port is in use by another program\n`,
    );
  });

  test("no file is written and no directory made until something is recorded", async () => {
    using directory = new TempDirectory();
    await using server = await Server.start({
      flags: ["--record-all", "--record-dir", directory.file("made")],
    });
    expect(await accepts(server.port)).toBe(true);
    expect(existsSync(directory.file("made"))).toBe(false);
  });
});
