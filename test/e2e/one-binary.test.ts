import { describe, expect, test as plainTest } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { TempDirectory } from "./harness/directory.ts";
import { FfmpegPlayer, publish } from "./harness/ffmpeg.ts";
import { shortClip } from "./harness/media.ts";
import { compare, packetsOf } from "./harness/packets.ts";
import { run } from "./harness/program.ts";
import { builtBinary, Server } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const whyNot = (): string | undefined => {
  if (builtBinary === undefined) return "RTMP_SERVER_BINARY names no build";
  if (process.getuid?.() !== 0) return "only root may change the root directory";
  // Containers keep this from their root unless they are told otherwise.
  const { success } = Bun.spawnSync(["unshare", "--mount", "true"]);
  return success ? undefined : "mounting is not permitted here";
};

const why = whyNot();
if (why !== undefined) console.warn(`SKIPPED: the test of the executable in an empty directory, ${why}`);

const test = why === undefined ? needsTools("ffmpeg", "ldd", "chroot") : plainTest.skip;

/** The executable in `directory`, with that as its root. Bun reads its own stack's bounds from /proc, as every container has it. */
const insideOf = (directory: string): string[] => {
  const script = 'mount -t proc proc "$0/proc" && exec chroot "$0" /rtmp-server "$@"';
  return ["unshare", "--mount", "sh", "-c", script, directory];
};

/** Puts the executable, and the libraries it is linked with, into a directory that holds nothing else. */
const makeRoot = async (directory: TempDirectory, binary: string): Promise<readonly string[]> => {
  const libraries = [...(await run(["ldd", binary])).matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
  for (const library of libraries) {
    const target = join(directory.path, library);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(library, target);
  }
  mkdirSync(directory.file("proc"));
  copyFileSync(binary, directory.file("rtmp-server"));
  return libraries;
};

describe("the executable", () => {
  test("needs nothing but the C library: in an empty directory it starts, and a stream goes through it", async () => {
    using directory = new TempDirectory();
    const libraries = await makeRoot(directory, builtBinary ?? "");
    const names = libraries.map((path) => path.replace(/^.*\/|\.so.*$/g, "")).sort();
    // What every glibc brings; a musl build has its loader alone.
    for (const name of names)
      expect(name).toMatch(/^(ld-linux.*|ld-musl.*|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+)$/);
    const command = insideOf(directory.path);
    expect(await run([...command, "--version"])).toMatch(/^rtmp-server \d+\.\d+\.\d+ \(commit /);

    const file = await shortClip();
    await using server = await Server.start({
      command,
      flags: ["--record-all", "--record-dir", "/recordings"],
    });
    const url = server.url("live/test");
    await using player = new FfmpegPlayer(url);
    await server.line({ msg: "Connection accepted" });
    await using publisher = publish(file, url);
    await publisher.success();
    const source = await packetsOf(file);
    expect(compare(await player.packets(), source).faults).toEqual([]);
    const { file: recording } = await server.line({ msg: "recorder closed" });
    expect(compare(await packetsOf(join(directory.path, String(recording))), source).faults).toEqual([]);
  });
});
