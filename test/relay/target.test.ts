import { describe, expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { parsePushTarget } from "../../src/relay/target.ts";
import { resolveStreamName } from "../../src/rtmp/stream-name.ts";

const urlFor = (template: string, path: string) => parsePushTarget(template).urlFor(parseStreamPath(path));

describe("a push target", () => {
  const rows: [template: string, path: string, app: string, name: string][] = [
    ["rtmp://h/live", "live/a", "live", "a"],
    ["rtmp://h/live/", "live/a", "live", "a"],
    ["rtmp://h/live", "live/a/b", "live", "a/b"],
    ["rtmp://h/live/fixed", "live/a", "live", "fixed"],
    ["rtmp://h/live/fixed?token=t", "live/a", "live", "fixed?token=t"],
    ["rtmp://h/{app}/{name}", "live/a", "live", "a"],
    ["rtmp://h/{app}", "live/a", "live", "a"],
    ["rtmp://h/copy/{stream_key}", "live/a/b", "copy", "live/a/b"],
    ["rtmp://h/copy/x-{name}-y", "live/a", "copy", "x-a-y"],
    ["rtmp://h/copy/{name}", "single", "copy", "single"],
    ["rtmp://h/live/{name}", "live/a b", "live", "a b"],
    ["rtmp://h/live/{name}", "live/a?b#c", "live", "a%3Fb%23c"],
    ["rtmp://h/live/{name}", "live/100%", "live", "100%25"],
    ["rtmp://h/live/{name}", "live/{app}", "live", "{app}"],
  ];
  for (const [template, path, app, name] of rows) {
    test(`${template} takes ${path} to app ${app} and name ${name}`, () => {
      expect(urlFor(template, path)).toMatchObject({ host: "h", port: 1935, app, name });
    });
  }

  test("names the same stream again at a server like ours", () => {
    for (const path of ["live/a", "live/a b/c", "live/100%", "live/ü", "live/x&y=z", "live/a?b"]) {
      const { app, name } = urlFor("rtmp://h/{app}/{name}", path);
      expect(resolveStreamName(app, name).path as string).toBe(path);
    }
  });

  test("may be RTMPS and have a port", () => {
    expect(urlFor("rtmps://h:444/{app}/{name}", "live/a")).toEqual({
      host: "h",
      port: 444,
      isTls: true,
      app: "live",
      name: "a",
    });
  });

  test("shows no stream key, credentials or query", () => {
    expect(parsePushTarget("rtmp://h/app/SECRET?token=SECRET").label).toBe("rtmp://h/app/***?***");
    expect(parsePushTarget("rtmp://h/app/{name}").label).toBe("rtmp://h/app/{name}");
  });

  const faults: [string, RegExp][] = [
    ["rtmp://h/live/{key}", /has the placeholder \{key\}, expected \{app\}, \{name\} or \{stream_key\}/],
    ["rtmp://h/live/{}", /has the placeholder \{\}/],
    ["rtmp://h/live/{ app }", /has the placeholder/],
    ["http://h/live", /is no RTMP URL/],
    ["rtmp://h", /has no application/],
    ["rtmp://u:p@h/live", /has a user and password/],
    ["", /is no RTMP URL/],
  ];
  for (const [template, message] of faults) {
    test(`is refused: ${JSON.stringify(template)}`, () => {
      expect(() => parsePushTarget(template)).toThrow(ConfigError);
      expect(() => parsePushTarget(template)).toThrow(message);
    });
  }
});
