import { tolerate } from "../../media/tolerate.ts";
import type { MediaFormat } from "../sdp.ts";
import { formatOfTrack, type TrackToDescribe } from "../track-format.ts";
import { AacPacketiser } from "./aac.ts";
import { Ac3Packetiser } from "./ac3.ts";
import { Av1Packetiser } from "./av1.ts";
import { G711Packetiser } from "./g711.ts";
import { H264Packetiser } from "./h264.ts";
import { H265Packetiser } from "./h265.ts";
import { Mp3Packetiser } from "./mp3.ts";
import type { Packetiser } from "./packetiser.ts";
import { SingleFramePacketiser } from "./single-frame.ts";
import { Vp9Packetiser } from "./vp9.ts";

/** A track on its way out: how a session description tells it, and what makes its packets. */
export type OutgoingTrack = {
  readonly format: MediaFormat;
  readonly packetiser: Packetiser;
};

/** Format and packetiser of a track; undefined where RTP cannot carry it, or its configuration is missing or cannot be read. */
export const makeOutgoingTrack = (track: TrackToDescribe): OutgoingTrack | undefined => {
  const format = formatOfTrack(track);
  const packetiser = format && tolerate(() => makePacketiser(track, format));
  return packetiser && { format, packetiser };
};

const makePacketiser = ({ codec, config }: TrackToDescribe, format: MediaFormat): Packetiser | undefined => {
  const { payloadType } = format;
  switch (codec) {
    case "H264":
      return new H264Packetiser(payloadType, config);
    case "H265":
      return new H265Packetiser(payloadType, config);
    case "AV1":
      return new Av1Packetiser(payloadType, config);
    case "VP9":
      return new Vp9Packetiser(payloadType);
    case "AAC":
      return config && new AacPacketiser(payloadType, config);
    case "Opus":
      return new SingleFramePacketiser(codec, format);
    case "MP3":
      return new Mp3Packetiser(payloadType);
    case "AC3":
    case "EAC3":
      return new Ac3Packetiser(codec, format);
    case "G711A":
    case "G711U":
      return new G711Packetiser(codec, format);
    default:
      return undefined;
  }
};
