/**
 * Builds the executable: `dist/rtmp-server` for this machine, or with `--all` one for every platform, with SHA-256 sums.
 * Usage: bun build.ts [--all]
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { BunPlugin } from "bun";
import { bundle, type WebProgram, webPrograms } from "./src/web/bundle.ts";
import type { WebFile } from "./src/web/web-file.ts";

/** Every platform a release holds, by the name in its file. */
const targets = {
  "linux-x64": "bun-linux-x64",
  "linux-arm64": "bun-linux-arm64",
  "linux-x64-musl": "bun-linux-x64-musl",
  "linux-arm64-musl": "bun-linux-arm64-musl",
  "darwin-x64": "bun-darwin-x64",
  "darwin-arm64": "bun-darwin-arm64",
  "windows-x64": "bun-windows-x64",
} as const satisfies Record<string, Bun.Build.CompileTarget>;

const directory = "dist";

const textOf = (value: unknown): string => JSON.stringify(value);

/** The commit that is built, marked where the tree differs from it; `unknown` outside of git. */
const commit = (): string => {
  const git = (...args: string[]): string =>
    Bun.spawnSync(["git", ...args], { stderr: "ignore" })
      .stdout.toString()
      .trim();
  try {
    const id = git("rev-parse", "--short=12", "HEAD");
    const isDirty = git("status", "--porcelain", "--untracked-files=no") !== "";
    return id === "" ? "unknown" : `${id}${isDirty ? "-dirty" : ""}`;
  } catch {
    return "unknown";
  }
};

const isMusl = (): boolean => {
  const report: unknown = process.report?.getReport();
  const header =
    typeof report === "object" && report !== null && "header" in report ? report.header : undefined;
  return (
    process.platform === "linux" &&
    !(typeof header === "object" && header !== null && "glibcVersionRuntime" in header)
  );
};

/** The target name of the machine this runs on. */
const here = (): string =>
  `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** All pages, bundled once for all targets. */
const pages = Object.fromEntries(
  await Promise.all(webPrograms.map(async (program) => [program, await bundle(program)] as const)),
) as Record<WebProgram, readonly WebFile[]>;

/** Puts the bundled pages in the place of what bundles them. */
const bundledPages: BunPlugin = {
  name: "bundled pages",
  setup: (plugin) => {
    plugin.onLoad({ filter: /[/\\]src[/\\]web[/\\]bundle\.ts$/ }, () => ({
      loader: "js",
      contents: `const pages = ${textOf(pages)}; export const bundle = (program) => Promise.resolve(pages[program]);`,
    }));
  },
};

/** Builds one executable. */
const build = async (options: {
  target: string;
  compileTarget: Bun.Build.CompileTarget | undefined;
  file: string;
}): Promise<void> => {
  const { target, compileTarget, file } = options;
  const result = await Bun.build({
    // Those behind the first are threads of their own.
    entrypoints: ["src/main.ts", "src/hooks/delivery-worker.ts", "src/archive/index-worker.ts"],
    plugins: [bundledPages],
    minify: true,
    bytecode: true,
    sourcemap: "linked",
    format: "esm",
    target: "bun",
    define: { BUILD_VERSION: textOf(version), BUILD_COMMIT: textOf(commit()), BUILD_TARGET: textOf(target) },
    // What lies in the directory it is started from must not change how the server runs.
    compile: {
      outfile: file,
      autoloadDotenv: false,
      autoloadBunfig: false,
      ...(compileTarget ? { target: compileTarget } : {}),
    },
  });
  if (!result.success) throw new Error(`nothing was built for ${target}`);
};

const sumOf = (file: string): string =>
  new Bun.CryptoHasher("sha256").update(readFileSync(file)).digest("hex");

const report = (file: string, startedAt: number): void => {
  const mebibytes = (Bun.file(file).size / 1024 ** 2).toFixed(1);
  console.info(`${file}  ${mebibytes} MiB  ${Math.round(performance.now() - startedAt)} ms`);
};

const buildHere = async (): Promise<void> => {
  const startedAt = performance.now();
  const suffix = process.platform === "win32" ? ".exe" : "";
  const file = `${directory}/rtmp-server${suffix}`;
  await build({ target: here(), compileTarget: undefined, file });
  report(file, startedAt);
};

const buildAll = async (): Promise<void> => {
  const sums: string[] = [];
  for (const [target, compileTarget] of Object.entries(targets)) {
    const startedAt = performance.now();
    const suffix = target.startsWith("windows") ? ".exe" : "";
    const file = `${directory}/rtmp-server-${version}-${target}${suffix}`;
    await build({ target, compileTarget, file });
    sums.push(`${sumOf(file)}  ${basename(file)}`);
    report(file, startedAt);
  }
  writeFileSync(`${directory}/SHA256SUMS`, `${sums.join("\n")}\n`);
  console.info(`${directory}/SHA256SUMS`);
};

const args = process.argv.slice(2);
const unknown = args.find((arg) => arg !== "--all");
if (unknown !== undefined) {
  console.error(`build.ts: unexpected argument ${textOf(unknown)}, expected --all or nothing`);
  process.exit(2);
}
if (args.includes("--all")) rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
await (args.includes("--all") ? buildAll() : buildHere());
