import { describe, expect, test } from "bun:test";
import type { Call } from "../../../src/http/resource.ts";
import { Entrance } from "../../../src/orchestrator/http/entrance.ts";

/** How a request is answered that reads, and one that changes something. */
const answers = async (
  token: string,
  { ip, headers = {} }: { ip: string; headers?: Record<string, string> },
): Promise<number[]> => {
  const entrance = new Entrance(token);
  const request = new Request("http://x/", { headers });
  const call = { client: { ip, port: 1 } } as Call;
  const handle = () => new Response("let in");
  const both = [entrance.reading(handle), entrance.changing(handle)];
  return (await Promise.all(both.map((handler) => handler(request, call)))).map(({ status }) => status);
};

describe("whoever asks", () => {
  const local = "127.0.0.1";
  const basic = (pair: string): Record<string, string> => ({ Authorization: `Basic ${btoa(pair)}` });
  const rows: {
    name: string;
    token?: string;
    ip?: string;
    headers?: Record<string, string>;
    answers: number[];
  }[] = [
    { name: "from this machine may all", answers: [200, 200] },
    { name: "from this machine by IPv6 may all", ip: "::1", answers: [200, 200] },
    { name: "from elsewhere may read", ip: "192.0.2.1", answers: [200, 403] },
    ...["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"].map((header) => ({
      name: `behind a proxy that says ${header} may read`,
      headers: { [header]: "x" },
      answers: [200, 403],
    })),
    { name: "without the token may nothing", token: "geheim", answers: [401, 401] },
    {
      name: "with another token may nothing",
      token: "geheim",
      headers: { Authorization: "Bearer geheimer" },
      answers: [401, 401],
    },
    {
      name: "with the token may all, from elsewhere too",
      token: "geheim",
      ip: "192.0.2.1",
      headers: { Authorization: "bearer geheim" },
      answers: [200, 200],
    },
    {
      name: "with it as a password may all",
      token: "ge:heim",
      headers: basic("me:ge:heim"),
      answers: [200, 200],
    },
    {
      name: "with it as a name may nothing",
      token: "geheim",
      headers: basic("geheim:"),
      answers: [401, 401],
    },
  ];
  for (const { name, token = "", ip = local, headers, answers: expected } of rows)
    test(name, async () => {
      expect(await answers(token, { ip, ...(headers && { headers }) })).toEqual(expected);
    });
});
