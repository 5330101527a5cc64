import { afterAll, describe, expect } from "bun:test";
import { createHmac } from "node:crypto";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { encoder, stream, template } from "./harness/deployment.ts";
import { TempDirectory } from "./harness/directory.ts";
import { Journal } from "./harness/journal.ts";
import { type Exit, Program } from "./harness/program.ts";
import { Server, serverCommand } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("curl", "busybox");
const testFfmpeg = needsTools("curl", "ffmpeg");

const script = join(import.meta.dir, "../../hooks/mtx-hook");

const busybox = new TempDirectory();
afterAll(() => busybox[Symbol.dispose]());
// A system that has busybox, curl, and no other program.
for (const name of "sh od awk tr sed cut wc date sleep cat base64 sha256sum".split(" "))
  symlinkSync(Bun.which("busybox") ?? "", busybox.file(name));
symlinkSync(Bun.which("curl") ?? "", busybox.file("curl"));

/** What does the same in several ways, each with what it finds on its PATH. */
const ways = [
  { name: "mtx-hook with sh", command: ["sh", script], path: process.env.PATH ?? "" },
  { name: "mtx-hook with busybox", command: ["sh", script], path: busybox.path },
  { name: "rtmp-server hook", command: [...serverCommand, "hook"], path: "" },
] as const;

/** Values of variables, as bytes where they are no text. */
type Variables = Readonly<Record<string, string | Uint8Array>>;

