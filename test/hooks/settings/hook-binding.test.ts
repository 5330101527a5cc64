import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../../src/base/errors.ts";
import { parseHookBinding } from "../../../src/hooks/settings/hook-binding.ts";

describe("a hook binding", () => {
  const rows: { text: string; event: string; target: string }[] = [
    { text: "publish_start=/hooks/a.sh", event: "publish_start", target: "/hooks/a.sh" },
    { text: "*=https://h/x?a=b=c", event: "*", target: "https://h/x?a=b=c" },
    { text: "PublishStop=./with = sign", event: "PublishStop", target: "./with = sign" },
  ];
  for (const { text, event, target } of rows) {
    test(`${text} is split at the first =`, () => {
      expect(parseHookBinding(text)).toEqual({ event, target });
    });
  }

  const expected = ", expected EVENT=TARGET such as publish_start=TARGET, or *=TARGET for every event";
  const broken: { text: string; message: string }[] = [
    { text: "", message: `"" has no =${expected}` },
    { text: "publish_start", message: `"publish_start" has no =${expected}` },
    { text: "=/hooks/a.sh", message: `no event in front of the =${expected}` },
    { text: "publish_start=", message: `"publish_start=" has nothing behind the =${expected}` },
    { text: "https://u:secret@h/", message: `no event in front of the URL${expected}` },
    { text: "https://u:secret@h/?a=b", message: `no event in front of the URL${expected}` },
  ];
  for (const { text, message } of broken) {
    test(`${JSON.stringify(text)} is refused without repeating a secret`, () => {
      expect(() => parseHookBinding(text)).toThrow(new ConfigError(message));
    });
  }
});
