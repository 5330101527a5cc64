import type { Track } from "../../media/track.ts";
import type { Peer } from "../../stream/event.ts";
import type { FlowMeters } from "../../stream/flow-meter.ts";
import type { Reader } from "../../stream/subscriber.ts";

/** A stream as a live view reads it: a `Stream`. */
export interface ViewedStream {
  readonly path: string;
  readonly options: { readonly confName: string };
  readonly publication: { readonly peer: Peer; readonly since: Date } | undefined;
  readonly availableSince: Date | undefined;
  readonly tracks: readonly Track[];
  /** Another list whenever a reader comes or goes. */
  readonly readers: readonly Reader[];
  readonly bytesOut: number;
  /** Those of the publish; another one has others. */
  readonly meters: FlowMeters;
}

/** A track in a few words. */
export interface LiveTrack {
  readonly kind: "video" | "audio";
  readonly codec: string;
  /** Such as `High 4.1`; empty where nothing is known. */
  readonly profile: string;
  /** In pixels; 0 where that is not known, and for sound. */
  readonly width: number;
  readonly height: number;
  /** In hertz, and how many; 0 where that is not known, and for pictures. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** What is shown of a stream and seldom changes. */
export interface LiveStreamObject {
  /** A number that stands for it in what follows, for as long as somebody watches. */
  readonly id: number;
  readonly name: string;
  readonly confName: string;
  /** Who publishes it; null where it is only waited for. `remote` is empty for what the server fetches itself. */
  readonly source: { readonly type: string; readonly id: string; readonly remote: string } | null;
  /** When the publish began, in Unix milliseconds; 0 without one. */
  readonly since: number;
  /** Whether its tracks are known, so that it can be played. */
  readonly isReady: boolean;
  readonly isRecording: boolean;
  readonly tracks: readonly LiveTrack[];
  /** How many readers there are, by type. */
  readonly readers: Readonly<Record<string, number>>;
}

const liveTrack = (track: Track): LiveTrack => {
  const { kind, codec, profile = "" } = track;
  if (kind === "audio") {
    const { sampleRate = 0, channels = 0 } = track;
    return { kind, codec, profile, width: 0, height: 0, sampleRate, channels };
  }
  const { level = "", width = 0, height = 0 } = track;
  const named = [profile, level].filter((part) => part !== "").join(" ");
  return { kind, codec, profile: named, width, height, sampleRate: 0, channels: 0 };
};

const countsOf = (readers: readonly Reader[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { peer } of readers) counts[peer.kind] = (counts[peer.kind] ?? 0) + 1;
  return counts;
};

/**
 * What was last told of a stream, as JSON. To find out whether it has changed costs a few comparisons: what a stream shows is made anew
 * whenever it changes.
 */
export class StreamRow {
  readonly id: number;
  /** JSON of the {@link LiveStreamObject}. */
  text = "";
  /** Which look saw it last. */
  seenAt = 0;
  #publication: ViewedStream["publication"];
  #availableSince: Date | undefined;
  #tracks: readonly Track[] = [];
  #readers: readonly Reader[] | undefined;
  #confName = "";
  #isRecording = false;

  constructor(id: number) {
    this.id = id;
  }

  /** Takes over what the stream shows now. Gives whether that is anything else than before. */
  follow(stream: ViewedStream, isRecording: boolean): boolean {
    const { publication, availableSince, readers, options, tracks } = stream;
    const isSame =
      this.#publication === publication &&
      this.#availableSince === availableSince &&
      this.#readers === readers &&
      this.#confName === options.confName &&
      this.#isRecording === isRecording &&
      areSame(this.#tracks, tracks);
    if (isSame) return false;
    this.#publication = publication;
    this.#availableSince = availableSince;
    this.#readers = readers;
    this.#confName = options.confName;
    this.#isRecording = isRecording;
    this.#tracks = tracks;
    this.text = JSON.stringify(this.#object(stream));
    return true;
  }

  #object({ path, options, publication, availableSince, tracks, readers }: ViewedStream): LiveStreamObject {
    const { kind: type = "", id = "", remote = "" } = publication?.peer ?? {};
    return {
      id: this.id,
      name: path,
      confName: options.confName,
      source: publication ? { type, id, remote } : null,
      since: publication?.since.getTime() ?? 0,
      isReady: availableSince !== undefined,
      isRecording: this.#isRecording,
      tracks: tracks.map(liveTrack),
      readers: countsOf(readers),
    };
  }
}

const areSame = (a: readonly Track[], b: readonly Track[]): boolean =>
  a.length === b.length && a.every((track, index) => track === b[index]);
