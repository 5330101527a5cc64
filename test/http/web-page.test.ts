import { expect, test } from "bun:test";
import { WebPage } from "../../src/http/web-page.ts";
import { Serving } from "./serving.ts";

const files = [
  { name: "index.html", type: "text/html;charset=utf-8", text: "<!doctype html>" },
  { name: "page-1a2b.js", type: "text/javascript;charset=utf-8", text: "1 + 1;".repeat(100) },
];

const served = (): Serving & { asked: number } => {
  let asked = 0;
  const page = new WebPage({
    files: () => {
      asked++;
      return Promise.resolve(files);
    },
    policy: "default-src 'self'",
  });
  const document = { path: "/", methods: { GET: (request: Request) => page.document(request) } };
  return Object.defineProperty(new Serving([document, page.resource]), "asked", {
    get: () => asked,
  }) as Serving & { asked: number };
};

test("a page's document is asked for each time, and may load nothing from elsewhere", async () => {
  await using serving = served();
  const response = await serving.get("/");
  expect(await response.text()).toBe("<!doctype html>");
  expect(response.headers.get("Cache-Control")).toBe("no-cache");
  expect(response.headers.get("Content-Security-Policy")).toBe("default-src 'self'");
});

test("its files may be kept for ever, and are made once", async () => {
  await using serving = served();
  const response = await serving.get("/.web/page-1a2b.js", { headers: { "Accept-Encoding": "gzip" } });
  expect(await response.text()).toBe("1 + 1;".repeat(100));
  expect(response.headers.get("Content-Encoding")).toBe("gzip");
  expect(response.headers.get("Cache-Control")).toContain("immutable");
  const tag = response.headers.get("ETag") ?? "";
  const again = await serving.get("/.web/page-1a2b.js", { headers: { "If-None-Match": tag } });
  expect(again.status).toBe(304);
  const plain = await serving.get("/.web/page-1a2b.js", { headers: { "Accept-Encoding": "identity" } });
  expect(plain.headers.get("Content-Encoding")).toBeNull();
  expect(serving.asked).toBe(1);
});

test("there are no others", async () => {
  await using serving = served();
  for (const name of ["index.html", "other.js", "%2e%2e%2fpasswd"])
    expect((await serving.get(`/.web/${name}`)).status).toBe(404);
});
