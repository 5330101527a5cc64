import { describe, expect } from "bun:test";
import { Browser, type Tab } from "./harness/browser.ts";
import { publish } from "./harness/ffmpeg.ts";
import { clip } from "./harness/media.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "chromium");

/** A server with its dashboard open in a browser. */
const openDashboard = async (flags: readonly string[] = []) => {
  const server = await Server.start({
    flags: ["--api-address", "127.0.0.1:0", "--hls-address", "127.0.0.1:0", ...flags],
  });
  const browser = await Browser.start();
  const tab = await browser.open(`${await server.pages("control API")}/`);
  return {
    server,
    browser,
    tab,
    page: tab.page,
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};

const expectSound = ({ faults, hosts }: Tab): void => {
  expect(faults).toEqual([]);
  expect(hosts.every((host) => host.startsWith("127.0.0.1:"))).toBe(true);
};

describe("the dashboard", () => {
  test("tells how to publish, shows what is published, and kicks it", async () => {
    await using dashboard = await openDashboard();
    const { server, tab, page } = dashboard;
    await page.getByRole("heading", { name: "No stream yet" }).waitFor();
    expect(await page.getByText(`rtmp://127.0.0.1:${server.port}/live`, { exact: true }).count()).toBe(1);
    const hostile = `live/<script>alert(1)<script>"'&`;
    await using _other = publish(await clip(), server.url("live/other"), { loops: true });
    await using publisher = publish(await clip(), server.url(hostile), { loops: true });
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: hostile, exact: true }) });
    await row.getByText("1280×720").waitFor();
    await row.getByText("b/s").waitFor();
    await tab.picture("dashboard-streams");
    await row.getByRole("button", { name: "Kick" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Kick" }).click();
    await page.getByText(`The publisher of ${hostile} was disconnected.`).waitFor();
    await server.line({ msg: "publish stopped", stream_key: hostile, reason: "kicked" });
    await publisher.exit(30_000);
    await row.waitFor({ state: "detached" });
    expect(await page.getByRole("link", { name: "live/other" }).count()).toBe(1);
    expectSound(tab);
  });
});
