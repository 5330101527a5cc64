import type { MediaClock } from "../media-clock.ts";
import type { MediaDescription } from "../sdp.ts";
import { makeDepacketiser } from "./make-depacketiser.ts";
import { TrackReceiver } from "./track-receiver.ts";

/** The receiver of a medium, for the first of its formats that is read; undefined where none is. `clock` is that of the session. */
export const makeTrackReceiver = (media: MediaDescription, clock: MediaClock): TrackReceiver | undefined => {
  for (const format of media.formats) {
    const depacketiser = makeDepacketiser(format);
    if (!depacketiser || depacketiser.kind !== media.kind) continue;
    const { payloadType } = format;
    return new TrackReceiver({ depacketiser, clock: clock.track(depacketiser.clockRate), payloadType });
  }
  return undefined;
};
