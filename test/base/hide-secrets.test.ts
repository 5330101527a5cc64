import { describe, expect, test } from "bun:test";
import { hideSecretsOfQuery } from "../../src/base/hide-secrets.ts";

describe("a query as people may see it", () => {
  const rows: [query: string, shown: string][] = [
    ["", ""],
    ["user=u&pass=p", "user=u&pass=***"],
    ["pass=a=b&x=1", "pass=***&x=1"],
    ["PASSWORD=p&Token=t&jwt=a.b.c", "PASSWORD=***&Token=***&jwt=***"],
    ["p%61ss=p", "p%61ss=***"],
    ["a=1;pass=p", "a=1;pass=***"],
    ["secret=&user=", "secret=&user="],
    ["lowlatency&x=1", "lowlatency&x=1"],
    ["eyJhbGciOiJIUzI1NiJ9", "***"],
    [
      "stream_key=k&apikey=k&auth=a&sign=s&wsSecret=w&hash=h",
      "stream_key=***&apikey=***&auth=***&sign=***&wsSecret=***&hash=***",
    ],
    ["%=1&room=7", "%=1&room=7"],
    ["pass%=1", "pass%=***"],
  ];
  for (const [query, shown] of rows)
    test(`shows ${query || "nothing"} as ${shown || "nothing"}`, () => {
      expect(hideSecretsOfQuery(query)).toBe(shown);
    });
});
