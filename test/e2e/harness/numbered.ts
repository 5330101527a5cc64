import { fromHex } from "../../../src/base/bytes.ts";
import { OwnPlayer, OwnPublisher } from "./own-client.ts";

/** Frames a second. */
const frameRate = 30;

/** Frames from one key frame to the next. */
const gopFrames = 30;

/** A decoder configuration of 1280x720, as a sequence header. */
const header = fromHex(
  "17 00 000000 01640028ffe1001a67640028acd94078044fde0220000003002000000643e2c5b2c001000668fba3cb22c0fdf8f800".replaceAll(
    " ",
    "",
  ),
);

const prefixBytes = 9;

/** A coded frame that holds nothing but its number. */
const frame = (number: number): Uint8Array => {
  const bytes = new Uint8Array(64);
  const isKey = number % gopFrames === 0;
  const view = new DataView(bytes.buffer);
  bytes.set([isKey ? 0x17 : 0x27, 1, 0, 0, 0]);
  view.setUint32(5, bytes.length - prefixBytes);
  bytes[prefixBytes] = isKey ? 0x65 : 0x41;
  view.setUint32(prefixBytes + 1, number);
  return bytes;
};

const numberOf = (payload: Uint8Array): number =>
  new DataView(payload.buffer, payload.byteOffset).getUint32(prefixBytes + 1);

/** A publisher of frames that are numbered from 0. */
export class NumberedPublisher implements Disposable {
  readonly #publisher: OwnPublisher;
  /** Frames that were sent. */
  count = 0;
  isOver = false;

  private constructor(publisher: OwnPublisher) {
    this.#publisher = publisher;
    void publisher.ended.then(() => {
      this.isOver = true;
    });
    publisher.send("video", 0, header);
  }

  /** Publishes, and sends its sequence header. */
  static async connect(url: string): Promise<NumberedPublisher> {
    return new NumberedPublisher(await OwnPublisher.connect(url));
  }

  /** Why it is over. */
  get ended(): Promise<Error | undefined> {
    return this.#publisher.ended;
  }

  /** Sends its next frame. */
  send(): void {
    if (this.isOver) return;
    this.#publisher.send("video", Math.round((this.count * 1_000) / frameRate), frame(this.count));
    this.count++;
  }

  /** Cuts the connection without a goodbye. */
  cut(): void {
    this.isOver = true;
    this.#publisher.cut();
  }

  [Symbol.dispose](): void {
    this.isOver = true;
    this.#publisher[Symbol.dispose]();
  }
}

/** Has publishers send their frames at the speed of life, until it is disposed of. */
export const broadcast = (publishers: readonly NumberedPublisher[]): Disposable => {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    // As many as should have gone by now, so that late ticks are made up for.
    for (const due = ((performance.now() - startedAt) * frameRate) / 1_000; sent < due; sent++)
      for (const publisher of publishers) publisher.send();
  }, 10);
  return { [Symbol.dispose]: () => clearInterval(timer) };
};

/** A player of numbered frames. */
export class NumberedPlayer implements Disposable {
  readonly #player: OwnPlayer;
  isOver = false;

  constructor(url: string) {
    this.#player = new OwnPlayer(url);
    void this.#player.ended.then(() => {
      this.isOver = true;
    });
  }

  get started(): Promise<void> {
    return this.#player.started;
  }

  get ended(): Promise<Error | undefined> {
    return this.#player.ended;
  }

  /** The numbers of the frames that came. */
  get numbers(): number[] {
    return this.#player.arrivals
      .filter(({ kind, role }) => kind === "video" && role !== "config")
      .map(({ payload }) => numberOf(payload));
  }

  /** Times of what came that run backwards, or gaps in the numbers: a sentence each. */
  get faults(): string[] {
    const { numbers } = this;
    return numbers.flatMap((number, index) => {
      const before = numbers[index - 1];
      return before === undefined || number === before + 1 ? [] : [`frame ${number} after ${before}`];
    });
  }

  /** Waits for a frame with this number, or one behind it. */
  async reaches(number: number, withinMs = 15_000): Promise<void> {
    await this.#player.arrival(
      ({ kind, role, payload }) => kind === "video" && role !== "config" && numberOf(payload) >= number,
      { withinMs },
    );
  }

  [Symbol.dispose](): void {
    this.#player[Symbol.dispose]();
  }
}
