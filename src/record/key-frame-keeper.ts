import type { Packet } from "../media/packet.ts";
import type { SampleTrack } from "../media/sample.ts";
import { mp4Holds } from "../mp4/sample-entry.ts";
import type { Batch } from "../stream/batch.ts";
import type { Subscriber } from "../stream/subscriber.ts";
import { SampleTracks, unitsOf } from "./sample-tracks.ts";

/** A picture that needs no other, with what a decoder needs. */
export interface KeyFrame {
  readonly track: SampleTrack;
  readonly data: Uint8Array;
}

/** Keeps the newest key frame of a stream. It costs a look at each packet's role. */
export class KeyFrameKeeper implements Subscriber {
  readonly #tracks = new SampleTracks();
  #newest: Packet | undefined;

  /** The newest key frame of the main track; undefined while there is none, or none that can be shown. */
  get newest(): KeyFrame | undefined {
    const unit = this.#newest && unitsOf(this.#newest).find(({ key }) => key === "video 0");
    const track = unit && this.#tracks.describe(unit);
    return track && mp4Holds(track) ? { track, data: unit.data } : undefined;
  }

  start(): void {
    // It begins with a key frame.
  }

  deliver({ packets }: Batch): void {
    for (const packet of packets) {
      if (packet.kind !== "video") continue;
      if (packet.role === "key") this.#newest = packet;
      else if (packet.role === "config") for (const unit of unitsOf(packet)) this.#configure(unit);
    }
  }

  interrupt(): void {
    this.#newest = undefined;
    this.#tracks.clear();
  }

  end(): void {
    this.#newest = undefined;
  }

  fail(): void {
    this.#newest = undefined;
  }

  #configure(unit: ReturnType<typeof unitsOf>[number]): void {
    // A frame from before means nothing to a decoder that is told something else.
    if (unit.role === "config" && this.#tracks.configure(unit)) this.#newest = undefined;
  }
}
