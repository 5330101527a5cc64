import { describe, expect, test } from "bun:test";
import { clientNetwork, parseIpAddress } from "../../src/base/ip-address.ts";

test("an address is read without its zone, and as IPv4 where it is one", () => {
  const read = ["192.0.2.1", "::ffff:192.0.2.1", "fe80::1%eth0", "2001:db8::1", "somewhere", ""];
  expect(read.map((text) => parseIpAddress(text)?.toString())).toEqual([
    "192.0.2.1",
    "192.0.2.1",
    "fe80::1",
    "2001:db8::1",
    undefined,
    undefined,
  ]);
});

describe("a client", () => {
  const cases: { ip: string; expected: string }[] = [
    { ip: "192.0.2.1", expected: "192.0.2.1" },
    { ip: "::ffff:192.0.2.1", expected: "192.0.2.1" },
    { ip: "2001:db8:1:2:3:4:5:6", expected: "2001:db8:1:2::/64" },
    { ip: "2001:db8:1:2::", expected: "2001:db8:1:2::/64" },
    { ip: "2001:db8:1:3::1", expected: "2001:db8:1:3::/64" },
    { ip: "fe80::1%eth0", expected: "fe80::/64" },
    { ip: "::1", expected: "::/64" },
    { ip: "somewhere", expected: "somewhere" },
  ];
  test.each(cases)("at $ip is $expected", ({ ip, expected }) => {
    expect(clientNetwork(ip)).toBe(expected);
  });
});
