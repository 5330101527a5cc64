import { describe, expect } from "bun:test";
import { Browser, type Tab } from "./harness/browser.ts";
import { TempDirectory } from "./harness/directory.ts";
import { publish } from "./harness/ffmpeg.ts";
import { HookReceiver } from "./harness/hook-receiver.ts";
import { clip } from "./harness/media.ts";
import { Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("ffmpeg", "chromium");

const pages = ["--api-address", "127.0.0.1:0", "--hls-address", "127.0.0.1:0"];

/** A name that is dangerous wherever it is taken for more than a text. */
const hostile = `live/<script>alert(1)<script>"'&`;

/** A server with its dashboard open in a browser. */
class Dashboard implements AsyncDisposable {
  readonly server: Server;
  readonly tab: Tab;
  readonly #browser: Browser;

  private constructor(server: Server, browser: Browser, tab: Tab) {
    this.server = server;
    this.#browser = browser;
    this.tab = tab;
  }

  static async open(flags: readonly string[] = []): Promise<Dashboard> {
    const server = await Server.start({ flags: [...pages, ...flags] });
    const browser = await Browser.start();
    return new Dashboard(server, browser, await browser.open(`${await server.pages("control API")}/`));
  }

  get page() {
    return this.tab.page;
  }

  /** The row of a stream. */
  row(name: string) {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("link", { name, exact: true }) });
  }

  /** Nothing went wrong, but what a test says, and nothing came from elsewhere. */
  expectSound(expected: readonly RegExp[] = []): void {
    const { faults, hosts } = this.tab;
    expect(faults.filter((fault) => !expected.some((each) => each.test(fault)))).toEqual([]);
    expect(hosts.every((host) => host.startsWith("127.0.0.1:"))).toBe(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

describe("the dashboard", () => {
  test("tells how to publish, shows what is published, and kicks it", async () => {
    await using dashboard = await Dashboard.open();
    const { server, tab, page } = dashboard;
    await page.getByRole("heading", { name: "No stream yet" }).waitFor();
    expect(await page.getByText(`rtmp://127.0.0.1:${server.port}/live`, { exact: true }).count()).toBe(1);
    await using _other = publish(await clip(), server.url("live/other"), { loops: true });
    await using publisher = publish(await clip(), server.url(hostile), { loops: true });
    const row = dashboard.row(hostile);
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
    dashboard.expectSound();
  });

  test("asks who wants to look, records a stream, and plays what was recorded", async () => {
    using directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    await Bun.write(
      file,
      `authInternalUsers:
  - {user: any, permissions: [{action: publish}, {action: read}]}
  - {user: admin, pass: "swordfish!", permissions: [{action: api}, {action: playback}]}
playback: yes
playbackAddress: 127.0.0.1:0
pathDefaults: {recordPath: "${directory.path}/%path/%Y-%m-%d_%H-%M-%S-%f"}
paths: {all_others: }
`,
    );
    await using dashboard = await Dashboard.open(["--config", file]);
    const { server, tab, page } = dashboard;
    const signIn = async (password: string): Promise<void> => {
      await page.getByLabel("User").fill("admin");
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
    };
    await signIn("wrong");
    await page.getByRole("alert").getByText("That is not accepted.").waitFor();
    await signIn("swordfish!");
    await using _ = publish(await clip(), server.url(hostile), { loops: true });
    await dashboard.row(hostile).getByRole("link").first().click();
    await page.getByText("1280×720").waitFor();
    await page.getByRole("button", { name: "Start recording" }).click();
    await page.getByRole("button", { name: "Stop recording" }).waitFor();
    await server.line({ msg: "recorder initialized", stream_key: hostile });
    await tab.picture("dashboard-stream");
    await page.waitForTimeout(1_500);
    await page.getByRole("button", { name: "Stop recording" }).click();
    await page.getByRole("button", { name: "Start recording" }).waitFor();
    await server.line({ msg: "recorder closed", stream_key: hostile });
    await page.getByRole("link", { name: "Recordings of this stream" }).click();
    const download = page.getByRole("link", { name: /^Download/ });
    const kept = page.waitForEvent("download");
    await download.click();
    expect((await kept).suggestedFilename()).toEndWith(".mp4");
    await page.getByRole("button", { name: /^Play the recording/ }).click();
    const video = page.locator("video");
    const state = () =>
      video.evaluate((each) => {
        const { currentTime, videoWidth } = each as unknown as { currentTime: number; videoWidth: number };
        return { currentTime, videoWidth };
      });
    await until(state, ({ currentTime, videoWidth }) => currentTime > 0.5 && videoWidth === 1280);
    await tab.picture("dashboard-recording");
    // What was typed in stands in no address, neither of the page nor of anything that it has asked for.
    expect(`${page.url()} ${await video.getAttribute("src")}`).not.toMatch(/swordfish|admin/);
    dashboard.expectSound([/status of 401/]);
  });

  test("tells who may not play recordings so, and goes on", async () => {
    using directory = new TempDirectory();
    const file = directory.file("rtmp-server.yml");
    await Bun.write(
      file,
      `authInternalUsers:
  - {user: any, permissions: [{action: publish}]}
  - {user: operator, pass: "swordfish!", permissions: [{action: api}]}
paths: {all_others: }
`,
    );
    await using dashboard = await Dashboard.open(["--config", file]);
    const { page } = dashboard;
    await page.getByLabel("User").fill("operator");
    await page.getByLabel("Password").fill("swordfish!");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "No stream yet" }).waitFor();
    await page.evaluate(`location.hash = "#/recordings/live/test"`);
    await page.getByText("this takes the permission playback").waitFor();
    await page.getByRole("link", { name: "Streams" }).click();
    await page.getByRole("heading", { name: "No stream yet" }).waitFor();
    dashboard.expectSound([/status of 40[13]/]);
  });

  test("shows how hooks do, and sends a dead letter again", async () => {
    using directory = new TempDirectory();
    await using receiver = new HookReceiver(() => new Response(null, { status: 400 }));
    const hooks = ["--hook-webhook", `publish_start=${receiver.url}`, "--hook-data-dir", directory.path];
    await using dashboard = await Dashboard.open([...hooks, "--hook-delivery-guarantee", "at-least-once"]);
    const { server, tab, page } = dashboard;
    await using _ = publish(await clip(), server.url("live/test"), { loops: true });
    await page.getByRole("link", { name: "Hooks", exact: true }).click();
    const replay = page.getByRole("button", { name: "Replay dead letter 1" });
    await replay.waitFor();
    await tab.picture("dashboard-hooks");
    receiver.answer = () => new Response(null, { status: 204 });
    await replay.click();
    const delivery = await receiver.delivery("publish_start");
    expect(delivery.event.stream_key).toBe("live/test");
    await page.getByText("None: no event was given up.").waitFor();
    await page.getByRole("row", { name: /webhook closed 0 – 1 1 1/ }).waitFor();
    dashboard.expectSound();
  });

  test("can be used by keyboard, and has a page for everything else", async () => {
    await using dashboard = await Dashboard.open(["--relay-to", "rtmp://127.0.0.1:9/live"]);
    const { server, page } = dashboard;
    await using _ = publish(await clip(), server.url("live/test"), { loops: true });
    await using _other = publish(await clip(), server.url("live/other"), { loops: true });
    await dashboard.row("live/test").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("TEST");
    await dashboard.row("live/other").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "live/test" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("figure").filter({ hasText: "Bit rate" }).locator("canvas").waitFor();
    await page.getByRole("button", { name: "Play" }).press("Enter");
    const player = page.frameLocator("iframe").locator("video");
    const played = () =>
      player.evaluate((video) => (video as unknown as { currentTime: number }).currentTime);
    await until(played, (seconds) => seconds > 0.5);
    await dashboard.tab.picture("dashboard-player");
    for (const [section, text] of [
      ["Connections", "publish"],
      ["Relays", "rtmp://127.0.0.1:9/live"],
      ["Alerts", "Failed to connect to destination"],
      ["Configuration", "apiAddress"],
    ] as const) {
      await page.getByRole("link", { name: section, exact: true }).focus();
      await page.keyboard.press("Enter");
      await page
        .getByRole("cell", { name: text, exact: false })
        .or(page.getByRole("rowheader", { name: text }))
        .first()
        .waitFor();
    }
    dashboard.expectSound();
  });

  test("goes on when the configuration changes under it", async () => {
    await using dashboard = await Dashboard.open();
    const { server, page } = dashboard;
    await page.getByRole("link", { name: "Recordings", exact: true }).click();
    await page.goto(`${page.url()}/live%2Ftest`);
    await page.getByText("The playback server is off").waitFor();
    await page.request.patch(`${await server.pages("control API")}/v3/config/global/patch`, {
      data: { playback: true, playbackAddress: "127.0.0.1:0" },
    });
    await page.getByText("The playback server is off").waitFor({ state: "detached" });
    await page.getByRole("status").getByText("live", { exact: true }).waitFor();
    dashboard.expectSound();
  });
});
