import { describe, expect, test } from "bun:test";
import { type ConnectionBounds, ConnectionLimits } from "../../../src/rtmp/io/connection-limits.ts";
import { FakeClock } from "../../base/fake-clock.ts";
import { noBounds } from "./session-options.ts";

const limitsOf = (bounds: Partial<ConnectionBounds>) => {
  const clock = new FakeClock();
  const limits = new ConnectionLimits(() => ({ ...noBounds, ...bounds }), clock);
  return { clock, limits, enter: (...ips: string[]) => ips.map((ip) => limits.enter(ip).kind) };
};

describe("connections", () => {
  test("are all welcome without bounds", () => {
    const { enter } = limitsOf({});
    expect(new Set(enter(...Array<string>(1_000).fill("192.0.2.1")))).toEqual(new Set(["welcome"]));
  });

  test("are bounded in all, and there is room again when one leaves", () => {
    const { limits, enter } = limitsOf({ maxConnections: 2 });
    expect(enter("192.0.2.1", "192.0.2.2", "192.0.2.3")).toEqual(["welcome", "welcome", "refused"]);
    limits.leave("192.0.2.3", { wasRefused: true });
    expect(enter("192.0.2.3")).toEqual(["refused"]);
    limits.leave("192.0.2.1", { wasRefused: false });
    expect(enter("192.0.2.3")).toEqual(["welcome"]);
  });

  test("are bounded for each address, without harm to others", () => {
    const { enter } = limitsOf({ maxConnectionsPerAddress: 1 });
    expect(enter("192.0.2.1", "192.0.2.1", "::1", "::1")).toEqual([
      "welcome",
      "refused",
      "welcome",
      "refused",
    ]);
  });

  test("of IPv6 count by their /64, as one client has all of it", () => {
    const { limits, enter } = limitsOf({ maxConnectionsPerAddress: 2 });
    expect(enter("2001:db8::1", "2001:db8::ffff:2", "2001:db8::3", "2001:db8:0:1::1")).toEqual([
      "welcome",
      "welcome",
      "refused",
      "welcome",
    ]);
    limits.leave("2001:db8::1", { wasRefused: false });
    expect(enter("2001:db8::3", "2001:db8::4")).toEqual(["welcome", "refused"]);
    expect(limits.enter("2001:db8::5")).toMatchObject({
      error: { message: "2 connections from 2001:db8::/64 already, expected fewer" },
    });
  });

  test("are bounded in a second", () => {
    const { clock, enter } = limitsOf({ maxPerSecond: 2 });
    expect(enter("a", "b", "c")).toEqual(["welcome", "welcome", "refused"]);
    clock.advance(1_000);
    expect(enter("d")).toEqual(["welcome"]);
  });

  test("that are too many are told so as long as there are few of those, and dropped beyond", () => {
    const { enter } = limitsOf({ maxConnections: 1 });
    const kinds = enter(...Array<string>(70).fill("192.0.2.1"));
    expect([kinds.filter((kind) => kind === "refused").length, kinds.at(-1)]).toEqual([64, "dropped"]);
  });

  test("say how many there are and where from", () => {
    const { limits, enter } = limitsOf({ maxConnectionsPerAddress: 1 });
    enter("192.0.2.1");
    expect(limits.enter("192.0.2.1")).toMatchObject({
      error: {
        code: "TOO_MANY_CONNECTIONS",
        message: "1 connections from 192.0.2.1 already, expected fewer",
      },
    });
  });
});
