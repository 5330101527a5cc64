import { describe, expect } from "bun:test";
import { Browser } from "./harness/browser.ts";
import { OrchestratorProgram, OrchestratorState } from "./harness/orchestrator.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("chromium");

const hostile = `<img src=x onerror="document.title='x'">'&`;

describe("the page of the orchestrator", () => {
  test("shows streams, forwarders and events, whatever they are called, and starts a worker anew by keyboard", async () => {
    await using state = new OrchestratorState();
    await using orchestrator = await OrchestratorProgram.start(state, {
      flags: [
        ...[
          "--api",
          "",
          "--worker-command",
          `sh -c 'test "$0" = broken && { echo "$1"; exit 3; }; exec sleep 600' {streamId} {query}`,
        ],
        ...["--forward", "abc=rtmps://live.example.com/app/SECRETKEY", "--forwarder-command", "sleep 600"],
      ],
    });
    await orchestrator.tell("ready", {
      path: "live/abc/in",
      query: "lang=es",
      sourceType: "rtmpConn",
      sourceId: "1",
    });
    await orchestrator.tell("ready", { path: "live/abc/out" });
    await orchestrator.tell("ready", { path: "live/other/in" });
    await orchestrator.tell("not-ready", { path: "live/other/in" });
    const odd = { query: hostile, sourceType: hostile, sourceId: hostile };
    await orchestrator.tell("ready", { path: "live/broken/in", ...odd });
    await orchestrator.tell("ready", { path: hostile, ...odd });
    await using browser = await Browser.start();
    for (const isDark of [false, true]) {
      await using tab = await browser.open(`${orchestrator.url}/`, { isDark });
      const { page } = tab;
      const row = page.getByRole("row").filter({ has: page.getByRole("cell", { name: "abc", exact: true }) });
      await row.getByText("running").first().waitFor();
      await row.getByText("rtmps://live.example.com/app/***").waitFor();
      await page
        .getByText(/^code 3: /)
        .first()
        .waitFor();
      await page.getByText("draining", { exact: true }).waitFor();
      await tab.picture(`orchestrator-${isDark ? "dark" : "light"}`);
      if (isDark) {
        const { pid } = (await orchestrator.streams()).get("abc")!.worker;
        await page.getByRole("button", { name: "Restart worker of abc" }).focus();
        await page.waitForTimeout(2_500);
        await page.keyboard.press("Enter");
        await until(
          async () => (await orchestrator.streams()).get("abc")?.worker.pid ?? null,
          (now) => now !== null && now !== pid,
        );
        await page.getByLabel("Filter").fill("abc");
        await until(
          () => page.locator("#streams tr").count(),
          (count) => count === 1,
        );
      }
      expect(await page.title()).toBe("orchestrator");
      expect(tab.faults).toEqual([]);
      expect(await page.content()).not.toContain("SECRETKEY");
    }
    await using phone = await browser.open(`${orchestrator.url}/`, { size: "phone" });
    await phone.page.getByText("draining", { exact: true }).waitFor();
    await phone.picture("orchestrator-phone");
    const overflow = await phone.page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(overflow).toBeLessThanOrEqual(0);
  });

  test("is behind the token, which a browser asks for", async () => {
    await using state = new OrchestratorState();
    await using orchestrator = await OrchestratorProgram.start(state, {
      flags: ["--api", "", "--worker-command", "sleep 600"],
      env: { ORCHESTRATOR_TOKEN: "api-token" },
    });
    expect((await orchestrator.ask("/")).status).toBe(401);
    await using browser = await Browser.start();
    await using tab = await browser.open(`${orchestrator.url}/`, {
      credentials: { username: "me", password: "api-token" },
    });
    await tab.page.getByText("No stream has been heard of yet.").waitFor();
    await tab.page.getByText("0 streams").waitFor();
    await orchestrator.tell("ready", { path: "live/abc/in" });
    await tab.page.getByText("running").first().waitFor();
  });
});
