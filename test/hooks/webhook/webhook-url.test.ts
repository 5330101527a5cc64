import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { parseWebhookUrl, redactUrl } from "../../../src/hooks/webhook/webhook-url.ts";

describe("the URL of a webhook", () => {
  const rows: { text: string; href: string; label?: string; authorization?: string }[] = [
    { text: "http://h", href: "http://h/", label: "http://h/" },
    { text: "HTTPS://h:8443/a/b", href: "https://h:8443/a/b", label: "https://h:8443/a/b" },
    { text: "http://[::1]:80/x?a=b&c", href: "http://[::1]/x?a=b&c", label: "http://[::1]/x?a=***&***" },
    { text: "http://u@h/", href: "http://h/", label: "http://***@h/", authorization: "Basic dTo=" },
    { text: "http://:p@h/", href: "http://h/", label: "http://***@h/", authorization: "Basic OnA=" },
    { text: "http://u:a:b@h/", href: "http://h/", label: "http://***@h/", authorization: "Basic dTphOmI=" },
    {
      text: "https://h/api/webhooks/123456789012345678/aB3-aB3_aB3-aB3_aB3-aB3_",
      href: "https://h/api/webhooks/123456789012345678/aB3-aB3_aB3-aB3_aB3-aB3_",
      label: "https://h/api/webhooks/123456789012345678/***",
    },
    {
      text: "http://h/a-long-name-in-plain-words",
      href: "http://h/a-long-name-in-plain-words",
      label: "http://h/a-long-name-in-plain-words",
    },
  ];
  for (const { text, href, label, authorization } of rows) {
    test(`${text} is read, and shown as ${label}`, () => {
      expect(parseWebhookUrl(text)).toEqual({ href, label: label!, authorization });
    });
  }

  const expected = "expected http[s]://[USER:PASSWORD@]HOST[:PORT][/PATH][?QUERY]";
  const refused: { text: string; message: string }[] = [
    { text: "", message: `"***" is no webhook URL, ${expected}` },
    { text: "/hooks/a.sh", message: `"***" is no webhook URL, ${expected}` },
    { text: "h:80/x", message: `"***" is no webhook URL, ${expected}` },
    { text: "ftp://u:secret@h/", message: `"ftp://***@h/" is no webhook URL, ${expected}` },
    { text: "http:secret", message: `"***" is no webhook URL, ${expected}` },
    { text: "http://", message: `"http://***" has no host, ${expected}` },
    { text: "http:///secret", message: `"http://secret/" has no host, ${expected}` },
    { text: "http://u:secret@", message: `"http://***" has no host, ${expected}` },
    { text: "http://:80/", message: `"http://***" has no host, ${expected}` },
    { text: "http://h:99999/", message: `"http://***" is no webhook URL, ${expected}` },
    { text: "http://u:se/cret@h/", message: `"http://***" is no webhook URL, ${expected}` },
    {
      text: "http://h/#secret",
      message: '"http://h/" has a fragment, which is never sent; write a # that is meant as %23',
    },
    {
      text: "http://h/#",
      message: '"http://h/" has a fragment, which is never sent; write a # that is meant as %23',
    },
    {
      text: "http://u:%secret@h/",
      message: '"http://***@h/" has a user or password with a % that is no escape, write it as %25',
    },
    {
      text: "http://u%3A:secret@h/",
      message: '"http://***@h/" has a user with a colon, which cannot be sent',
    },
  ];
  for (const { text, message } of refused) {
    test(`${JSON.stringify(text)} is refused without its secrets`, () => {
      expect(() => parseWebhookUrl(text)).toThrow(new ConfigError(message));
    });
  }

  test("that is no URL at all is not shown", () => {
    expect(redactUrl("user:secret@h")).toBe("***");
    expect(redactUrl("secret")).toBe("***");
  });
});
