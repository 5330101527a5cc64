import { describe, expect, test } from "bun:test";
import { hideInUrl, hideSecretsOfQuery, hideStreamKey } from "../../src/base/hide-secrets.ts";

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

describe("a URL", () => {
  const hidden: { url: string; plain: string; key: string }[] = [
    { url: "rtsp://h/a", plain: "rtsp://h/a", key: "rtsp://h/a" },
    { url: "rtsp://u:p@h/a?x=1", plain: "rtsp://***@h/a?***", key: "rtsp://***@h/a?***" },
    { url: "rtmp://h/a/k", plain: "rtmp://h/a/k", key: "rtmp://h/a/***" },
    { url: "rtmp://h/a/{name}", plain: "rtmp://h/a/{name}", key: "rtmp://h/a/{name}" },
    { url: "rtmp://u:p@q@h/a/k?b#c", plain: "rtmp://***@h/a/k?***", key: "rtmp://***@h/a/***?***" },
    { url: "rtmp://h/a/$MTX_PATH/$G1", plain: "rtmp://h/a/$MTX_PATH/$G1", key: "rtmp://h/a/$MTX_PATH/$G1" },
    { url: "rtmp://h/a/k{name}", plain: "rtmp://h/a/k{name}", key: "rtmp://h/a/***" },
    { url: "rtmp://u:TOP/SECRET@h/a/k", plain: "rtmp://***@h/a/k", key: "rtmp://***" },
    { url: "rtmp://u:TOP?SEC#RET@h/a/k", plain: "rtmp://***@h/a/k", key: "rtmp://***" },
    { url: "rtmp://us/er:SECRET@h/a/k", plain: "rtmp://***@h/a/k", key: "rtmp://***" },
    { url: "rtmp://u:12/SECRET@h/a/k", plain: "rtmp://***@h/a/k", key: "rtmp://***" },
    { url: "rtmp://u:p@h/a/KEY@KEY", plain: "rtmp://***@KEY", key: "rtmp://***" },
    { url: "rtmp://h/a/KEY@1", plain: "rtmp://h/a/KEY@1", key: "rtmp://h/a/***" },
    { url: "/path", plain: "/path", key: "/path" },
    { url: "publisher", plain: "publisher", key: "publisher" },
  ];
  for (const { url, plain, key } of hidden) {
    test(`${url} is shown without what is secret`, () => {
      expect([hideInUrl(url), hideStreamKey(url)]).toEqual([plain, key]);
    });
  }
});
