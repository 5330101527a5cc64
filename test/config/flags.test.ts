import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { readFlags } from "../../src/config/flags.ts";
import { options } from "../../src/config/server/config.ts";

const read = (...args: string[]): Record<string, string[]> =>
  Object.fromEntries(readFlags(args, options, { file: "config" }));

describe("a command line", () => {
  const rows: { args: string[]; typed: Record<string, string[]> }[] = [
    { args: [], typed: {} },
    { args: ["--listen", ":1936"], typed: { listen: [":1936"] } },
    { args: ["--listen=:1936"], typed: { listen: [":1936"] } },
    { args: ["-listen", ":1936"], typed: { listen: [":1936"] } },
    { args: ["-listen=:1936"], typed: { listen: [":1936"] } },
    { args: ["--listen="], typed: { listen: [""] } },
    { args: ["--segment-pattern=a=b"], typed: { "segment-pattern": ["a=b"] } },
    { args: ["--record-all"], typed: { "record-all": ["true"] } },
    { args: ["-record-all"], typed: { "record-all": ["true"] } },
    { args: ["--record-all=false"], typed: { "record-all": ["false"] } },
    { args: ["--record-all", "true"], typed: { "record-all": ["true"] } },
    { args: ["-record-all", "false"], typed: { "record-all": ["false"] } },
    { args: ["--record-all", "--listen", ":1"], typed: { "record-all": ["true"], listen: [":1"] } },
    {
      args: ["--relay-to", "rtmp://a/b", "--relay-to=rtmp://c/d"],
      typed: { "relay-to": ["rtmp://a/b", "rtmp://c/d"] },
    },
    { args: ["--log-level", "info", "--log-level", "debug"], typed: { "log-level": ["info", "debug"] } },
    { args: ["--segment-duration", "-1s"], typed: { "segment-duration": ["-1s"] } },
    { args: ["mediamtx.yml"], typed: { config: ["mediamtx.yml"] } },
    { args: ["--record-all", "./my.json"], typed: { "record-all": ["true"], config: ["./my.json"] } },
    { args: ["/etc/server", "--listen", ":1"], typed: { config: ["/etc/server"], listen: [":1"] } },
    { args: ["--config", "a.conf"], typed: { config: ["a.conf"] } },
  ];
  for (const { args, typed } of rows) {
    test(`is read: ${args.join(" ") || "nothing"}`, () => {
      expect(read(...args)).toEqual(typed);
    });
  }

  for (const option of options) {
    test(`takes --${option.flag} in all four spellings`, () => {
      const value = option.arity === "switch" ? "true" : "x";
      const dashes = ["--", "-"];
      for (const dash of dashes) {
        expect(read(`${dash}${option.flag}`, value)).toEqual({ [option.flag]: [value] });
        expect(read(`${dash}${option.flag}=${value}`)).toEqual({ [option.flag]: [value] });
      }
    });
  }

  const faults = [
    { args: ["--listn", ":1"], message: "unknown flag --listn, did you mean --listen?; see --help" },
    { args: ["--recrod"], message: "unknown flag --recrod, did you mean --record?; see --help" },
    { args: ["a.yml", "b.yml"], message: 'unexpected argument "b.yml", expected a flag; see --help' },
    {
      args: ["--config", "a.yml", "b.yml"],
      message: 'unexpected argument "b.yml", expected a flag; see --help',
    },
    {
      args: ["--auth-token", "a=b", "c.json"],
      message:
        "unexpected argument behind --auth-token, expected one value, in quotes where it has blanks; see --help",
    },
    { args: ["--recordall"], message: "unknown flag --recordall, did you mean --record-all?; see --help" },
    { args: ["--gopcache=false"], message: "unknown flag --gopcache, did you mean --gop-cache?; see --help" },
    { args: ["--Listen", ":1"], message: "unknown flag --Listen, did you mean --listen?; see --help" },
    { args: ["--qqqqqqqqqqqq"], message: "unknown flag --qqqqqqqqqqqq; see --help" },
    { args: ["--listen"], message: "--listen: no value, expected ADDRESS" },
    { args: ["stray"], message: 'unexpected argument "stray", expected a flag; see --help' },
    {
      args: ["--hook-auth-api-key=", "hunter2"],
      message:
        "unexpected argument behind --hook-auth-api-key, expected one value, in quotes where it has blanks; see --help",
    },
    {
      args: ["--hook-header", "Authorization:", "Bearer", "hunter2"],
      message:
        "unexpected argument behind --hook-header, expected one value, in quotes where it has blanks; see --help",
    },
    { args: ["--record-all", "maybe"], message: 'unexpected argument "maybe", expected a flag; see --help' },
    { args: ["--"], message: 'unexpected argument "--", expected a flag; see --help' },
    { args: ["-"], message: 'unexpected argument "-", expected a flag; see --help' },
    { args: ["---listen"], message: 'unexpected argument "---listen", expected a flag; see --help' },
    { args: ["--=x"], message: 'unexpected argument "--=x", expected a flag; see --help' },
  ];
  for (const { args, message } of faults) {
    test(`is refused: ${args.join(" ")}`, () => {
      expect(() => read(...args)).toThrow(new ConfigError(message));
    });
  }
});
