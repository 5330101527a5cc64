import { describe, expect, test } from "bun:test";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { type JWTPayload, jwtVerify } from "jose";
import { ConfigError } from "../../../src/base/errors.ts";
import { JwtBearer } from "../../../src/hooks/webhook/jwt-bearer.ts";
import type { AuthSettings } from "../../../src/hooks/webhook/webhook-settings.ts";
import { FakeClock } from "../../base/fake-clock.ts";

type Settings = Extract<AuthSettings, { type: "jwt" }>;

const settings = (changes: Partial<Settings> = {}): Settings => ({
  type: "jwt",
  secret: "jwt-signing-key",
  algorithm: "HS256",
  issuer: "rtmp-server",
  subject: undefined,
  audience: undefined,
  claims: {},
  ttlMs: 3_600_000,
  ...changes,
});

const tokenOf = async (changes: Partial<Settings>, clock = new FakeClock(0)): Promise<string> => {
  const [header] = await new JwtBearer(settings(changes), clock).headersFor({
    id: "evt_1",
    body: Buffer.from("{}"),
  });
  expect(header?.[0]).toBe("Authorization");
  return header![1].replace("Bearer ", "");
};

const start = Date.UTC(2026, 0, 1) / 1_000;

const verify = async (token: string, key: KeyObject | Uint8Array): Promise<JWTPayload> =>
  (await jwtVerify(token, key, { currentDate: new Date(start * 1_000) })).payload;

const pem = (key: KeyObject, type: "pkcs8" | "pkcs1" | "sec1" = "pkcs8"): string =>
  key.export({ type: type as "pkcs8", format: "pem" }).toString();

const keys = {
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  p256: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey,
  ed25519: generateKeyPairSync("ed25519").privateKey,
};

describe("a token", () => {
  test("says who sent what, and for how long it is good", async () => {
    const token = await tokenOf({
      subject: "hook",
      audience: "receiver",
      claims: { room: "1", jti: "forged" },
    });
    expect(await verify(token, Buffer.from("jwt-signing-key"))).toEqual({
      iss: "rtmp-server",
      sub: "hook",
      aud: "receiver",
      room: "1",
      jti: "evt_1",
      iat: start,
      nbf: start - 30,
      exp: start + 3_600,
    });
  });

  test("is short where little is asked for", async () => {
    const payload = await verify(await tokenOf({ ttlMs: 1_500 }), Buffer.from("jwt-signing-key"));
    expect(payload).toEqual({
      iss: "rtmp-server",
      jti: "evt_1",
      iat: start,
      nbf: start - 30,
      exp: start + 2,
    });
  });

  test("is made anew for each request", async () => {
    const clock = new FakeClock(0);
    const bearer = new JwtBearer(settings(), clock);
    const request = { id: "evt_1", body: Buffer.from("{}") };
    const [first] = await bearer.headersFor(request);
    clock.advance(1_000);
    expect(await bearer.headersFor(request)).not.toEqual([first!]);
  });

  const rows: { algorithm: string; key: KeyObject; form?: "pkcs1" | "sec1" }[] = [
    { algorithm: "RS256", key: keys.rsa },
    { algorithm: "RS512", key: keys.rsa, form: "pkcs1" },
    { algorithm: "PS256", key: keys.rsa },
    { algorithm: "ES256", key: keys.p256 },
    { algorithm: "ES256", key: keys.p256, form: "sec1" },
    { algorithm: "ES384", key: keys.p384 },
    { algorithm: "EdDSA", key: keys.ed25519 },
  ];
  for (const { algorithm, key, form } of rows) {
    test(`is signed by ${algorithm} with a key in PEM (${form ?? "pkcs8"}), and its public key checks it`, async () => {
      const token = await tokenOf({ algorithm, secret: pem(key, form) });
      expect(await verify(token, createPublicKey(key))).toMatchObject({ jti: "evt_1" });
      const other = createPublicKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
      await expect(verify(token, other)).rejects.toThrow();
    });
  }

  const refused: { name: string; changes: Partial<Settings>; message: string }[] = [
    {
      name: "a text that is no key",
      changes: { algorithm: "RS256", secret: "my-s3cret" },
      message: "secret is no private key, expected a private key in PEM for RS256: rsa",
    },
    {
      name: "a key of another kind",
      changes: { algorithm: "RS256", secret: pem(keys.p256) },
      message: "secret is a key of another kind (ec), expected a private key in PEM for RS256: rsa",
    },
    {
      name: "a key on another curve",
      changes: { algorithm: "ES256", secret: pem(keys.p384) },
      message:
        "secret is a key of another kind (ec), expected a private key in PEM for ES256: ec on prime256v1",
    },
    { name: "no key", changes: { secret: "" }, message: "secret is empty, expected the key of the token" },
  ];
  for (const { name, changes, message } of refused) {
    test(`is not signed with ${name}`, () =>
      expect(() => new JwtBearer(settings(changes), new FakeClock())).toThrow(new ConfigError(message)));
  }

  test("is never without a signature", () =>
    expect(() => new JwtBearer(settings({ algorithm: "none" }), new FakeClock())).toThrow(ConfigError));
});
