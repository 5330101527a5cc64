import { describe, expect, test } from "bun:test";
import { NetworkSet } from "../../src/access/network-set.ts";
import { PermissionSet } from "../../src/access/permission-set.ts";
import { adminRequest, sampleRequest } from "./sample-request.ts";

describe("permissions", () => {
  const cases = [
    { path: "", asked: "live/cam1", expected: true },
    { path: "live/cam1", asked: "live/cam1", expected: true },
    { path: "live/cam1", asked: "live/cam10", expected: false },
    { path: "live", asked: "live/cam1", expected: false },
    { path: "~^live/", asked: "live/cam1", expected: true },
    { path: "~cam\\d", asked: "live/cam1/in", expected: true },
    { path: "~^cam", asked: "live/cam1", expected: false },
    { path: "~(?i)CAM1$", asked: "live/cam1", expected: true },
  ];
  test.each(cases)("on $path hold for $asked: $expected", ({ path, asked, expected }) => {
    const set = new PermissionSet([{ action: "publish", path }]);
    expect(set.permits(sampleRequest({ path: asked }))).toBe(expected);
  });

  test("are for their action only", () => {
    const set = new PermissionSet([{ action: "read", path: "" }]);
    expect(set.permits(sampleRequest({ action: "publish" }))).toBe(false);
    expect(set.permits(sampleRequest({ action: "read" }))).toBe(true);
  });

  test("have a path that means nothing for what is about none", () => {
    const set = new PermissionSet([{ action: "api", path: "some/path" }]);
    expect(set.permits(adminRequest())).toBe(true);
    expect(set.permits(adminRequest({ action: "metrics" }))).toBe(false);
  });
});

describe("networks", () => {
  const cases = [
    { networks: [], ip: "203.0.113.5", expected: true },
    { networks: [], ip: "a pipe", expected: true },
    { networks: ["203.0.113.5/32"], ip: "203.0.113.5", expected: true },
    { networks: ["203.0.113.5/32"], ip: "::ffff:203.0.113.5", expected: true },
    { networks: ["10.0.0.0/8", "203.0.113.0/24"], ip: "203.0.113.5", expected: true },
    { networks: ["203.0.112.0/24"], ip: "203.0.113.5", expected: false },
    { networks: ["::1/128"], ip: "::1", expected: true },
    { networks: ["fe80::/10"], ip: "fe80::1%eth0", expected: true },
    { networks: ["0.0.0.0/0"], ip: "::1", expected: false },
    { networks: ["0.0.0.0/0"], ip: "", expected: false },
  ];
  test.each(cases)("$networks have $ip: $expected", ({ networks, ip, expected }) => {
    expect(new NetworkSet(networks).has(ip)).toBe(expected);
  });
});
