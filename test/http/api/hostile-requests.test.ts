import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { silentLogger } from "../../../src/base/log.ts";
import { controlApi } from "../../../src/http/api/control-api.ts";
import { RegistryPaths } from "../../../src/http/api/registry-paths.ts";
import { House } from "../../stream/house.ts";
import { exchange, Serving } from "../serving.ts";
import { fakePorts } from "./fake-ports.ts";

const setUp = () => {
  const { ports } = fakePorts();
  const paths = new RegistryPaths({ registry: new House().registry, configured: new Set(["live/a"]) });
  const faults: unknown[] = [];
  const log = {
    ...silentLogger,
    error: (message: string, fields?: object) => void faults.push([message, fields]),
  };
  return { serving: new Serving(controlApi({ ...ports, paths }), log), faults };
};

const routes = [
  "paths/get/",
  "config/paths/get/",
  "rtmpconns/get/",
  "rtspsessions/kick/",
  "recordings/get/",
  "paths/list?page=",
  "",
  "paths/forward/get?path=",
];

describe("a request of any kind", () => {
  test("is answered, and is never taken for a defect of the server", async () => {
    const { serving, faults } = setUp();
    await using _ = serving;
    const anyText = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom("%", "2", "F", "f", "/", "?", "&", "=", ".", "\0", "ü", "\u2028", "~"),
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD"),
        fc.constantFrom(...routes),
        anyText,
        fc.boolean(),
        async (method, route, text, isEscaped) => {
          const rest = isEscaped ? encodeURIComponent(text.toWellFormed()) : text;
          const body = method === "GET" || method === "HEAD" ? undefined : text;
          const response = await serving.get(`/v3/${route}${rest}`, {
            method,
            redirect: "manual",
            ...(body === undefined ? {} : { body }),
          });
          await response.text();
          expect([200, 301, 307, 400, 404]).toContain(response.status);
        },
      ),
      { numRuns: 500 },
    );
    expect(faults).toEqual([]);
  });

  test("as bytes ends in an answer or in nothing", async () => {
    const { serving, faults } = setUp();
    await using _ = serving;
    for (const target of [
      "/v3/paths/get/%",
      "/v3/paths/get/%C3%28",
      "/v3/paths/get/\xff",
      "*",
      "//",
      "/v3/../v3/info",
      "http://[/v3/info",
    ]) {
      const answer = await exchange(
        serving.server.port,
        `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^$|^HTTP\/1\.1 [2-4]/);
    }
    expect((await serving.get("/v3/info")).status).toBe(200);
    expect(faults).toEqual([]);
  });
});
