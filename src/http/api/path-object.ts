import { formatRfc3339 } from "../../base/rfc3339.ts";
import type { Track } from "../../media/track.ts";
import type { Peer } from "../../stream/event.ts";
import type { Stream } from "../../stream/stream.ts";
import type { Reader } from "../../stream/subscriber.ts";
import type { PathObject, PeerObject, TrackObject } from "./objects.ts";
import { trackObject } from "./track-object.ts";

/** What is shown of a stream. */
export type ShownStream = Pick<
  Stream,
  "path" | "options" | "publication" | "availableSince" | "tracks" | "readers" | "bytesOut"
>;

/** A path that is configured, and that nobody publishes or reads. */
export const idlePathObject = (name: string, confName: string): PathObject => ({
  name,
  confName,
  ready: false,
  readyTime: null,
  available: false,
  availableTime: null,
  online: false,
  onlineTime: null,
  source: null,
  tracks: [],
  tracks2: [],
  readers: [],
  inboundBytes: 0,
  outboundBytes: 0,
  inboundFramesInError: 0,
  bytesReceived: 0,
  bytesSent: 0,
});

/**
 * A stream as the control API shows it. It is available, and online, once its tracks are known; until then it has neither tracks nor bytes.
 * Frames in error there are none: a publisher that breaks the protocol is disconnected.
 */
export const pathObject = (stream: ShownStream): PathObject => {
  const { publication, availableSince } = stream;
  const idle = {
    ...idlePathObject(stream.path, stream.options.confName),
    source: publication ? peerObject(publication.peer) : null,
    readers: readerObjects(stream.readers),
  };
  if (!publication || !availableSince) return idle;
  const since = formatRfc3339(availableSince);
  const tracks2 = inOrder(stream.tracks).map(shownTrack);
  const { bytesReceived } = publication.totals;
  return {
    ...idle,
    ready: true,
    readyTime: since,
    available: true,
    availableTime: since,
    online: true,
    onlineTime: since,
    tracks: tracks2.map(({ codec }) => codec),
    tracks2,
    inboundBytes: bytesReceived,
    outboundBytes: stream.bytesOut,
    bytesReceived,
    bytesSent: stream.bytesOut,
  };
};

/** Video first. */
const inOrder = (tracks: readonly Track[]): readonly Track[] => [
  ...tracks.filter(({ kind }) => kind === "video"),
  ...tracks.filter(({ kind }) => kind === "audio"),
];

const shownTracks = new WeakMap<Track, TrackObject>();

/** A track never changes: what is shown of it is made once. */
const shownTrack = (track: Track): TrackObject => {
  let shown = shownTracks.get(track);
  if (!shown) {
    shown = trackObject(track);
    shownTracks.set(track, shown);
  }
  return shown;
};

const peerObject = ({ kind, id }: Peer): PeerObject => ({ type: kind, id });

/** By type, then by id. */
const comparePeers = (a: PeerObject, b: PeerObject): number => {
  if (a.type !== b.type) return a.type < b.type ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
};

/** A stream's list of readers never changes, another one takes its place: so a thousand of them are put in order once. */
const shownReaders = new WeakMap<readonly Reader[], readonly PeerObject[]>();

const readerObjects = (readers: readonly Reader[]): readonly PeerObject[] => {
  let shown = shownReaders.get(readers);
  if (!shown) {
    shown = readers.map(({ peer }) => peerObject(peer)).sort(comparePeers);
    shownReaders.set(readers, shown);
  }
  return shown;
};
