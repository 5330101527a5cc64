import type { FlvTag } from "../../../src/flv/tag.ts";
import { type Arrival, OwnPlayer, OwnPublisher } from "./own-client.ts";

const frameMs = 40;
const framesOfGroup = 25;

/** What a crowd went through. */
export interface CrowdReport {
  readonly connections: number;
  readonly framesSent: number;
  /** One sentence for each player that did not get every frame from its first on, and each connection that ended. */
  readonly faults: readonly string[];
  /** From a frame's send to its arrival, in milliseconds. */
  readonly delay: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** A stream of the crowd: frames whose times count them. */
interface Show {
  readonly publisher: OwnPublisher;
  readonly players: { readonly player: OwnPlayer; readonly startedAt: number }[];
  readonly sentAt: number[];
}

/** Publishers at 25 frames a second and players that look at every frame, all in this process. */
export class MeasuredCrowd implements Disposable {
  readonly #shows: Show[] = [];
  readonly #faults: string[] = [];
  #timer: Timer | undefined;
  #isLeaving = false;
  readonly #config: Uint8Array;
  readonly #key: Uint8Array;
  readonly #inter: Uint8Array;

  /** With the frames of some FLV file. */
  constructor(tags: readonly FlvTag[]) {
    const [config, key, inter] = tags.filter(({ type }) => type === 9).map(({ payload }) => payload);
    if (!config || !key || !inter) throw new Error("three video tags expected");
    this.#config = config;
    this.#key = key;
    this.#inter = inter;
  }

  /** Comes to `count` streams, each with so many players, and begins. `url` gives that of a stream by its number. */
  async join(url: (stream: number) => string, options: { count: number; players: number }): Promise<void> {
    for (let stream = 0; stream < options.count; stream++) {
      const publisher = await OwnPublisher.connect(url(stream));
      const players = Array.from({ length: options.players }, () => {
        const startedAt = performance.now();
        return { player: new OwnPlayer(url(stream)), startedAt };
      });
      await Promise.all(players.map(({ player }) => player.started));
      publisher.send("video", 0, this.#config);
      this.#watch(`publisher ${stream}`, publisher.ended);
      for (const { player } of players) this.#watch(`a player of ${stream}`, player.ended);
      this.#shows.push({ publisher, players, sentAt: [] });
    }
    const begun = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor((performance.now() - begun) / frameMs);
      for (const show of this.#shows) while (show.sentAt.length <= due) this.#send(show);
    }, frameMs / 4);
  }

  /** Sends no more, waits for what is under way, and tells how it was. */
  async finish(): Promise<CrowdReport> {
    clearInterval(this.#timer);
    const delays: number[] = [];
    for (const { players, sentAt } of this.#shows) {
      const last = (sentAt.length - 1) * frameMs;
      for (const { player, startedAt } of players) {
        const isLast = (arrival: Arrival): boolean => isPicture(arrival) && arrival.timestamp === last;
        await player.arrival(isLast, { withinMs: 5_000 }).catch(() => undefined);
        this.#check(player, { sentAt, startedAt, delays });
      }
    }
    delays.sort((a, b) => a - b);
    const at = (share: number): number => delays[Math.floor((delays.length - 1) * share)] ?? 0;
    const connections = this.#shows.reduce((sum, { players }) => sum + players.length + 1, 0);
    const framesSent = this.#shows.reduce((sum, { sentAt }) => sum + sentAt.length, 0);
    return {
      ...{ connections, framesSent, faults: this.#faults },
      delay: { p50: at(0.5), p99: at(0.99), max: at(1) },
    };
  }

  [Symbol.dispose](): void {
    this.#isLeaving = true;
    clearInterval(this.#timer);
    for (const { publisher, players } of this.#shows) {
      publisher[Symbol.dispose]();
      for (const { player } of players) player[Symbol.dispose]();
    }
  }

  #send({ publisher, sentAt }: Show): void {
    const index = sentAt.length;
    publisher.send("video", index * frameMs, index % framesOfGroup === 0 ? this.#key : this.#inter);
    sentAt.push(performance.now());
  }

  #watch(who: string, ended: Promise<Error | undefined>): void {
    void ended.then((error) => {
      if (!this.#isLeaving) this.#faults.push(`${who} ended: ${error?.message}`);
    });
  }

  /** All of them waited before the first frame: they have to have every one. */
  #check(player: OwnPlayer, at: { sentAt: number[]; startedAt: number; delays: number[] }): void {
    const pictures = player.arrivals.filter(isPicture);
    const wrong = pictures.findIndex(({ timestamp }, index) => timestamp !== index * frameMs);
    if (pictures.length !== at.sentAt.length || wrong >= 0)
      this.#faults.push(`${pictures.length} frames of ${at.sentAt.length}, the first wrong one is ${wrong}`);
    for (const [index, { afterMs }] of pictures.entries())
      at.delays.push(at.startedAt + afterMs - (at.sentAt[index] ?? 0));
  }
}

const isPicture = ({ kind, role }: Arrival): boolean =>
  kind === "video" && role !== "config" && role !== "metadata" && role !== "other";
