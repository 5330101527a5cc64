import { decodeMp3Frame } from "../media/mp3.ts";
import type { SampleTrack } from "../media/sample.ts";

/** How a track is announced and packed. */
export interface StreamKind {
  /** ISO/IEC 13818-1 table 2-34. */
  readonly type: number;
  /** Of its packets: table 2-22. */
  readonly streamId: number;
  readonly descriptors: Uint8Array;
}

const none = new Uint8Array(0);
const videoStream = 0xe0;
const audioStream = 0xc0;
const privateStream = 0xbd;

/** A registration descriptor. 2.6.8. */
const registration = (letters: string): Buffer =>
  Buffer.concat([Buffer.of(5, 4), Buffer.from(letters, "latin1")]);

/** How a track is written. @throws TypeError for a codec that has no place in a transport stream */
export const kindOf = ({ description, config }: SampleTrack): StreamKind => {
  switch (description.codec) {
    case "H264":
      return { type: 0x1b, streamId: videoStream, descriptors: none };
    case "H265":
      return { type: 0x24, streamId: videoStream, descriptors: none };
    case "AAC":
      return { type: 0x0f, streamId: audioStream, descriptors: none };
    case "MP3":
      return { type: decodeMp3Frame(config).version === 1 ? 3 : 4, streamId: audioStream, descriptors: none };
    case "AC3":
      return { type: 0x81, streamId: privateStream, descriptors: registration("AC-3") };
    case "Opus": {
      const channels = description.kind === "audio" ? (description.channels ?? 2) : 2;
      // Opus in MPEG-TS: the layout is that of the number of channels.
      const layout = Buffer.of(0x7f, 2, 0x80, channels);
      return { type: 6, streamId: privateStream, descriptors: Buffer.concat([registration("Opus"), layout]) };
    }
    default:
      throw new TypeError(`no place for ${description.codec} in a transport stream`);
  }
};
