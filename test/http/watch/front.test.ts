import { describe, expect, test } from "bun:test";
import { watchResource } from "../../../src/http/watch/front.ts";
import { Serving } from "../serving.ts";

const says =
  (what: string) =>
  (_: Request, { name }: { readonly name: string }): Response =>
    new Response(`${what} ${name}`);

const resource = watchResource({ page: says("page"), flv: says("flv"), hls: says("hls") });

describe("what viewers ask for", () => {
  for (const [path, answer] of [
    ["/", "page "],
    ["/live/test/", "page live/test/"],
    ["/live/test.flv", "flv live/test.flv"],
    ["/live/test/index.m3u8", "hls live/test/index.m3u8"],
    ["/live/test/part7.mp4", "hls live/test/part7.mp4"],
    ["/live/a.flv/", "page live/a.flv/"],
  ] as const)
    test(`${path} is told by how it ends`, async () => {
      await using serving = new Serving([resource]);
      expect(await (await serving.get(path)).text()).toBe(answer);
    });

  test("a stream's name leads to its page, whatever the name holds", async () => {
    await using serving = new Serving([resource]);
    for (const [path, location] of [
      ["/live/test?user=a&pass=b", "test/?user=a&pass=b"],
      ["/live/a%22%3Cb%3E%0d%0aX", "a%22%3Cb%3E%0D%0AX/"],
      ["//evil.example", "evil.example/"],
    ] as const) {
      const response = await serving.get(path, { redirect: "manual" });
      expect([response.status, response.headers.get("Location")]).toEqual([302, location]);
    }
  });

  test("an answer that is not there leads to the page", async () => {
    await using serving = new Serving([watchResource({ page: says("page") })]);
    expect(await (await serving.get("/live/test.flv")).text()).toBe("page live/test.flv/");
  });
});
