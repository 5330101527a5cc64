import { afterAll, beforeAll, describe, expect } from "bun:test";
import { Browser, type Tab, type TabOptions } from "./harness/browser.ts";
import { CountedPublisher } from "./harness/counted.ts";
import { TempDirectory } from "./harness/directory.ts";
import { enhanced } from "./harness/enhanced.ts";
import { publish } from "./harness/ffmpeg.ts";
import { hevcClip, shortClip } from "./harness/media.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { samplesOf } from "./harness/samples.ts";
import { builtBinary, Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";
import { until } from "./harness/until.ts";

const test = needsTools("chromium", "ffmpeg", "ffprobe");

const flags = ["--hls-address", "127.0.0.1:0"];

/** Where a server shows streams. */
const watchUrl = (server: Server): Promise<string> => server.pages("HLS and FLV over HTTP");

/** The text of the page, once it says what is waited for. */
const says = (tab: Tab, pattern: RegExp): Promise<string> =>
  until(
    () => tab.page.evaluate<string>("document.body.innerText"),
    (text) => pattern.test(text),
    30_000,
  );

interface Picture {
  readonly time: number;
  readonly width: number;
  readonly height: number;
}

const pictureIn = (tab: Tab): Promise<Picture> =>
  tab.page.evaluate<Picture>(
    `(({ currentTime: time, videoWidth: width, videoHeight: height }) => ({ time, width, height }))(document.querySelector("video"))`,
  );

/** Waits until the picture has moved for a second and a half, and gives it. */
const plays = async (tab: Tab): Promise<Picture> => {
  const first = await until(
    () => pictureIn(tab),
    ({ time, width }) => time > 0 && width > 0,
    30_000,
  );
  return await until(
    () => pictureIn(tab),
    ({ time }) => time > first.time + 1.5,
    30_000,
  );
};

/** Nothing went wrong in a page, and all of it came from one server. */
const isSound = (tab: Tab, url: string): void => {
  expect(tab.faults).toEqual([]);
  expect(tab.hosts).toEqual([new URL(url).host]);
};

describe("the page of a stream", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await Browser.start();
  });
  afterAll(async () => await browser[Symbol.asyncDispose]());

  test("plays by FLV and by HLS, with as little delay as each has", async () => {
    await using server = await Server.start({ flags });
    await using usual = await Server.start({ flags: [...flags, "--hls-variant", "fmp4"] });
    const url = await watchUrl(server);
    const usualUrl = await watchUrl(usual);
    using publisher = await CountedPublisher.start(server.url("live/test"), usual.url("live/test"));
    const figures: string[] = [];
    const watch = async (
      order: { name: string; page: string; withinMs: number } & TabOptions,
    ): Promise<void> => {
      const { name, page, withinMs, ...options } = order;
      await using tab = await browser.open(page, options);
      expect(await plays(tab)).toMatchObject({ width: 320, height: 180 });
      figures.push(`${name} ${await publisher.medianDelay(tab, withinMs)} ms`);
      await tab.picture(`player-${name}`);
      expect(await tab.page.textContent(".bar")).toMatch(/Live.*live\/test.*320×180/);
      isSound(tab, page);
    };
    // Each takes a good part of a core, which has no graphics card to help it.
    const page = `${url}/live/test/`;
    await watch({ name: "ws-flv", page: `${page}#ws-flv`, withinMs: 1_000 });
    await watch({ name: "http-flv", page: `${page}#http-flv`, withinMs: 1_000, size: "phone", isDark: true });
    await Promise.all([
      watch({ name: "ll-hls", page: `${page}#hls`, withinMs: 3_000, size: "phone" }),
      watch({ name: "hls", page: `${usualUrl}/live/test/#hls`, withinMs: 10_000, isDark: true }),
    ]);
    console.info(`from publish to picture (${builtBinary ? "executable" : "source"}): ${figures.join(", ")}`);
    await using tab = await browser.open(`${url}/live/test/`, { size: "phone", isDark: true });
    await plays(tab);
    await tab.page.click("text=Unmute");
    expect(await tab.page.evaluate<boolean>(`document.querySelector("video").muted`)).toBe(false);
    await tab.picture("player-phone");
    isSound(tab, url);
  });

  test("waits for the stream, says that it has ended, and goes on when it comes back", async () => {
    await using server = await Server.start({ flags: [...flags, "--republish-grace", "0s"] });
    const url = await watchUrl(server);
    await using tab = await browser.open(`${url}/live/test/?token=a_0815`);
    await says(tab, /Waiting for the stream/);
    await tab.picture("player-waiting");
    for (const _ of ["the first", "another"]) {
      await using publisher = publish(await shortClip(), server.url("live/test"), { loops: true });
      await says(tab, /Live/i);
      await plays(tab);
      publisher.kill("SIGTERM");
      await publisher.exit();
      await says(tab, /The stream has ended/);
    }
    await tab.picture("player-ended");
    isSound(tab, url);
    expect(server.logText).not.toContain("a_0815");
  });

  test("goes on when somebody in between has answered for the server", async () => {
    await using server = await Server.start({ flags });
    await using tab = await browser.open(`${await watchUrl(server)}/live/test/`);
    await says(tab, /Waiting for the stream/);
    await tab.page.route("**/.state/**", (route) =>
      route.fulfill({ status: 404, contentType: "text/html", body: "<h1>Not found</h1>" }),
    );
    await says(tab, /The server does not answer/);
    await tab.page.unroute("**/.state/**");
    await says(tab, /Waiting for the stream/);
  });

  test("asks who is watching, and says which codec the browser does not know", async () => {
    using directory = new TempDirectory();
    const config = directory.file("rtmp-server.yml");
    const authInternalUsers = [
      { user: "any", permissions: [{ action: "publish" }] },
      { user: "ann", pass: "pw_0815", permissions: [{ action: "read" }] },
    ];
    await Bun.write(config, JSON.stringify({ authInternalUsers, paths: { all_others: {} } }));
    await using server = await Server.start({ flags: ["--config", config, ...flags] });
    const url = await watchUrl(server);
    await using publisher = publish(await shortClip(), server.url("live/test"), { loops: true });
    const { config: record, frames } = await samplesOf(await hevcClip());
    const form = enhanced("hvc1");
    using strange = await OwnPublisher.connect(server.url("live/strange"));
    strange.send("video", 0, form.config(record));
    // It is known what there is once two seconds of it have passed.
    for (const [time, sample] of [0, 1_000, 2_100].map((at, index) => [at, frames[index]!] as const))
      strange.send("video", time, form.frame(sample));
    await using tab = await browser.open(`${url}/live/test/`);
    await tab.page.fill("#user", "ann");
    await tab.page.fill("#password", "wrong");
    await tab.page.click("text=Sign in");
    await says(tab, /not accepted/);
    await tab.picture("player-sign-in");
    await tab.page.fill("#password", "pw_0815");
    await tab.page.press("#password", "Enter");
    expect(await plays(tab)).toMatchObject({ width: 320, height: 180 });
    expect(tab.page.url()).toBe(`${url}/live/test/`);
    await using known = await browser.open(`${url}/live/test/?user=ann&pass=pw_0815`);
    await plays(known);
    expect(await known.page.textContent("select")).toContain("Automatic (FLV over WebSocket)");
    isSound(known, url);
    await using other = await browser.open(`${url}/live/strange/?user=ann&pass=pw_0815`);
    await says(other, /no decoder for H265/);
    await other.picture("player-unsupported");
    isSound(other, url);
    expect(server.logText).not.toContain("pw_0815");
    publisher.kill("SIGTERM");
  });

  test("is whole whatever the stream is called", async () => {
    await using server = await Server.start({ flags });
    const url = await watchUrl(server);
    const names = [
      `<script>alert(1)</script>`,
      `"><img src=x onerror=alert(1)>'`,
      "a&b%41#?;:,",
      "Übertragung 東京 🎥",
    ];
    for (const name of names) {
      await using tab = await browser.open(`${url}/live/${encodeURIComponent(name)}/`);
      await says(tab, /Waiting for the stream/);
      expect(await tab.page.textContent(".bar .name")).toBe(`live/${name}`);
      expect(
        await tab.page.evaluate("document.querySelectorAll('script:not([type=module]), img').length"),
      ).toBe(0);
      isSound(tab, url);
    }
    for (const path of ["/live/a%00b/", "/live/a%5cb/"]) {
      await using tab = await browser.open(`${url}${path}`);
      expect(await says(tab, /There is no such stream/)).toContain("refused");
    }
  });
});

describe("the page of the first steps", () => {
  test("says what to paste, and what arrives", async () => {
    await using browser = await Browser.start();
    await using server = await Server.start({ flags });
    const url = await watchUrl(server);
    await using tab = await browser.open(`${url}/`);
    await says(tab, /Waiting for live\/test/);
    const address = server.url("live");
    expect(await says(tab, /Publish with OBS/)).toContain(address);
    expect(await tab.page.getAttribute("svg.qr >> nth=0", "aria-label")).toContain("publish");
    await using publisher = publish(await shortClip(), server.url("live/test"), { loops: true });
    await says(tab, /live\/test is arriving: H264 320×180, AAC/);
    await tab.picture("first-steps");
    await using phone = await browser.open(`${url}/`, { size: "phone", isDark: true });
    await says(phone, /is arriving/);
    await phone.picture("first-steps-phone");
    const isWide = await phone.page.evaluate("document.documentElement.scrollWidth > innerWidth");
    expect(isWide).toBe(false);
    await tab.page.click("a.button");
    await tab.page.waitForSelector("video");
    expect(await plays(tab)).toMatchObject({ width: 320, height: 180 });
    isSound(tab, url);
    publisher.kill("SIGTERM");
  });
});
