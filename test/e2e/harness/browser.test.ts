import { expect } from "bun:test";
import { Browser } from "./browser.ts";
import { needsTools } from "./tools.ts";

needsTools("chromium")("a browser tells what went wrong in a page, and whom it asked", async () => {
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      new Response("<script>console.error('loud')</script><script>throw new Error('thrown')</script>", {
        headers: { "Content-Type": "text/html" },
      }),
  });
  await using browser = await Browser.start();
  await using tab = await browser.open(`${server.url}`);
  expect(tab.faults).toHaveLength(2);
  expect(tab.faults.join()).toMatch(/loud.*thrown/);
  expect(tab.hosts).toEqual([server.url.host]);
  const plays = await tab.page.evaluate<boolean>(
    `MediaSource.isTypeSupported('video/mp4; codecs="avc1.640028"')`,
  );
  expect(plays).toBe(true);
});
