import { describe, expect, test } from "bun:test";
import { ApiServing } from "./api-serving.ts";
import { fakePorts, livePath } from "./fake-ports.ts";

describe("the document of the control API", () => {
  test("has an operation for every route, each under a name of its own", async () => {
    await using api = new ApiServing(fakePorts().ports);
    const document = (await (await api.get("/v3/openapi.json")).json()) as {
      openapi: string;
      info: { version: string };
      paths: Record<string, Record<string, { operationId: string; parameters?: { name: string }[] }>>;
    };
    expect([document.openapi, document.info.version]).toEqual(["3.1.0", "1.2.3"]);
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("configPathsAdd");
    for (const [path, methods] of Object.entries(document.paths))
      for (const { parameters = [] } of Object.values(methods)) {
        const [, parameter] = /\{(\w+)\}/.exec(path) ?? [];
        if (parameter) expect(parameters[0]).toMatchObject({ name: parameter, in: "path", required: true });
      }
  });

  test("names every object once, and refers to nothing that is not there", async () => {
    await using api = new ApiServing(fakePorts().ports);
    const text = await (await api.get("/v3/openapi.json")).text();
    const { components } = JSON.parse(text) as { components: { schemas: Record<string, unknown> } };
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(Object.keys(components.schemas).sort()).toEqual([...new Set(referred)].sort() as string[]);
    expect(Object.keys(components.schemas)).toContainValues([
      "Path",
      "PathList",
      "Peer",
      "RTMPConn",
      "RTSPConn",
      "RTSPSession",
      "Error",
    ]);
  });

  test("does not pass an answer that is not as it says", async () => {
    const { ports, paths } = fakePorts();
    await using api = new ApiServing(ports);
    const lies: object[] = [
      { ...livePath, more: 1 },
      { ...livePath, readyTime: "yesterday" },
      { ...livePath, inboundBytes: -1 },
      { ...livePath, source: { type: "rtmpConn" } },
      { ...livePath, tracks2: [{ codec: "H264", codecProps: { width: 1.5 } }] },
    ];
    for (const lie of lies) {
      paths.set("live/cam1", lie as never);
      await expect(api.ask("GET /v3/paths/get/live/cam1")).rejects.toThrow(
        "GET /v3/paths/get/live/cam1 200: [",
      );
    }
  });
});