/** A shell's line that sets a variable to any bytes. */
const assignment = ([name, value]: [string, string | Uint8Array]): string => {
  const octal = [...Buffer.from(value)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
  return `${name}=$(printf '%b_' '${octal}'); export ${name}="\${${name}%_}"\n`;
};

/** Runs one of the ways, and gives how it ended. */
const runHook = async (
  { command, path }: (typeof ways)[number],
  event: string,
  variables: Variables,
): Promise<Exit> => {
  const lines = Object.entries(path === "" ? variables : { ...variables, PATH: path }).map(assignment);
  await using program = new Program(["/bin/sh", "-c", `${lines.join("")}exec "$@"`, "sh", ...command, event]);
  return await program.exit();
};

/** A request that came. */
interface Received {
  readonly pathname: string;
  readonly text: string;
  readonly headers: Headers;
}

/** Takes requests and answers them by their number, from 0. */
class Orchestrator implements AsyncDisposable {
  readonly #received = new Journal<Received>();
  readonly #server: Bun.Server<undefined>;

  constructor(
    answer: (number: number) => Response | Promise<Response> = () => new Response("{}", { status: 202 }),
  ) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        const number = this.received.length;
        const { pathname } = new URL(request.url);
        this.#received.push({ pathname, text: await request.text(), headers: request.headers });
        return await answer(number);
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  get received(): readonly Received[] {
    return this.#received.items;
  }

  /** The bodies of one event. */
  bodiesOf(event: string): unknown[] {
    return this.received
      .filter(({ pathname }) => pathname === `/v1/mediamtx/events/${event}`)
      .map(({ text }) => JSON.parse(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

const told = { path: "live/abc/in", query: "lang=es", sourceType: "rtmp", sourceId: "1" };
const variables = {
  MTX_PATH: "live/abc/in",
  MTX_QUERY: "lang%3Des",
  MTX_SOURCE_TYPE: "rtmp",
  MTX_SOURCE_ID: "1",
};

const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** Each changes some of `variables`, and what is told of them. */
const cases: readonly { name: string; variables: Variables; told: Partial<typeof told> }[] = [
  { name: "the stream of the contract", variables: {}, told: {} },
  { name: "no query", variables: { MTX_QUERY: "" }, told: { query: "" } },
  {
    name: "the names of MediaMTX",
    variables: { MTX_SOURCE_TYPE: "rtmpConn", MTX_SOURCE_ID: "7b1c4a9e-0c57-4d3f-9b73-2f4f6a9d8f10" },
    told: { sourceType: "rtmpConn", sourceId: "7b1c4a9e-0c57-4d3f-9b73-2f4f6a9d8f10" },
  },
  {
    name: "a query with what is hard to quote",
    variables: { MTX_QUERY: encodeURIComponent(`a="b"&c='d'\\\\&e=$(touch pwned)\`id\`;|<>*?#~!{}[]`) },
    told: { query: `a="b"&c='d'\\\\&e=$(touch pwned)\`id\`;|<>*?#~!{}[]` },
  },
  {
    name: "a query whose own encoding stays",
    variables: { MTX_QUERY: "u%3Da%2520b%2526c%252B" },
    told: { query: "u=a%20b%26c%2B" },
  },
  { name: "a blank and a plus", variables: { MTX_QUERY: "a%3Db+c%2Bd" }, told: { query: "a=b c+d" } },
  { name: "small hexadecimal digits", variables: { MTX_QUERY: "a%3db%c3%a9" }, told: { query: "a=bé" } },
  {
    name: "a query that was not encoded",
    variables: { MTX_QUERY: "a=b%20c+d" },
    told: { query: "a=b%20c+d" },
  },
  { name: "broken encoding", variables: { MTX_QUERY: "100%+%zz%4%" }, told: { query: "100% %zz%4%" } },
  {
    name: "line ends and a NUL",
    variables: { MTX_QUERY: "a%0Ab%0D%00c%0A" },
    told: { query: "a\nb\r\0c\n" },
  },
  {
    name: "line ends in a name",
    variables: { MTX_PATH: "live/a\nb\r\n/in\n", MTX_SOURCE_ID: "\t\u0001\u007f" },
    told: { path: "live/a\nb\r\n/in\n", sourceId: "\t\u0001\u007f" },
  },
  {
    name: "names of all the world",
    variables: { MTX_PATH: "live/Straße-日本-😀-\u2028/in", MTX_QUERY: "n%3D%F0%9F%98%80" },
    told: { path: "live/Straße-日本-😀-\u2028/in", query: "n=😀" },
  },
  {
    name: "what is no UTF-8",
    variables: {
      MTX_PATH: latin1("live/\xe9\xff\xc0\xaf/in"),
      MTX_QUERY: "a%E2%82b%ED%A0%80%F5%F0%9F%98",
      MTX_SOURCE_ID: latin1("\xe2\x82\xf0\x9f\x98\xf4\x90\x80\x80\x80"),
    },
    told: {
      path: "live/\ufffd\ufffd\ufffd\ufffd/in",
      query: "a\ufffdb\ufffd\ufffd\ufffd\ufffd\ufffd",
      sourceId: "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd",
    },
  },
  {
    name: "four thousand characters",
    variables: { MTX_QUERY: encodeURIComponent(`k=${'é"'.repeat(2_000)}`) },
    told: { query: `k=${'é"'.repeat(2_000)}` },
  },
  {
    name: "dashes and formats",
    variables: { MTX_PATH: "-n/%s%d/\\0101/in" },
    told: { path: "-n/%s%d/\\0101/in" },
  },
];

describe.each(ways)("$name", (way) => {
  test("tells everything that a server says of a stream", async () => {
    await using orchestrator = new Orchestrator();
    const results: unknown[] = [];
    for (const each of cases) {
      const given = { ...variables, MTX_HOOK_URL: orchestrator.url, ...each.variables };
      const { code, out, err } = await runHook(way, "ready", given);
      results.push({ name: each.name, code, out, err, told: orchestrator.bodiesOf("ready").at(-1) });
    }
    expect(results).toEqual(
      cases.map((each) => ({ name: each.name, code: 0, out: "", err: "", told: { ...told, ...each.told } })),
    );
    await runHook(way, "not-ready", { ...variables, MTX_HOOK_URL: orchestrator.url });
    expect(orchestrator.bodiesOf("not-ready")).toEqual([told]);
    expect(orchestrator.received.length).toBe(cases.length + 1);
    const [first] = orchestrator.received;
    expect(first?.headers.get("content-type")).toBe("application/json");
    expect(first?.headers.get("x-signature")).toBeNull();
  });

  for (const { name, secret } of [
    { name: "a secret", secret: "plain % secret\\0101 'of' \"words\"" },
    { name: "a secret of Standard Webhooks", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
    { name: "a secret longer than a block", secret: "0123456789".repeat(9) },
  ])
    test(`signs with ${name}`, async () => {
      await using orchestrator = new Orchestrator();
      using directory = new TempDirectory();
      await Bun.write(directory.file("secret"), `${secret}\n`);
      for (const given of [secret, `file:${directory.file("secret")}`]) {
        const target = { MTX_HOOK_URL: orchestrator.url, MTX_HOOK_SECRET: given };
        expect(await runHook(way, "ready", { ...variables, ...target })).toMatchObject({ code: 0, err: "" });
      }
      const key = secret.startsWith("whsec_") ? secret : Buffer.from(secret).toString("base64");
      for (const { text, headers } of orchestrator.received) {
        const hex = createHmac("sha256", secret).update(text).digest("hex");
        expect(headers.get("x-signature")).toBe(`sha256=${hex}`);
        expect(new Webhook(key).verify(text, Object.fromEntries(headers))).toEqual(told);
      }
      expect(orchestrator.received.length).toBe(2);
    });

  test("says what is wrong with how it was started", async () => {
    const faults = [
      { event: "go", variables, says: /expected .*hook ready or .*hook not-ready/ },
      { event: "ready", variables: {}, says: /MTX_PATH is not set/ },
      {
        event: "ready",
        variables: { ...variables, MTX_HOOK_URL: "orchestrator:8080" },
        says: /MTX_HOOK_URL is no URL/,
      },
      {
        event: "ready",
        variables: { ...variables, MTX_HOOK_SECRET: "file:/no/such" },
        says: /MTX_HOOK_SECRET: file "?\/no\/such"? cannot be read/,
      },
    ];
    for (const { event, variables, says } of faults) {
      const { code, out, err } = await runHook(way, event, variables);
      expect({ code, out, lines: err.split("\n").length }).toEqual({ code: 2, out: "", lines: 2 });
      expect(err).toMatch(says);
    }
  });
});

type Way = (typeof ways)[number];

const triesAgain = async (way: Way): Promise<void> => {
  await using orchestrator = new Orchestrator((number) => {
    if (number === 0) return new Response("busy", { status: 503 });
    return new Response("{}", { status: number === 1 ? 429 : 202 });
  });
  const { code, err } = await runHook(way, "ready", { ...variables, MTX_HOOK_URL: `${orchestrator.url}/` });
  expect({ code, err, bodies: orchestrator.bodiesOf("ready") }).toEqual({
    code: 0,
    err: "",
    bodies: [told, told, told],
  });
  expect(new Set(orchestrator.received.map(({ headers }) => headers.get("webhook-id"))).size).toBe(1);
};

const givesUp = async (way: Way, { status, tries, says }: (typeof refusals)[number]): Promise<void> => {
  const headers = { location: "/elsewhere" };
  await using orchestrator = new Orchestrator(() => new Response("no", { status, headers }));
  const url = orchestrator.url;
  const { code, out, err } = await runHook(way, "not-ready", { ...variables, MTX_HOOK_URL: url });
  const name = way.command[0] === "sh" ? "mtx-hook" : "rtmp-server";
  expect({ code, out, err, tries: orchestrator.received.length }).toEqual({
    code: 1,
    out: "",
    err: `${name}: not-ready of "live/abc/in": ${url}/v1/mediamtx/events/not-ready: ${says}\n`,
    tries,
  });
};

const refusals = [
  { status: 500, tries: 3, says: "answered 500, given up at try 3" },
  { status: 404, tries: 1, says: "answered 404, expected 2xx" },
  { status: 302, tries: 1, says: "answered 302, expected 2xx" },
] as const;

/** An orchestrator that never answers, and one that is not there. */
const isSoonOver = async (way: Way): Promise<void> => {
  await using orchestrator = new Orchestrator(() => new Promise(() => undefined));
  const start = performance.now();
  const [slow, absent] = await Promise.all([
    runHook(way, "ready", { ...variables, MTX_HOOK_URL: orchestrator.url }),
    runHook(way, "ready", { ...variables, MTX_HOOK_URL: "http://me:S3cretWord@127.0.0.1:9" }),
  ]);
  expect(performance.now() - start).toBeLessThan(15_000);
  for (const { code, err } of [slow, absent]) {
    expect(code).toBe(1);
    expect(err).toMatch(/^[\w-]+: ready of "live\/abc\/in": http.*, given up at try [1-3]\n$/);
    expect(err).not.toContain("S3cretWord");
  }
  expect(orchestrator.received.length).toBeGreaterThan(0);
};

// All at once, each with an orchestrator of its own, since they wait.
test("every way tries again while the answer may be another, and gives up soon", async () => {
  const checks = ways.flatMap((way) => [
    triesAgain(way),
    isSoonOver(way),
    ...refusals.map((refusal) => givesUp(way, refusal)),
  ]);
  await Promise.all(checks);
});

testFfmpeg("mtx-hook runs unmodified from the file that MediaMTX ran it from", async () => {
  using directory = new TempDirectory();
  await using orchestrator = new Orchestrator();
  const file = directory.file("mediamtx.yml");
  await Bun.write(file, template(script));
  await using server = await Server.start({
    flags: [file, "--rtsp"],
    env: { MTX_HOOK_URL: orchestrator.url },
  });
  {
    await using publisher = encoder(`${server.url(stream)}?lang=es&t=a%20b`);
    await until(
      () => orchestrator.bodiesOf("ready"),
      (bodies) => bodies.length === 1,
    );
    publisher.kill("SIGINT");
    await publisher.exit();
  }
  const [gone] = await until(
    () => orchestrator.bodiesOf("not-ready"),
    (bodies) => bodies.length === 1,
  );
  expect(gone).toEqual(orchestrator.bodiesOf("ready")[0] as object);
  expect(gone).toMatchObject({ path: stream, query: "lang=es&t=a%20b", sourceType: "rtmpConn" });
  expect(server.logText).not.toContain("MTX_HOOK");
});
