import { describe, expect, test } from "bun:test";
import { Router } from "../../src/http/router.ts";

const answer = (text: string) => () => new Response(text);

const router = new Router([
  { path: "/a", methods: { GET: answer("a") } },
  { path: "/a", methods: { POST: answer("post a") } },
  { path: "/open", methods: { GET: answer("open") }, isUnguarded: true },
  { path: "/index/", methods: { GET: answer("index") } },
  { path: "/get/{name...}", methods: { GET: answer("rest") } },
  { path: "/get/special/{name...}", methods: { GET: answer("special") } },
  { path: "/conn/{id}", methods: { GET: answer("conn") } },
]);

/** What is found, in short. */
const find = async (method: string, path: string): Promise<string> => {
  const route = router.find(method, path);
  if (!route) return "nothing";
  if (route.kind === "elsewhere") return `elsewhere: ${route.path}`;
  const response = await (route.handle as () => Response)();
  return `${await response.text()}: ${route.name}${route.isUnguarded ? ", open" : ""}`;
};

describe("the router", () => {
  const rows: [method: string, path: string, found: string][] = [
    ["GET", "/a", "a: "],
    ["POST", "/a", "post a: "],
    ["PUT", "/a", "nothing"],
    ["GET", "/a/", "elsewhere: /a"],
    ["PUT", "/a/", "nothing"],
    ["GET", "/open", "open: , open"],
    ["GET", "/index", "elsewhere: /index/"],
    ["GET", "/index/", "index: "],
    ["GET", "/get/live/cam1", "rest: live/cam1"],
    ["GET", "/get/live/cam1/", "rest: live/cam1/"],
    ["GET", "/get/", "rest: "],
    ["GET", "/get", "elsewhere: /get/"],
    ["GET", "/get/special/x", "special: x"],
    ["GET", "/conn/1", "conn: 1"],
    ["GET", "/conn/1/", "elsewhere: /conn/1"],
    ["GET", "/conn/", "nothing"],
    ["GET", "/conn/1/2", "nothing"],
    ["GET", "/", "nothing"],
    ["GET", "", "nothing"],
    ["GET", "/b", "nothing"],
    ["__proto__", "/a", "nothing"],
    ["GET", "__proto__", "nothing"],
  ];
  for (const [method, path, found] of rows)
    test(`finds ${found} for ${method} ${path}`, async () => {
      expect(await find(method, path)).toBe(found);
    });
});
