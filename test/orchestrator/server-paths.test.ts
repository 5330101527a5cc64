import { describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { systemClock } from "../../src/base/time.ts";
import { ControlApiPaths } from "../../src/orchestrator/server-paths.ts";

/** An API that answers with what a test wants. */
const serve = (answer: (url: URL, request: Request) => Response) => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => answer(new URL(request.url), request),
  });
  return { api: `127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
};

const pathsOf = (api: string) =>
  new ControlApiPaths({ api: `http://${api}`, fingerprint: "", clock: systemClock });

describe("the paths of a media server", () => {
  test("are read page by page, those that are ready", async () => {
    const items = Array.from({ length: 1_203 }, (_, number) => ({
      name: `live/s${number}/in`,
      ready: number % 2 === 0,
      source: number === 2 ? null : { type: "rtmpConn", id: `id${number}` },
    }));
    using server = serve(({ pathname, searchParams }) => {
      if (pathname !== "/v3/paths/list") return new Response(null, { status: 404 });
      const size = Number(searchParams.get("itemsPerPage"));
      const from = Number(searchParams.get("page")) * size;
      return Response.json({
        itemCount: items.length,
        pageCount: Math.ceil(items.length / size),
        items: items.filter((_, index) => index >= from && index < from + size),
      });
    });
    const ready = await pathsOf(server.api).ready();
    expect(ready.length).toBe(602);
    expect(ready[0]).toEqual({ name: "live/s0/in", source: { type: "rtmpConn", id: "id0", query: "" } });
    expect(ready[1]?.source).toEqual({ type: "", id: "", query: "" });
  });

  test("are those of newer servers too, which call it available", async () => {
    using server = serve(() =>
      Response.json({
        pageCount: 1,
        items: [
          { name: "a", available: true },
          { name: "b", available: false },
        ],
      }),
    );
    expect((await pathsOf(server.api).ready()).map(({ name }) => name)).toEqual(["a"]);
  });

  test("are asked for one by one, their names escaped", async () => {
    const asked: string[] = [];
    using server = serve(({ pathname }) => {
      asked.push(pathname);
      if (pathname.endsWith("in")) return Response.json({ name: "x", ready: true });
      return Response.json({ error: "path not found" }, { status: 404 });
    });
    const paths = pathsOf(server.api);
    expect([await paths.isReady("live/a b/in"), await paths.isReady("live/x/out")]).toEqual([true, false]);
    expect(asked).toEqual(["/v3/paths/get/live%2Fa%20b%2Fin", "/v3/paths/get/live%2Fx%2Fout"]);
  });

  test("have sources whose queries are known by their connections", async () => {
    using server = serve(({ pathname }) =>
      pathname === "/v3/rtspssessions/get/a%2Fb"
        ? Response.json({ id: "a/b", query: "lang=es" })
        : Response.json({ error: "not found" }, { status: 404 }),
    );
    const paths = pathsOf(server.api);
    const queryOf = (type: string, id: string) => paths.queryOf({ type, id, query: "" });
    expect(await queryOf("rtspsSession", "a/b")).toBe("lang=es");
    expect(await queryOf("rtmpConn", "a/b")).toBe("");
    expect(await queryOf("../x", "a/b")).toBe("");
    expect(await queryOf("rtmpConn", "")).toBe("");
  });

  test("are asked for with the user of the URL, who is in no error", async () => {
    using server = serve((_, { headers }) =>
      headers.get("Authorization") === `Basic ${btoa("me:geheim")}`
        ? Response.json({ pageCount: 1, items: [] })
        : Response.json({}, { status: 401 }),
    );
    expect(await pathsOf(`me:geheim@${server.api}`).ready()).toEqual([]);
    const error = await pathsOf(`me:falsch@${server.api}`)
      .ready()
      .catch((each: unknown) => each);
    expect(error).toBeInstanceOf(TransportError);
    expect(String(error)).toBe(
      "TransportError: the API does not let us in (status 401), expected its user and password in the URL",
    );
  });

  const strangers: { name: string; answer: () => Response }[] = [
    { name: "another page", answer: () => new Response("<html>") },
    { name: "another object", answer: () => Response.json({ items: 3 }) },
    { name: "an error", answer: () => Response.json({ pageCount: 1, items: [] }, { status: 500 }) },
  ];
  for (const { name, answer } of strangers)
    test(`are not known where ${name} answers`, async () => {
      using server = serve(answer);
      expect(pathsOf(server.api).ready()).rejects.toThrow("expected the API of MediaMTX");
    });

  test("are not taken for gone where somebody else says that there is no such page", async () => {
    using server = serve(() => new Response("<html>Not Found</html>", { status: 404 }));
    expect(pathsOf(server.api).isReady("live/a/in")).rejects.toThrow("status 404 with something else");
    using older = serve(() => new Response(null, { status: 404 }));
    expect(await pathsOf(older.api).isReady("live/a/in")).toBe(false);
  });

  test("are not known where nobody answers", async () => {
    expect(pathsOf("127.0.0.1:1").ready()).rejects.toThrow("no connection could be made");
  });
});
