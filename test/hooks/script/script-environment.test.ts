import { describe, expect, test } from "bun:test";
import { scriptEnvironment } from "../../../src/hooks/script/script-environment.ts";

const server = {
  PATH: "/bin",
  HOME: "/root",
  LANG: "C",
  TZ: "UTC",
  TMPDIR: "/tmp",
  DISCORD_WEBHOOK_URL: "https://x",
  HMAC_SECRET: "hunter2",
  LD_PRELOAD: "/evil.so",
  BASH_ENV: "/evil.sh",
};

describe("the variables of a script", () => {
  const rows = [
    {
      name: "are those of the server without what steers shells and the loader",
      settings: {},
      names: ["DISCORD_WEBHOOK_URL", "HMAC_SECRET", "HOME", "LANG", "PATH", "TMPDIR", "TZ"],
    },
    {
      name: "lack those that are withheld",
      settings: { withheld: ["HMAC_SECRET", "PATH", "NOT_THERE"] },
      names: ["DISCORD_WEBHOOK_URL", "HOME", "LANG", "TMPDIR", "TZ"],
    },
    {
      name: "are five with a clean start, less those that are withheld",
      settings: { envMode: "clean", withheld: ["TZ"] },
      names: ["HOME", "LANG", "PATH", "TMPDIR"],
    },
    {
      name: "have its own added to a clean start",
      settings: { envMode: "clean", env: { OWN: "1" } },
      names: ["HOME", "LANG", "OWN", "PATH", "TMPDIR", "TZ"],
    },
  ] as const;
  for (const { name, settings, names } of rows)
    test(name, () => {
      const variables = scriptEnvironment({ env: {}, envMode: "inherit", withheld: [], ...settings }, server);
      expect(Object.keys(variables).sort()).toEqual([...names]);
    });

  test("are its own where it has one of the name, though that be withheld or dangerous", () => {
    const env = { PATH: "/opt", HMAC_SECRET: "mine", LD_PRELOAD: "/mine.so" };
    const variables = scriptEnvironment({ env, envMode: "clean", withheld: ["HMAC_SECRET"] }, server);
    expect(variables).toEqual({ HOME: "/root", LANG: "C", TZ: "UTC", TMPDIR: "/tmp", ...env });
  });
});
