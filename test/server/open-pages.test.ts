import { describe, expect, test } from "bun:test";
import { ConfigError, TransportError } from "../../src/base/errors.ts";
import { type Logger, silentLogger } from "../../src/base/log.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { openPages } from "../../src/server/open-pages.ts";

const opened = (args: readonly string[], environment: Record<string, string> = {}, isTaken = false) => {
  const warnings: string[] = [];
  const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const config = readConfig(readServerFlags(args), { environment });
  const pages = openPages("api", { config, log }, (address) => {
    if (isTaken) throw new TransportError("LISTEN", "the port is in use");
    return address;
  });
  return { pages, warnings };
};

describe("pages", () => {
  test("are opened at their address, on this machine alone unless something else is said", () => {
    expect(opened([]).pages).toEqual({ host: "127.0.0.1", port: 9997 });
    expect(opened(["--api-address", ":1"]).pages).toEqual({ host: "", port: 1 });
    expect(opened(["--api=false"]).pages).toBeUndefined();
  });

  test("that nobody asked for are not there where their port is taken, which is told", () => {
    const { pages, warnings } = opened(["--metrics"], {}, true);
    expect(pages).toBeUndefined();
    expect(warnings).toEqual([
      "api is off: the port is in use; apiAddress chooses another address, api: no says not to try",
    ]);
  });

  test("that somebody asked for are an error then, which names who did", () => {
    const rows: [string[], Record<string, string>, string][] = [
      [["--api"], {}, "--api: the port is in use"],
      [["--api", "--api-address", ":1"], {}, "--api-address: the port is in use"],
      [[], { MTX_API: "yes" }, "MTX_API: api: the port is in use"],
    ];
    for (const [args, environment, message] of rows)
      expect(() => opened(args, environment, true)).toThrow(new TransportError("LISTEN", message));
  });

  test("are not served at a socket of the file system yet", () => {
    expect(() => opened(["--api-address", "unix:///run/a.sock"])).toThrow(ConfigError);
  });
});
