import { afterEach, describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { json } from "../../src/http/resource.ts";
import { type Configurable, reconfigure } from "../../src/server/configurable.ts";
import { Pages, type PagesName } from "../../src/server/pages.ts";
import type { RunConfig } from "../../src/server/run-config.ts";
import { openAccess } from "../../src/stream/admission.ts";

const opened: Pages[] = [];

afterEach(async () => {
  for (const pages of opened.splice(0)) await pages.stop();
});

/** Pages that say their name. */
const pagesOf = (name: PagesName): Pages => {
  const pages = new Pages({
    name,
    resources: () => [{ path: "/name", methods: { GET: () => json(name) } }],
    access: openAccess,
    clock: systemClock,
    log: silentLogger,
  });
  opened.push(pages);
  return pages;
};

const configOf = (api: number, metrics: number): RunConfig =>
  readConfig(
    readServerFlags(["--api-address", `127.0.0.1:${api}`, "--metrics-address", `127.0.0.1:${metrics}`]),
  );

const nameAt = async (port: number): Promise<unknown> =>
  (await fetch(`http://127.0.0.1:${port}/name`, { headers: { Connection: "close" } })).json();

/** Two ports that are served, with the parts that serve them. */
const open = () => {
  const [api, metrics] = [pagesOf("api"), pagesOf("metrics")];
  for (const pages of [api, metrics]) pages.configure(configOf(0, 0));
  const before = configOf(api.port ?? 0, metrics.port ?? 0);
  for (const pages of [api, metrics]) pages.configure(before);
  return { parts: [api, metrics], before, first: api.port ?? 0, second: metrics.port ?? 0 };
};

describe("another configuration", () => {
  test("may have one part take the address of another one, and that one its address", async () => {
    const { parts, before, first, second } = open();
    const now = configOf(second, first);
    reconfigure(parts, { now, before, log: silentLogger });
    expect([await nameAt(first), await nameAt(second)]).toEqual(["metrics", "api"]);
  });

  test("that fails when addresses have changed hands has everything be as it was", async () => {
    const { parts, before, first, second } = open();
    const failing: Configurable = {
      name: "another",
      configure: () => {
        throw new TransportError("LISTEN", "not to be had");
      },
    };
    const log = { ...silentLogger, error: () => expect.unreachable("a part does not find back") };
    const now = configOf(second, first);
    expect(() => reconfigure([...parts, failing], { now, before, log })).toThrow("not to be had");
    expect([await nameAt(first), await nameAt(second)]).toEqual(["api", "metrics"]);
  });

  test("that has one of two move to an address that is taken has the other one move back", async () => {
    const { parts, before, first, second } = open();
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
    const now = configOf(second, taken.port);
    expect(() => reconfigure(parts, { now, before, log: silentLogger })).toThrow(/in use/);
    expect([await nameAt(first), await nameAt(second)]).toEqual(["api", "metrics"]);
  });
});
