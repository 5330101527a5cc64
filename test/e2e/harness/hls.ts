import { faultsOf, faultsOfChange, type ReadPlaylist, readPlaylist } from "../../hls/playlist-rules.ts";
import { eventually } from "./pages.ts";
import type { Server } from "./server.ts";

/** Flags of a server that serves HLS. */
export const withHls: readonly string[] = ["--hls", "--hls-address", "127.0.0.1:0"];

/** Where a stream is watched: what `index.m3u8` and all else stand behind. */
export const hlsUrl = async (server: Server, path: string): Promise<string> =>
  `${await server.pages("HLS and FLV over HTTP")}/${path}`;

const pollMs = 100;

/** Looks at a media playlist again and again, and keeps what is wrong with it, by itself and after the one before. */
export class PlaylistWatch implements AsyncDisposable {
  readonly #url: string;
  readonly #texts: string[] = [];
  readonly #faults = new Set<string>();
  #isOver = false;
  readonly #done: Promise<void>;

  /** `url` is that of {@link hlsUrl}. */
  constructor(url: string) {
    this.#url = `${url}/main_stream.m3u8`;
    this.#done = this.#watch();
  }

  /** Forms that the playlist had so far. */
  get count(): number {
    return this.#texts.length;
  }

  /** The newest form. */
  get newest(): ReadPlaylist | undefined {
    const text = this.#texts.at(-1);
    return text === undefined ? undefined : readPlaylist(text);
  }

  /** What was wrong so far. */
  get faults(): readonly string[] {
    return [...this.#faults];
  }

  /** Waits for a form. */
  async until(isIt: (playlist: ReadPlaylist) => boolean, what: string): Promise<ReadPlaylist> {
    return await eventually(
      () => {
        const { newest } = this;
        return newest && isIt(newest) ? newest : undefined;
      },
      { what, withinMs: 30_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const answer = await fetch(this.#url, { headers: { "User-Agent": "watch" } });
      const text = await answer.text();
      if (answer.status === 200) this.#take(text);
      await Bun.sleep(pollMs);
    }
  }

  #take(text: string): void {
    const before = this.#texts.at(-1);
    if (before === text) return;
    for (const fault of faultsOf(text)) this.#faults.add(fault);
    if (before !== undefined) for (const fault of faultsOfChange(before, text)) this.#faults.add(fault);
    this.#texts.push(text);
  }
}
