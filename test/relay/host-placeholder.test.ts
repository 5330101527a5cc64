import { expect, test } from "bun:test";
import { ConfigError } from "../../src/base/errors.ts";
import { parsePushTarget } from "../../src/relay/target.ts";

test("publishers do not choose whom we dial: a placeholder in the host or port is refused", () => {
  for (const url of ["rtmp://{app}.example/live", "rtmp://host:{name}/live", "RTMPS://{stream_key}/x"]) {
    expect(() => parsePushTarget(url)).toThrow(ConfigError);
  }
});
