import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { HookFailure } from "../../../src/hooks/delivery/hook.ts";
import { EgressError } from "../../../src/hooks/webhook/egress.ts";
import { failureOf, keptBytesFor, outcomeOf } from "../../../src/hooks/webhook/outcome.ts";
import { Redactor } from "../../../src/hooks/webhook/redactor.ts";
import type { Answer } from "../../../src/outgoing/exchange.ts";
import { holds } from "../../base/property.ts";

const now = new Date("2026-01-01T00:00:00Z");

const plain = new Redactor([]);

const answer = (changes: Partial<Answer>): Answer => ({
  status: 200,
  statusText: "",
  retryAfter: undefined,
  head: new Uint8Array(),
  broken: undefined,
  ...changes,
});

const failureTo = (changes: Partial<Answer>, redactor = plain): HookFailure => {
  const outcome = outcomeOf(answer(changes), { redactor, now });
  if (outcome.kind === "done") throw new Error("done");
  return outcome;
};

describe("the status of an answer", () => {
  const verdicts: { verdict: HookFailure["verdict"]; statuses: number[] }[] = [
    {
      verdict: "retry",
      statuses: [401, 403, 404, 408, 409, 421, 423, 425, 429, 500, 502, 503, 504, 507, 511, 520, 599],
    },
    {
      verdict: "never",
      statuses: [300, 301, 302, 303, 304, 307, 308, 400, 405, 406, 411, 413, 414, 415, 422, 431, 501, 505],
    },
    { verdict: "gone", statuses: [410] },
    // Where nothing is known of them, an event is better sent twice than lost.
    { verdict: "retry", statuses: [402, 407, 412, 418, 424, 451, 600, 999] },
  ];
  for (const { verdict, statuses } of verdicts) {
    test(`${statuses.join(", ")}: ${verdict}`, () =>
      expect(statuses.map((status) => failureTo({ status }))).toMatchObject(
        statuses.map((status) => ({ status, verdict })),
      ));
  }

  test("is done from 200 to 299", () => {
    for (let status = 200; status < 300; status++)
      expect(outcomeOf(answer({ status }), { redactor: plain, now })).toEqual({ kind: "done" });
  });
});

describe("Retry-After", () => {
  const rows: { text: string | undefined; ms: number | undefined }[] = [
    { text: "7", ms: 7_000 },
    { text: " 0 ", ms: 0 },
    { text: "900", ms: 900_000 },
    { text: "901", ms: 900_000 },
    { text: "99999999999999999999", ms: 900_000 },
    { text: "Thu, 01 Jan 2026 00:01:00 GMT", ms: 60_000 },
    { text: "Thursday, 01-Jan-26 00:01:00 GMT", ms: 60_000 },
    { text: "Thu Jan  1 00:01:00 2026 GMT", ms: 60_000 },
    { text: "Wed, 31 Dec 2025 23:00:00 GMT", ms: 0 },
    { text: "Fri, 02 Jan 2026 00:00:00 GMT", ms: 900_000 },
    { text: "-7", ms: undefined },
    { text: "1.5", ms: undefined },
    { text: "soon", ms: undefined },
    { text: "", ms: undefined },
    { text: undefined, ms: undefined },
  ];
  for (const { text, ms } of rows) {
    test(`${JSON.stringify(text)} is ${ms} ms`, () => {
      expect(failureTo({ status: 429, retryAfter: text }).retryAfterMs).toBe(ms);
      expect(failureTo({ status: 503, retryAfter: text }).retryAfterMs).toBe(ms);
    });
  }

  test("means nothing where nothing is sent again", () =>
    expect(failureTo({ status: 400, retryAfter: "7" })).not.toHaveProperty("retryAfterMs"));
});

describe("what an answer says", () => {
  test("is cut at 1 KiB, between characters", () => {
    const head = Buffer.from(`x${"é".repeat(2_000)}`).subarray(0, keptBytesFor(plain));
    expect(failureTo({ status: 500, head }).detail).toBe(`x${"é".repeat(511)}`);
  });

  test("bares no secret, nor a part of one, wherever it is cut", () => {
    const secret = "S3CRET-s3cret-S3CRET";
    const redactor = new Redactor([secret]);
    holds(
      fc.property(fc.nat(4_000), fc.nat(200), (before, count) => {
        const text = `${"x".repeat(before)}${secret.repeat(count)}`;
        const head = Buffer.from(text).subarray(0, keptBytesFor(redactor));
        const { detail = "" } = failureTo({ status: 500, head }, redactor);
        expect(detail).toMatch(/^x*(?:\*\*\*)*\*{0,2}$/);
        expect(detail.length).toBeLessThanOrEqual(1_024);
      }),
    );
  });

  test("in its status line is one short line without secrets", () => {
    const statusText = `the\tS3CRET ${"x".repeat(500)}`;
    const { error } = failureTo({ status: 500, statusText }, new Redactor(["S3CRET"]));
    expect(error).toStartWith("status 500 the *** xxx");
    expect(error).toHaveLength(200);
  });
});

describe("what came instead of an answer", () => {
  const coded = (code: string, message = "x"): Error => Object.assign(new Error(message), { code });
  const rows: { error: Error; expected: Partial<HookFailure> }[] = [
    {
      error: coded("ECONNREFUSED"),
      expected: { error: "connection refused (ECONNREFUSED)", code: "ECONNREFUSED", verdict: "retry" },
    },
    {
      error: coded("HPE_HEADER_OVERFLOW"),
      expected: { error: "answer is not HTTP (HPE_HEADER_OVERFLOW)", verdict: "retry" },
    },
    {
      error: coded("CERT_HAS_EXPIRED", "certificate has expired"),
      expected: {
        error: "certificate refused: certificate has expired (CERT_HAS_EXPIRED)",
        verdict: "retry",
      },
    },
    {
      error: new EgressError("address 169.254.169.254 is not allowed"),
      expected: { error: "address 169.254.169.254 is not allowed", code: "EGRESS", verdict: "never" },
    },
    {
      error: new Error("S3CRET\nleaked"),
      expected: { error: "*** leaked", verdict: "retry" },
    },
  ];
  for (const { error, expected } of rows) {
    test(`${expected.error}: ${expected.verdict}`, () =>
      expect(failureOf(error, new Redactor(["S3CRET"]))).toMatchObject({ kind: "failed", ...expected }));
  }
});
