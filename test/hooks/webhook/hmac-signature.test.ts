import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { ConfigError } from "../../../src/base/errors.ts";
import { HmacSignature } from "../../../src/hooks/webhook/hmac-signature.ts";
import type { AuthSettings } from "../../../src/hooks/webhook/webhook-settings.ts";
import { FakeClock } from "../../base/fake-clock.ts";

type Settings = Extract<AuthSettings, { type: "hmac" }>;

const settings = (changes: Partial<Settings> = {}): Settings => ({
  type: "hmac",
  algorithm: "sha256",
  header: "X-Signature",
  legacySignWith: "previous",
  secret: "webhook-secret",
  previousSecret: undefined,
  previousUntil: undefined,
  ...changes,
});

const id = "evt_019b0000-0000-7000-8000-000000000001";

/** A clock that stands where the oracle of Standard Webhooks stands, which knows no other time. */
const now = (): FakeClock => new FakeClock(Date.now() - Date.UTC(2026, 0, 1));

const sign = async (
  changes: Partial<Settings>,
  { body, clock = now() }: { body: string; clock?: FakeClock },
): Promise<Record<string, string>> => {
  const headers = await new HmacSignature(settings(changes), clock).headersFor({
    id,
    body: Buffer.from(body),
  });
  return { "webhook-id": id, ...Object.fromEntries(headers) };
};

const accepts = (secret: string, headers: Record<string, string>, body: string): boolean => {
  try {
    const webhook = secret.startsWith("whsec_")
      ? new Webhook(secret)
      : new Webhook(Buffer.from(secret), { format: "raw" });
    webhook.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
};

const whsec = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;

describe("a signature", () => {
  test("is HMAC-SHA256 over the body, in hexadecimal digits", async () => {
    // RFC 4231, test case 2.
    const headers = await sign({ secret: "Jefe" }, { body: "what do ya want for nothing?" });
    expect(headers["X-Signature"]).toBe(
      "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  test("is HMAC-SHA1 in a header of another name where that is asked for", async () => {
    // RFC 2202, test case 2.
    const headers = await sign(
      { secret: "Jefe", algorithm: "sha1", header: "X-Hub-Signature" },
      { body: "what do ya want for nothing?" },
    );
    expect(headers["X-Hub-Signature"]).toBe("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    expect(headers).not.toHaveProperty("X-Signature");
  });

  test("satisfies Standard Webhooks for any body and secret, and no other secret does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.string({ minLength: 1 }), async (body, secret) => {
        if (secret.startsWith("whsec_")) return;
        const headers = await sign({ secret }, { body });
        expect(accepts(secret, headers, body.toWellFormed())).toBe(true);
        expect(accepts(`${secret}x`, headers, body.toWellFormed())).toBe(false);
        expect(accepts(secret, headers, `${body.toWellFormed()} `)).toBe(false);
      }),
    );
  });

  test("with a whsec_ secret is made with what the secret encodes, and X-Signature with its text", async () => {
    const headers = await sign({ secret: whsec }, { body: "{}" });
    expect(accepts(whsec, headers, "{}")).toBe(true);
    expect(headers["X-Signature"]).toBe(`sha256=${createHmac("sha256", whsec).update("{}").digest("hex")}`);
  });

  test("is dated anew at each attempt", async () => {
    const clock = now();
    const first = await sign({}, { body: "{}", clock });
    clock.advance(60_000);
    const second = await sign({}, { body: "{}", clock });
    expect(Number(second["webhook-timestamp"]) - Number(first["webhook-timestamp"])).toBe(60);
    expect([first, second].map((headers) => accepts("webhook-secret", headers, "{}"))).toEqual([true, true]);
    expect(second["X-Signature"]).toBe(first["X-Signature"]!);
  });

  describe("while the secret changes", () => {
    const hex = (secret: string): string =>
      `sha256=${createHmac("sha256", secret).update("{}").digest("hex")}`;
    for (const legacySignWith of ["previous", "current"] as const) {
      test(`is made with both secrets, X-Signature with the ${legacySignWith} one, until the time is over`, async () => {
        const clock = now();
        const rotating = {
          secret: whsec,
          previousSecret: "old-secret",
          previousUntil: clock.date().getTime() + 60_000,
          legacySignWith,
        };
        const during = await sign(rotating, { body: "{}", clock });
        expect([whsec, "old-secret"].map((secret) => accepts(secret, during, "{}"))).toEqual([true, true]);
        expect(during["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
        expect(during["X-Signature"]).toBe(hex(legacySignWith === "previous" ? "old-secret" : whsec));
        clock.advance(60_000);
        const after = await sign(rotating, { body: "{}", clock });
        expect([whsec, "old-secret"].map((secret) => accepts(secret, after, "{}"))).toEqual([true, false]);
        expect(after["X-Signature"]).toBe(hex(whsec));
      });
    }
  });

  for (const secret of ["whsec_", "whsec_===", "whsec_s e c r e t"]) {
    test(`cannot be made with ${secret}, which is no Base64`, () =>
      expect(() => new HmacSignature(settings({ secret }), now())).toThrow(
        new ConfigError("secret begins with whsec_, expected Base64 behind it"),
      ));
  }
});
