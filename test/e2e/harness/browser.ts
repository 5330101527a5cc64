import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page, type Browser as Playwright } from "playwright-core";

/** Debian's; it plays H.264 and AAC, which the builds that Playwright downloads do not. */
const executable = "/usr/bin/chromium";

/** Where pictures of pages are kept, for people to look at: nothing in it belongs to the repository. */
const pictures = join(import.meta.dir, "../../../screenshots");

/** Containers have neither a sandbox nor a GPU nor much shared memory, and nobody who listens. */
const flags = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--mute-audio",
];

/** How long a page may take for anything unless a test says otherwise, in milliseconds. */
const defaultTimeoutMs = 30_000;

/** How a page is looked at. */
export interface TabOptions {
  /** Of a desktop unless given. */
  readonly size?: "phone" | "desktop";
  readonly isDark?: boolean;
  /** What the browser answers where it is asked for a name and a password. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

const sizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const;

/** A headless Chromium. Disposing of it closes all its tabs. */
export class Browser implements AsyncDisposable {
  readonly #browser: Playwright;

  private constructor(browser: Playwright) {
    this.#browser = browser;
  }

  /** Starts one. @throws Error where there is no Chromium */
  static async start(): Promise<Browser> {
    return new Browser(await chromium.launch({ executablePath: executable, args: flags, headless: true }));
  }

  /** Opens a tab that shares nothing with others, and waits until the page has loaded. */
  async open(url: string, options: TabOptions = {}): Promise<Tab> {
    const { size = "desktop", isDark = false, credentials } = options;
    const context = await this.#browser.newContext({
      viewport: sizes[size],
      isMobile: size === "phone",
      hasTouch: size === "phone",
      colorScheme: isDark ? "dark" : "light",
      ignoreHTTPSErrors: true,
      ...(credentials ? { httpCredentials: credentials } : {}),
    });
    context.setDefaultTimeout(defaultTimeoutMs);
    const tab = new Tab(context, await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** A page in a tab, with what went wrong in it. */
export class Tab implements AsyncDisposable {
  /** Playwright's face of it. */
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #faults: string[] = [];
  readonly #hosts = new Set<string>();

  /** `page` has to be empty yet, so that nothing is missed. */
  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.#faults.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.#faults.push(String(error)));
    page.on("request", (request) => this.#note(request.url()));
    page.on("websocket", (socket) => this.#note(socket.url()));
  }

  /** Errors that the console shows, those of a Content-Security-Policy too, and whatever the page threw. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Hosts, with ports, that the page has asked for something. */
  get hosts(): readonly string[] {
    return [...this.#hosts];
  }

  /** Keeps a picture of the page as `screenshots/NAME.png`. */
  async picture(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }

  #note(url: string): void {
    const { protocol, host } = new URL(url);
    if (protocol !== "data:" && protocol !== "blob:") this.#hosts.add(host);
  }
}
