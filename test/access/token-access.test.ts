import { describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { refuse } from "../../src/access/answer.ts";
import { TokenAccess, type TokenSource } from "../../src/access/token-access.ts";
import { type Logger, silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { readTokenFile } from "../../src/config/token-file.ts";
import type { Admission } from "../../src/stream/admission.ts";
import { TempDirectory } from "../e2e/harness/directory.ts";
import { openBackend, response } from "./backend.ts";
import { adminRequest, type RequestChanges, sampleRequest } from "./sample-request.ts";

const open = (source: TokenSource, log: Logger = silentLogger): TokenAccess =>
  new TokenAccess({
    source,
    others: { atOnce: () => undefined, decide: () => refuse("unavailable", "others") },
    clock: systemClock,
    log,
  });

const outcomeOf = (answer: Admission): string =>
  answer.isAllowed ? "allowed" : `${answer.reason}: ${answer.message}`;

const ask = async (access: TokenAccess, changes: RequestChanges): Promise<string> =>
  outcomeOf(await access.decide(sampleRequest(changes)));

describe("tokens of streams", () => {
  const access = open({
    mode: "token",
    tokens: new Map([
      ["live/cam1", "one"],
      ["live/cam2", "two=2"],
    ]),
  });
  const cases: { request: RequestChanges; expected: string }[] = [
    { request: { query: "token=one" }, expected: "allowed" },
    { request: { query: "token=one", action: "read" }, expected: "allowed" },
    { request: { query: "a=b&token=two%3D2", path: "live/cam2" }, expected: "allowed" },
    { request: { query: "token=two" }, expected: "denied: invalid credentials" },
    { request: { query: "token=one", path: "live/other" }, expected: "denied: invalid credentials" },
    { request: { query: "jwt=one" }, expected: "missing: token missing" },
    {
      request: { query: "", credentials: { token: "one", password: "one" } },
      expected: "missing: token missing",
    },
    { request: { query: "token=one", action: "playback" }, expected: "unavailable: others" },
  ];
  test.each(cases)("$request.query for $request.path: $expected", async ({ request, expected }) => {
    expect(await ask(access, request)).toBe(expected);
  });

  test("leave everything else to others", () => {
    expect(access.decide(adminRequest({ query: "token=one" }))).toMatchObject({ message: "others" });
  });
});

describe("a file of tokens", () => {
  test("is read again on demand, and a bad one changes nothing", async () => {
    using directory = new TempDirectory();
    const file = directory.file("tokens.json");
    const lines: string[] = [];
    const log: Logger = {
      ...silentLogger,
      error: (message, fields) => void lines.push(JSON.stringify([message, fields])),
    };
    writeFileSync(file, '{"live/cam1":"hunter2"}');
    const access = open({ mode: "file", file, tokens: readTokenFile(file) }, log);
    const outcomes = [await ask(access, { query: "token=hunter2" })];
    for (const bad of ['{"live/cam1":"hunter3"', '["hunter3"]', '{"live/cam1":3}', '{"live/cam1":""}']) {
      writeFileSync(file, bad);
      access.reload();
      outcomes.push(await ask(access, { query: "token=hunter2" }));
    }
    rmSync(file);
    access.reload();
    outcomes.push(await ask(access, { query: "token=hunter2" }));
    expect(outcomes).toEqual(new Array(6).fill("allowed"));
    expect(lines.length).toBe(5);
    expect(lines.join()).not.toContain("hunter");
    writeFileSync(file, '{"live/cam1":"hunter3"}');
    access.reload();
    expect([
      await ask(access, { query: "token=hunter2" }),
      await ask(access, { query: "token=hunter3" }),
    ]).toEqual(["denied: invalid credentials", "allowed"]);
  });
});

describe("a callback", () => {
  test("is told the stream, and lets in by 200 alone", async () => {
    let status = 200;
    using backend = await openBackend((socket) => void socket.end(response(status)));
    const access = open({ mode: "callback", url: backend.url, timeoutMs: 5_000 });
    const outcomes: string[] = [];
    for (status of [200, 201, 204, 302, 403, 500])
      outcomes.push(
        await ask(access, { query: "token=hunter2", action: "read", path: "live/a/b", ip: "2001:db8::1" }),
      );
    expect(outcomes).toEqual([
      "allowed",
      ...[201, 204, 302, 403].map(
        (code) => `denied: the callback answered with status ${code}, expected 200`,
      ),
      "unavailable: the callback answered with status 500",
    ]);
    expect(JSON.parse(backend.requests[0]?.split("\r\n\r\n")[1] ?? "")).toEqual({
      action: "play",
      app: "live",
      stream_name: "a/b",
      stream_key: "live/a/b",
      token: "hunter2",
      remote_addr: "[2001:db8::1]:50000",
    });
    status = 403;
    expect(await ask(access, {})).toBe("missing: the callback answered with status 403, expected 200");
  });

  test("that says nothing lets nobody in, after its time", async () => {
    using backend = await openBackend(() => undefined);
    const access = open({ mode: "callback", url: backend.url, timeoutMs: 100 });
    expect(await ask(access, { query: "token=x" })).toBe(
      "unavailable: the callback: no answer within 100 ms",
    );
  });
});
