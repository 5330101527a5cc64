import { type FlvTag, tagType } from "../../../src/flv/tag.ts";
import { readVideoHeader } from "../../../src/flv/video-header.ts";
import type { Tab } from "./browser.ts";
import { mediaTags } from "./flv-tags.ts";
import { countedBits, countedClip } from "./media.ts";
import { OwnPublisher } from "./own-client.ts";
import { until } from "./until.ts";

/** What is due is looked for this often, in milliseconds. */
const tickMs = 5;

/** So many looks make a figure. */
const looks = 9;

const wallClock = (): number => performance.timeOrigin + performance.now();

/** Publishes pictures that show their own numbers, at the speed of life, and notes when each of them was sent. */
export class CountedPublisher implements Disposable {
  readonly #publishers: readonly OwnPublisher[];
  readonly #tags: readonly FlvTag[];
  readonly #sentAt: number[] = [];
  readonly #startedAt = performance.now();
  readonly #timer: Timer;
  #next = 0;

  private constructor(publishers: readonly OwnPublisher[], tags: readonly FlvTag[]) {
    this.#publishers = publishers;
    this.#tags = tags;
    this.#timer = setInterval(() => this.#send(), tickMs);
  }

  /** Publishes to all of these URLs at once. */
  static async start(...urls: readonly string[]): Promise<CountedPublisher> {
    const tags = mediaTags(await countedClip());
    return new CountedPublisher(await Promise.all(urls.map((url) => OwnPublisher.connect(url))), tags);
  }

  /** How long ago the picture was sent that a page shows, in milliseconds; undefined where it shows none that can be read. */
  async delayOf(tab: Tab): Promise<number | undefined> {
    const [number, seenAt] = await tab.page.evaluate<[number, number]>(readNumber);
    const sentAt = this.#sentAt[number];
    return sentAt === undefined ? undefined : seenAt - sentAt;
  }

  /**
   * Looks again and again until half of nine looks were less than `ms` behind, then another nine times, and gives the median of these.
   * @throws Error where that takes too long
   */
  async medianDelay(tab: Tab, ms: number): Promise<number> {
    const delays: number[] = [];
    const look = async (): Promise<number> => {
      delays.push((await this.delayOf(tab)) ?? Number.POSITIVE_INFINITY);
      return delays.slice(-looks).sort((a, b) => a - b)[(looks - 1) / 2] ?? Number.POSITIVE_INFINITY;
    };
    await until(look, (median) => median < ms, 25_000);
    delays.length = 0;
    return Math.round(await until(look, () => delays.length === looks));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const publisher of this.#publishers) publisher[Symbol.dispose]();
  }

  #send(): void {
    const now = performance.now() - this.#startedAt;
    for (let tag = this.#tags[this.#next]; tag && tag.timestamp <= now; tag = this.#tags[++this.#next]) {
      const { type, timestamp, payload } = tag;
      const isVideo = type === tagType.video;
      if (isVideo && readVideoHeader(payload)?.role !== "config") this.#sentAt.push(wallClock());
      for (const publisher of this.#publishers)
        publisher.send(isVideo ? "video" : "audio", timestamp, payload);
    }
  }
}

/** Runs in the page: the number of the picture that is shown, by the brightness of its bars, and the time by the wall clock. */
const readNumber = `(() => {
  const video = document.querySelector("video");
  const canvas = document.createElement("canvas");
  canvas.width = 320;
  canvas.height = 180;
  const drawing = canvas.getContext("2d");
  drawing.drawImage(video, 0, 0, 320, 180);
  const seenAt = performance.timeOrigin + performance.now();
  let number = video.videoWidth === 0 ? -1 : 0;
  for (let bit = 0; bit < ${countedBits} && number >= 0; bit++) {
    const [red] = drawing.getImageData(Math.round((bit + 0.5) * 320 / ${countedBits}), 30, 1, 1).data;
    if (red > 128) number += 2 ** bit;
  }
  return [number, seenAt];
})()`;
