import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { type AddressReach, isAllowed, reachOfAddress } from "../../../src/hooks/webhook/address.ts";
import { egressPolicies } from "../../../src/hooks/webhook/webhook-settings.ts";
import { holds } from "../../base/property.ts";

const rows: { address: string; reach: AddressReach }[] = [
  { address: "8.8.8.8", reach: "public" },
  { address: "127.0.0.1", reach: "loopback" },
  { address: "127.255.255.254", reach: "loopback" },
  { address: "10.1.2.3", reach: "private" },
  { address: "172.31.255.255", reach: "private" },
  { address: "172.32.0.1", reach: "public" },
  { address: "192.168.0.1", reach: "private" },
  { address: "100.64.0.1", reach: "private" },
  { address: "100.100.100.200", reach: "forbidden" },
  { address: "169.254.169.254", reach: "forbidden" },
  { address: "169.254.0.1", reach: "forbidden" },
  { address: "168.63.129.16", reach: "forbidden" },
  { address: "192.0.0.192", reach: "forbidden" },
  { address: "0.0.0.0", reach: "forbidden" },
  { address: "0.1.2.3", reach: "forbidden" },
  { address: "224.0.0.1", reach: "forbidden" },
  { address: "255.255.255.255", reach: "forbidden" },
  { address: "240.0.0.1", reach: "reserved" },
  { address: "192.0.2.1", reach: "reserved" },
  { address: "::", reach: "forbidden" },
  { address: "::1", reach: "loopback" },
  { address: "2606:4700::1111", reach: "public" },
  { address: "fd12:3456::1", reach: "private" },
  { address: "fd00:ec2::254", reach: "forbidden" },
  { address: "fd00:ec2::23", reach: "forbidden" },
  { address: "fd20:ce::254", reach: "forbidden" },
  { address: "fe80::1", reach: "forbidden" },
  { address: "fe80::1%eth0", reach: "forbidden" },
  { address: "ff02::1", reach: "forbidden" },
  { address: "::ffff:169.254.169.254", reach: "forbidden" },
  { address: "::ffff:a9fe:a9fe", reach: "forbidden" },
  { address: "::ffff:127.0.0.1", reach: "loopback" },
  { address: "::ffff:0:a9fe:a9fe", reach: "forbidden" },
  { address: "64:ff9b::a9fe:a9fe", reach: "forbidden" },
  { address: "64:ff9b::10.0.0.1", reach: "private" },
  { address: "64:ff9b::8.8.8.8", reach: "public" },
  { address: "64:ff9b:1::a9fe:a9fe", reach: "forbidden" },
  { address: "2002:a9fe:a9fe::1", reach: "forbidden" },
  { address: "::a9fe:a9fe", reach: "forbidden" },
  { address: "::10.0.0.1", reach: "private" },
  { address: "2001:db8::1", reach: "reserved" },
  { address: "no address", reach: "forbidden" },
  { address: "", reach: "forbidden" },
];

describe("an address", () => {
  for (const { address, reach } of rows)
    test(`${address || "that is empty"} is ${reach}`, () => expect(reachOfAddress(address)).toBe(reach));

  test("of IPv4 reaches as far in every wrapping of IPv6 as by itself", () => {
    holds(
      fc.property(fc.ipV4(), (address) => {
        const [a, b, c, d] = address.split(".").map(Number) as [number, number, number, number];
        const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        const wrapped = [
          `::ffff:${address}`,
          `64:ff9b::${address}`,
          `2002:${groups}::1`,
          `::ffff:0:${groups}`,
        ];
        expect(wrapped.map(reachOfAddress)).toEqual(wrapped.map(() => reachOfAddress(address)));
      }),
    );
  });

  test("is allowed by the policies that are meant for its reach", () => {
    const reaches: AddressReach[] = ["public", "loopback", "private", "reserved", "forbidden"];
    const allowed = egressPolicies.map((policy) => [
      policy,
      reaches.filter((reach) => isAllowed(reach, policy)),
    ]);
    expect(Object.fromEntries(allowed)).toEqual({
      default: ["public", "loopback", "private", "reserved"],
      "public-only": ["public"],
      any: reaches,
    });
  });
});
