import { describe, expect } from "bun:test";
import { curl } from "./harness/curl.ts";
import { TempDirectory } from "./harness/directory.ts";
import { enhanced } from "./harness/enhanced.ts";
import { publish } from "./harness/ffmpeg.ts";
import { clip, hevcClip } from "./harness/media.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { eventually } from "./harness/pages.ts";
import { run } from "./harness/program.ts";
import { samplesOf } from "./harness/samples.ts";
import { Server, type ServerOptions } from "./harness/server.ts";
import { needsTools } from "./harness/tools.ts";

const test = needsTools("ffmpeg", "ffprobe", "curl");

/** A server whose pictures are fetched with curl and looked at with ffprobe. */
class Gallery implements AsyncDisposable {
  readonly server: Server;
  readonly #base: string;
  readonly #directory = new TempDirectory();

  private constructor(server: Server, base: string) {
    this.server = server;
    this.#base = base;
  }

  static async open(options: ServerOptions = {}): Promise<Gallery> {
    const server = await Server.start({ flags: ["--api-address", "127.0.0.1:0"], ...options });
    return new Gallery(server, `${await server.pages("control API")}/v3/paths/thumbnail/`);
  }

  /** Fetches a picture and gives its form; or the status of another answer, and what it says. */
  async look(path: string): Promise<string> {
    const file = this.#directory.file("picture.jpg");
    const { status, type } = await curl(`${this.#base}${path}`, ["-o", file]);
    if (status !== 200) return `${status} ${JSON.parse(await Bun.file(file).text()).error}`;
    const command = [
      "ffprobe",
      "-v",
      "error",
      "-show_entries",
      "stream=codec_name,width,height",
      "-of",
      "csv=p=0",
    ];
    return `${type} ${(await run([...command, file])).trim()}`;
  }

  /** The same once there is a picture. */
  picture(path: string): Promise<string> {
    return eventually(
      async () => {
        const seen = await this.look(path);
        return seen.startsWith("404") ? undefined : seen;
      },
      { what: `a picture of ${path}` },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#directory[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

describe("pictures of streams", () => {
  test("show what ffmpeg publishes, as wide as was asked for", async () => {
    await using gallery = await Gallery.open();
    expect(await gallery.look("live/test")).toBe('404 nobody publishes stream "live/test"');
    await using _ = publish(await clip(), gallery.server.url("live/test"), { loops: true });
    expect(await gallery.picture("live/test")).toBe("image/jpeg mjpeg,320,180");
    expect(await gallery.look("live%2Ftest?width=640")).toBe("image/jpeg mjpeg,640,360");
    expect(await gallery.look("live/test?width=1920")).toBe("image/jpeg mjpeg,1280,720");
    expect(await gallery.look("live/test?width=wide")).toStartWith('400 width "wide", expected');
  });

  test("show HEVC, of a stream whose name looks like an option", async () => {
    const { config, frames } = await samplesOf(await hevcClip());
    await using gallery = await Gallery.open();
    const name = "live/-vf$(id);x";
    using publisher = await OwnPublisher.connect({
      url: gallery.server.url(""),
      app: "live",
      name: "-vf$(id);x",
    });
    const form = enhanced("hvc1");
    publisher.send("video", 0, form.config(config));
    await gallery.server.line({ msg: "Video codec detected" });
    expect(await gallery.look(encodeURIComponent(name))).toBe(
      `404 stream "${name}" has brought no key frame yet`,
    );
    for (const sample of frames.slice(0, 10)) publisher.send("video", sample.dts, form.frame(sample));
    expect(await gallery.picture(encodeURIComponent(name))).toBe("image/jpeg mjpeg,320,180");
  });

  test("are refused with the reason where there is no ffmpeg", async () => {
    await using gallery = await Gallery.open({ env: { PATH: "/nowhere" } });
    expect(await gallery.look("live/test")).toStartWith(
      "501 no pictures: ffmpeg was not on the server's PATH",
    );
  });
});
