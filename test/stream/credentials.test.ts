import { describe, expect, test } from "bun:test";
import { credentialsOfHeader, credentialsOfQuery, noCredentials } from "../../src/stream/credentials.ts";

const shown = (user: string, password: string, token = "") => ({ user, password, token });

describe("a query", () => {
  test.each([
    { query: "", expected: noCredentials },
    { query: "user=anna&pass=secret", expected: shown("anna", "secret") },
    { query: "user=an%20na&pass=%26%3D%C3%A4", expected: shown("an na", "&=ä") },
    { query: "pass=a=b", expected: shown("", "a=b") },
    { query: "token=t&jwt=j", expected: shown("", "", "t") },
    { query: "jwt=j", expected: shown("", "", "j") },
    { query: "user=a&user=b", expected: shown("a", "") },
    { query: "user=%zz&other=1", expected: shown("%zz", "") },
    { query: "password=secret", expected: noCredentials },
  ])("$query", ({ query, expected }) => expect(credentialsOfQuery(query)).toEqual(expected));
});

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

describe("a header", () => {
  test.each([
    { header: null, expected: noCredentials },
    { header: "", expected: noCredentials },
    { header: "Basic", expected: noCredentials },
    { header: basic("anna:secret"), expected: shown("anna", "secret") },
    { header: basic("anna:a:b"), expected: shown("anna", "a:b") },
    { header: basic("änna:€"), expected: shown("änna", "€") },
    { header: basic(":secret"), expected: shown("", "secret") },
    { header: basic("nobody"), expected: noCredentials },
    { header: "basic YTpi", expected: shown("a", "b") },
    { header: "bAsIc YTpi", expected: shown("a", "b") },
    { header: "Basic ***", expected: noCredentials },
    { header: "Bearer a.b.c", expected: shown("", "", "a.b.c") },
    { header: "bearer  a.b.c ", expected: shown("", "", "a.b.c") },
    { header: "Bearer anna:secret", expected: shown("anna", "secret") },
    { header: "Bearer a:b:c", expected: shown("", "", "a:b:c") },
    { header: "Bearer", expected: noCredentials },
    { header: "Bearer a b", expected: noCredentials },
    { header: "Digest username=anna", expected: noCredentials },
  ])("$header", ({ header, expected }) => expect(credentialsOfHeader(header)).toEqual(expected));
});
