import { tolerate } from "../../media/tolerate.ts";
import type { MediaFormat } from "../sdp.ts";
import { codecOfFormat } from "../track-format.ts";
import { AacDepacketiser } from "./aac.ts";
import { Ac3Depacketiser } from "./ac3.ts";
import { Av1Depacketiser } from "./av1.ts";
import type { Depacketiser } from "./depacketiser.ts";
import { G711Depacketiser } from "./g711.ts";
import { H264Depacketiser } from "./h264.ts";
import { H265Depacketiser } from "./h265.ts";
import { LatmDepacketiser } from "./latm.ts";
import { Mp3Depacketiser } from "./mp3.ts";
import { OpusDepacketiser } from "./opus.ts";
import { Vp9Depacketiser } from "./vp9.ts";

/** The depacketiser of a format; undefined for one that is not read, or whose description is broken. */
export const makeDepacketiser = (format: MediaFormat): Depacketiser | undefined =>
  tolerate(() => {
    const codec = codecOfFormat(format);
    switch (codec) {
      case "H264":
        return new H264Depacketiser(format);
      case "H265":
        return new H265Depacketiser(format);
      case "AV1":
        return new Av1Depacketiser(format);
      case "VP9":
        return new Vp9Depacketiser(format);
      case "AAC":
        return new AacDepacketiser(format);
      case "LATM":
        return new LatmDepacketiser(format);
      case "Opus":
        return new OpusDepacketiser(format);
      case "MP3":
        return new Mp3Depacketiser(format);
      case "AC3":
      case "EAC3":
        return new Ac3Depacketiser(codec, format);
      case "G711A":
      case "G711U":
        return new G711Depacketiser(codec, format);
      default:
        return undefined;
    }
  });
