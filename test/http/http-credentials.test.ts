import { describe, expect, test } from "bun:test";
import { credentialsOfHeader } from "../../src/http/http-credentials.ts";

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString("base64")}`;

describe("an Authorization header", () => {
  const rows: { header: string | null; user?: string; password?: string; token?: string }[] = [
    { header: null },
    { header: "" },
    { header: "Basic" },
    { header: "Digest username=a" },
    { header: basic("u:p"), user: "u", password: "p" },
    { header: basic("u:p:q"), user: "u", password: "p:q" },
    { header: basic("ü:ß"), user: "ü", password: "ß" },
    { header: basic("u"), user: "u" },
    { header: basic(":p"), password: "p" },
    { header: basic("u:p").replace("Basic", "bAsIc"), user: "u", password: "p" },
    { header: "Bearer a.b.c", token: "a.b.c" },
    { header: "bearer  a.b.c", token: "a.b.c" },
    { header: "Bearer u:p", user: "u", password: "p" },
    { header: "Bearer a:b:c", token: "a:b:c" },
  ];
  for (const { header, user = "", password = "", token = "" } of rows)
    test(`${header} shows ${user || "nobody"}, ${password || "no password"}, ${token || "no token"}`, () => {
      expect(credentialsOfHeader(header)).toEqual({ user, password, token });
    });
});
