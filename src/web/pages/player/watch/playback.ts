import type { Credentials } from "../../credentials.ts";
import type { Engine } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import { type StreamUrls, urlsOf } from "../model/address.ts";
import { authorizationOf, searchWith } from "../model/credentials.ts";
import type { Facts } from "../model/facts.ts";
import type { StreamState } from "../model/stream-state.ts";
import { unplayable, type Way, waysFor } from "../model/way.ts";
import { abilitiesOf } from "./abilities.ts";

/** What the page is at. */
export type Phase =
  | { readonly kind: "connecting" }
  /** Nobody publishes the stream: from now on, or not yet. */
  | { readonly kind: "waiting"; readonly hasEnded: boolean }
  | { readonly kind: "playing"; readonly way: Way }
  /** The browser cannot play these codecs. */
  | { readonly kind: "unsupported"; readonly codecs: readonly string[] }
  | { readonly kind: "forbidden"; readonly isWrong: boolean }
  /** There can be no stream of this name. */
  | { readonly kind: "missing"; readonly reason: string }
  /** The server does not answer. */
  | { readonly kind: "lost" };

/** How soon is looked again, in milliseconds: for a stream that may begin any moment, and where little is to be expected. */
const soonMs = 1_000;
const laterMs = 5_000;

/** After the end of what played there may be a next one at once, in milliseconds. */
const afterEndMs = 300;

/** How often is looked whether the picture moves, in milliseconds, and for how many looks it may stand still, or take to begin. */
const watchMs = 1_000;
const maxStillLooks = 8;
const maxOpeningLooks = 15;

/** Plays one stream for as long as the page is open: waits for it, plays it by the best way there is, and takes up again when it comes back. */
export class Playback {
  phase: Phase = { kind: "connecting" };
  /** By which the stream could be played, the best one first. */
  ways: readonly Way[] = [];
  readonly #video: HTMLVideoElement;
  readonly #name: string;
  readonly #changed: () => void;
  #chosen: Way | undefined;
  #who: Credentials | undefined;
  #engine: Engine | undefined;
  /** What a run has begun that is over must do nothing any more. */
  #run = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #watch: ReturnType<typeof setInterval>;
  /** Ways that did not come to play. */
  readonly #failed = new Set<Way>();
  #hasPlayed = false;
  #still = { time: 0, looks: 0 };

  /** `changed` is called whenever there is something else to be shown. */
  constructor(options: { video: HTMLVideoElement; name: string; way: Way | undefined; changed: () => void }) {
    this.#video = options.video;
    this.#name = options.name;
    this.#chosen = options.way;
    this.#changed = options.changed;
    this.#watch = setInterval(() => this.#look(), watchMs);
    this.#video.addEventListener("playing", this.#onPlaying);
    void this.#ask();
  }

  /** The way that was asked for; undefined for the best. */
  get chosen(): Way | undefined {
    return this.#chosen;
  }

  /** What is known of what plays. */
  get facts(): Facts {
    const { videoWidth: width, videoHeight: height } = this.#video;
    return { width, height, delaySeconds: this.#engine?.delaySeconds, kbps: this.#engine?.kbps };
  }

  /** Plays by another way from now on; undefined for the best. */
  choose(way: Way | undefined): void {
    this.#chosen = way;
    this.#failed.clear();
    this.#again(0);
  }

  /** Shows the server who is watching. */
  signIn(who: Credentials): void {
    this.#who = who;
    this.#again(0);
  }

  /** Stops for good. */
  close(): void {
    this.#run++;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#video.removeEventListener("playing", this.#onPlaying);
    this.#engine?.close();
  }

  #show(phase: Phase): void {
    this.phase = phase;
    this.#changed();
  }

