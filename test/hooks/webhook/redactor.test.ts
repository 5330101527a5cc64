import { describe, expect, test } from "bun:test";
import { Redactor } from "../../../src/hooks/webhook/redactor.ts";
import type { AuthSettings } from "../../../src/hooks/webhook/webhook-settings.ts";
import { sampleSettings } from "./sample-webhook.ts";

const rotation = { previousSecret: "the-old-s3cret", previousUntil: undefined };

const auths: AuthSettings[] = [
  { type: "api_key", key: "the-s3cret", header: "X-API-Key" },
  {
    type: "hmac",
    secret: "the-s3cret",
    algorithm: "sha256",
    header: "X-Signature",
    legacySignWith: "current",
    ...rotation,
  },
  {
    type: "jwt",
    secret: "the-s3cret",
    algorithm: "HS256",
    issuer: "i",
    subject: undefined,
    audience: undefined,
    claims: {},
    ttlMs: 1,
  },
  {
    type: "oauth2",
    clientId: "id",
    clientSecret: "the-s3cret",
    tokenUrl: "http://h/",
    scopes: [],
    audience: undefined,
  },
  { type: "basic", username: "u", password: "the-s3cret" },
];

describe("what a receiver repeats", () => {
  for (const auth of auths) {
    test(`does not bare the secret of ${auth.type}`, () =>
      expect(Redactor.of(sampleSettings({ auth })).redact("got the-s3cret, the-s3cret!")).toBe(
        "got ***, ***!",
      ));
  }

  test("does not bare the secret before, either", () =>
    expect(Redactor.of(sampleSettings({ auth: auths[1]! })).redact("got the-old-s3cret")).toBe("got ***"));

  test("does not bare what the URL, the proxy, the TLS key and headers hold", () => {
    const redactor = Redactor.of(
      sampleSettings({
        url: "https://us%40r-name:p%C3%A9ss@h/api/aB3-aB3_aB3-aB3_aB3-aB3_?token=t0ken-1&v=1",
        proxy: "http://proxyuser:proxypass@p",
        tls: { ca: undefined, cert: undefined, key: "-----KEY-----", fingerprint: undefined },
        headers: [
          ["Authorization", "Bearer t0ken-2"],
          ["X-Source", "rtmp-server"],
        ],
      }),
    );
    const text = `us@r-name us%40r-name péss p%C3%A9ss aB3-aB3_aB3-aB3_aB3-aB3_ t0ken-1 proxyuser proxypass
-----KEY----- Bearer t0ken-2; t0ken-2 v=1 rtmp-server`;
    expect(redactor.redact(text).replaceAll("***", "").replace(/\s+/g, " ")).toBe(" ; v=1 rtmp-server");
  });

  test("does not bare a secret that is written as in JSON or a URL", () => {
    const redactor = new Redactor(['a"b\\c d']);
    expect(redactor.redact(JSON.stringify({ key: 'a"b\\c d' }))).toBe('{"key":"***"}');
    expect(redactor.redact(`?key=${encodeURIComponent('a"b\\c d')}`)).toBe("?key=***");
  });

  test("does not bare what proved this one request", () => {
    const redactor = new Redactor([]).with([
      ["Authorization", "Bearer abc.defg"],
      ["X-Signature", "sha256=01234567"],
      ["webhook-signature", "v1,abcdefg= v1,hijklmn="],
    ]);
    expect(redactor.redact("Bearer abc.defg; abc.defg sha256=01234567 01234567 hijklmn= v1")).toBe(
      "***; *** *** *** *** v1",
    );
  });

  test("does not bare how user and password of the URL are sent, and leaves short names alone", () => {
    const redactor = Redactor.of(sampleSettings({ url: "http://u:p4ss@h/" }));
    expect(redactor.redact(`Basic ${btoa("u:p4ss")} ${btoa("u:p4ss")} u`)).toBe("*** *** u");
  });

  test("is left as it is without secrets", () => {
    expect(new Redactor(["", ""]).redact("abc")).toBe("abc");
    expect(Redactor.of(sampleSettings()).redact("abc")).toBe("abc");
  });
});
