import { expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import type { HostPort } from "../../src/base/host-port.ts";
import { ChosenPort } from "../../src/server/chosen-port.ts";

test("an address without a port gets the one that it had, as long as that is free", () => {
  const taken = new Set<number>();
  let next = 5_000;
  const open = ({ port }: HostPort): { port: number } => {
    if (taken.has(port)) throw new TransportError("LISTEN", `${port} is taken`);
    return { port: port === 0 ? next++ : port };
  };
  const chosen = new ChosenPort();
  const at = (host: string, port = 0): number => chosen.open({ host, port }, open).port;
  expect([at("a"), at("a"), at("a", 80), at("a")]).toEqual([5_000, 5_000, 80, 5_000]);
  taken.add(5_000);
  expect([at("a"), at("a"), at("b"), at("b"), at("a")]).toEqual([5_001, 5_001, 5_002, 5_002, 5_001]);
  taken.add(80);
  expect(() => at("a", 80)).toThrow("80 is taken");
});
