import { describe, expect, test } from "bun:test";
import { addressesFor, EgressError, type EgressRules } from "../../../src/hooks/webhook/egress.ts";

const open: EgressRules = { egress: "default", tlsPolicy: "off" };

const ask = (
  url: string,
  addresses: string[],
  rules: Partial<EgressRules> = {},
): Promise<readonly string[]> =>
  addressesFor(new URL(url), { ...open, ...rules }, () => Promise.resolve(addresses));

describe("the addresses of a request", () => {
  const metadata = [
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[fd00:ec2::254]/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://0xa9.254.0251.254/",
    "http://169.254.43518/",
    "http://169.254.169.254./",
    "http://0.0.0.0/",
    "http://0/",
    "http://[::]/",
  ];
  for (const url of metadata) {
    test(`${url} is refused without a look-up`, async () => {
      const asked: string[] = [];
      const resolve = (host: string): Promise<string[]> => {
        asked.push(host);
        return Promise.resolve(["8.8.8.8"]);
      };
      const addresses = addressesFor(new URL(url), open, resolve);
      await expect(addresses).rejects.toBeInstanceOf(EgressError);
      expect(asked).toEqual([]);
    });
  }

  test("are what the resolver gave, without those that are not allowed", async () => {
    const all = ["fe80::1", "10.0.0.1", "8.8.8.8", "169.254.169.254"];
    expect(await ask("https://h/", all)).toEqual(["10.0.0.1", "8.8.8.8"]);
    expect(await ask("https://h/", all, { egress: "public-only" })).toEqual(["8.8.8.8"]);
    expect(await ask("https://h/", all, { egress: "any" })).toEqual(all);
  });

  test("are refused where none is allowed, and the error says which", async () => {
    await expect(ask("https://h/", ["169.254.169.254"])).rejects.toThrow(
      new EgressError("address 169.254.169.254 is not allowed with egress default"),
    );
    await expect(ask("https://h/", ["127.0.0.1", "::1"], { egress: "public-only" })).rejects.toThrow(
      new EgressError("address 127.0.0.1, ::1 is not allowed with egress public-only"),
    );
  });

  test("of plain http are near ones only, unless any will do", async () => {
    expect(await ask("http://h/", ["8.8.8.8", "10.0.0.1", "::1"], { tlsPolicy: "public" })).toEqual([
      "10.0.0.1",
      "::1",
    ]);
    await expect(ask("http://h/", ["8.8.8.8"], { tlsPolicy: "public" })).rejects.toThrow(
      new EgressError("plain http to an address that is not private, expected https, or tls_policy off"),
    );
    expect(await ask("http://h/", ["8.8.8.8"], { tlsPolicy: "off" })).toEqual(["8.8.8.8"]);
    await expect(ask("http://h/", ["127.0.0.1"], { tlsPolicy: "strict" })).rejects.toThrow(
      new EgressError("plain http, expected https with tls_policy strict"),
    );
    expect(await ask("https://h/", ["8.8.8.8"], { tlsPolicy: "strict" })).toEqual(["8.8.8.8"]);
  });

  test("are none where the resolver knows none, which is no matter of policy", async () => {
    await expect(ask("https://h/", [])).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});
