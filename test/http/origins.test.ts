import { describe, expect, test } from "bun:test";
import { allowedOrigin } from "../../src/http/origins.ts";

describe("the origin that may read an answer", () => {
  const rows: { entries: string[]; origin: string | null; allowed: string | undefined }[] = [
    { entries: [], origin: "https://a.example", allowed: undefined },
    { entries: ["*"], origin: "https://a.example", allowed: "*" },
    { entries: ["*"], origin: null, allowed: "*" },
    { entries: ["https://a.example"], origin: null, allowed: undefined },
    { entries: ["https://a.example"], origin: "https://a.example", allowed: "https://a.example" },
    { entries: ["https://a.example"], origin: "http://a.example", allowed: undefined },
    { entries: ["https://a.example"], origin: "https://a.example:8443", allowed: undefined },
    { entries: ["https://a.example", "*"], origin: "https://b.example", allowed: "*" },
    { entries: ["https://a.example", "*"], origin: "https://a.example", allowed: "https://a.example" },
    { entries: ["https://*.example"], origin: "https://a.b.example", allowed: "https://a.b.example" },
    { entries: ["https://*.example"], origin: "https://example", allowed: undefined },
    { entries: ["https://*.example"], origin: "https://.example", allowed: undefined },
    { entries: ["https://*.example"], origin: "https://evil.com/.example", allowed: undefined },
    { entries: ["https://*.example"], origin: "https://u:p@a.example", allowed: undefined },
    {
      entries: ["https://*.example:8443"],
      origin: "https://a.example:8443",
      allowed: "https://a.example:8443",
    },
    { entries: ["https://*.example:8443"], origin: "https://a.example", allowed: undefined },
  ];
  for (const { entries, origin, allowed } of rows)
    test(`is ${allowed} for ${origin} with ${entries.join(" ") || "none"}`, () => {
      expect(allowedOrigin(entries, origin)).toBe(allowed);
    });
});
