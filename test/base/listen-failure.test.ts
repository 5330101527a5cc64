import { describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { listenFailure, listenOn } from "../../src/base/listen-failure.ts";

const systemError = (code: string): Error => Object.assign(new Error(`${code} of the system`), { code });

/** Listens where `codes` has no code for the host, and keeps which hosts were tried. */
const tryAt = (host: string, codes: Readonly<Record<string, string>>) => {
  const tried: string[] = [];
  const run = (): string =>
    listenOn(
      { host, port: 1935 },
      {
        what: "cannot listen",
        listen: (place) => {
          tried.push(`${place.host} ${place.port}`);
          const code = codes[place.host];
          if (code !== undefined) throw systemError(code);
          return place.host;
        },
      },
    );
  return { run, tried };
};

describe("listening", () => {
  test("at a host is at that one alone", () => {
    const { run, tried } = tryAt("127.0.0.1", {});
    expect([run(), tried]).toEqual(["127.0.0.1", ["127.0.0.1 1935"]]);
  });

  test("at every interface is over both families, or over IPv4 where there is no other", () => {
    const both = tryAt("", {});
    expect([both.run(), both.tried]).toEqual(["::", [":: 1935"]]);
    const one = tryAt("", { "::": "EAFNOSUPPORT" });
    expect([one.run(), one.tried]).toEqual(["0.0.0.0", [":: 1935", "0.0.0.0 1935"]]);
  });

  test("at a port that is taken is not tried over the other family, which may be free", () => {
    const { run, tried } = tryAt("", { "::": "EADDRINUSE" });
    expect(run).toThrow(new TransportError("LISTEN", "cannot listen: the port is in use by another program"));
    expect(tried).toEqual([":: 1935"]);
  });
});

describe("what is said where nothing can listen", () => {
  test.each([
    ["EADDRINUSE", "the port is in use by another program"],
    ["EACCES", "not permitted, ports below 1024 need privileges"],
    ["EADDRNOTAVAIL", "this machine has no such address"],
    ["EMFILE", "EMFILE of the system"],
    ["constructor", "constructor of the system"],
  ])("%s: %s", (code, text) => {
    const cause = systemError(code);
    const failure = listenFailure("cannot listen on :1", cause);
    expect([failure.code, failure.message, failure.cause]).toEqual([
      "LISTEN",
      `cannot listen on :1: ${text}`,
      cause,
    ]);
  });

  test("goes by other reasons for what is no TCP address", () => {
    const reasons = { EACCES: "not permitted" };
    const texts = ["EACCES", "EADDRINUSE"].map(
      (code) => listenFailure("no", systemError(code), reasons).message,
    );
    expect(texts).toEqual(["no: not permitted", "no: EADDRINUSE of the system"]);
  });

  test("is the message of what has no code", () => {
    expect(listenFailure("no", "thrown as text").message).toBe("no: thrown as text");
  });
});
