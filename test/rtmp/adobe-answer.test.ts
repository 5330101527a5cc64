import { describe, expect, test } from "bun:test";
import { answerTo, readChallenge } from "../../src/rtmp/adobe-answer.ts";

const login = { user: "me", password: "secret" };

describe("the login of Adobe's servers", () => {
  test("tells challenges from other refusals", () => {
    const rows: [string, string | undefined][] = [
      ["[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ", "who"],
      [
        "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=needauth&user=me&salt=a&challenge=b&opaque=c",
        "proof",
      ],
      ["[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed&opaque=c", "failed"],
      ["[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=nosuchuser", "failed"],
      ["[ AccessManager.Reject ] : [ code=403 need auth; authmod=llnw ] : ", undefined],
      ["no such application", undefined],
    ];
    for (const [text, kind] of rows) expect(readChallenge(text)?.kind, text).toBe(kind as "who");
  });

  test("keeps values as they stand: Base64 may end with =", () => {
    const text = "[ authmod=adobe ] : ?reason=needauth&user=me&salt=sA+/==&challenge=c/A==&opaque=oP==";
    expect(readChallenge(text)).toEqual({
      kind: "proof",
      salt: "sA+/==",
      challenge: "c/A==",
      opaque: "oP==",
    });
  });

  test("proves the password without telling it", () => {
    const proof = { kind: "proof", salt: "salt", challenge: "chal", opaque: "opaq" } as const;
    // base64(md5(base64(md5("me" "salt" "secret")) "opaq" "0011")), by openssl.
    expect(answerTo(proof, login, "0011")).toBe(
      "authmod=adobe&user=me&challenge=0011&response=Mfbat9JT9tC/7ZO5oQZOzg==&opaque=opaq",
    );
    expect(answerTo({ kind: "who" }, login)).toBe("authmod=adobe&user=me");
    expect(answerTo({ kind: "failed" }, login)).toBeUndefined();
    expect(answerTo({ ...proof, opaque: "" }, login, "0011")).not.toContain("opaque");
    expect(answerTo(proof, login)).not.toBe(answerTo(proof, login));
  });
});