  /** Ends what plays, and looks for the stream after a while. */
  #again(afterMs: number): void {
    this.#run++;
    this.#engine?.close();
    this.#engine = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), afterMs);
  }

  get #authorization(): string | undefined {
    return this.#who && authorizationOf(this.#who);
  }

  #urls(way: Way | undefined): StreamUrls {
    const { origin, search } = location;
    const isQueried = way === "native-hls" && this.#who !== undefined;
    return urlsOf(this.#name, {
      origin,
      search: isQueried ? searchWith(search, this.#who as Credentials) : search,
    });
  }

  async #ask(): Promise<void> {
    const run = this.#run;
    const authorization = this.#authorization;
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    const answer = await fetch(this.#urls(undefined).state, { headers, cache: "no-store" }).catch(
      () => undefined,
    );
    // What is no JSON is from somebody in between, or was cut off on the way.
    const body: unknown = await answer?.json().catch(() => undefined);
    if (run !== this.#run) return;
    if (answer?.status === 401) {
      this.#show({ kind: "forbidden", isWrong: this.#who !== undefined });
    } else if (body !== undefined && (answer?.status === 400 || answer?.status === 404)) {
      this.#show({ kind: "missing", reason: String((body as { error?: unknown }).error ?? "") });
    } else if (body === undefined || !answer?.ok) {
      this.#show({ kind: "lost" });
      this.#again(soonMs);
    } else await this.#take(body as StreamState);
  }

  async #take(state: StreamState): Promise<void> {
    if (!state.isLive && !state.isOnDemand) {
      this.#show({ kind: "waiting", hasEnded: this.#hasPlayed });
      this.#again(soonMs);
      return;
    }
    const can = abilitiesOf(this.#video, { needsHeader: this.#who !== undefined });
    this.ways = waysFor(state, can);
    if (this.ways.length === 0) {
      const codecs = unplayable(state.tracks, can).map(({ codec }) => codec);
      this.#show({
        kind: "unsupported",
        codecs: codecs.length > 0 ? codecs : state.tracks.map(({ codec }) => codec),
      });
      this.#again(laterMs);
      return;
    }
    const left = this.ways.filter((way) => !this.#failed.has(way));
    const way = left.find((each) => each === this.#chosen) ?? left[0];
    if (way) await this.#open(way);
    else {
      this.#failed.clear();
      this.#again(laterMs);
    }
  }

  async #open(way: Way): Promise<void> {
    const run = ++this.#run;
    this.#show({ kind: "connecting" });
    this.#still = { time: this.#video.currentTime, looks: 0 };
    const over = (): void => {
      if (run === this.#run) this.#over(way);
    };
    const order = { video: this.#video, urls: this.#urls(way), authorization: this.#authorization, over };
    const engine = await openEngine(way, order).catch(() => undefined);
    if (run !== this.#run) engine?.close();
    else if (!engine) this.#over(way);
    else {
      this.#engine = engine;
      this.#way = way;
      // Where a browser lets nothing play by itself there is a button.
      void this.#video.play().catch(() => undefined);
    }
  }

  #way: Way = "ws-flv";

  #over(way: Way): void {
    const hasPlayed = this.phase.kind === "playing";
    if (hasPlayed) this.#failed.clear();
    else this.#failed.add(way);
    this.#again(hasPlayed ? afterEndMs : soonMs);
  }

  readonly #onPlaying = (): void => {
    if (!this.#engine) return;
    this.#hasPlayed = true;
    this.#show({ kind: "playing", way: this.#way });
  };

  /** A picture that stands still although it should move is that of a connection that is gone without our knowing. */
  #look(): void {
    const { currentTime, paused } = this.#video;
    const isMoving = currentTime !== this.#still.time;
    const mayStand = !this.#engine || (this.phase.kind === "playing" && paused);
    this.#still = { time: currentTime, looks: isMoving || mayStand ? 0 : this.#still.looks + 1 };
    if (this.#still.looks >= (this.phase.kind === "playing" ? maxStillLooks : maxOpeningLooks))
      this.#over(this.#way);
    if (this.phase.kind === "playing") this.#changed();
  }
}
