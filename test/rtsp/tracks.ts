import { fromHex, share } from "../../src/base/bytes.ts";
import { readAudioHeader } from "../../src/flv/audio-header.ts";
import { readVideoHeader } from "../../src/flv/video-header.ts";
import type { Codec } from "../../src/media/codec.ts";
import { Packet } from "../../src/media/packet.ts";
import { makeDepacketiser } from "../../src/rtsp/depacketise/make-depacketiser.ts";
import { makeOutgoingTrack, type OutgoingTrack } from "../../src/rtsp/packetise/make-packetiser.ts";
import { rtpPackets } from "../../src/rtsp/packetise/rtp-run.ts";
import { decodeRtp, type RtpPacket } from "../../src/rtsp/rtp.ts";
import { formatOfTrack, payloadTypeOf } from "../../src/rtsp/track-format.ts";
import { audioConfigs } from "../media/audio-configs.ts";
import { type ConfigFixture, videoConfigs } from "../media/video-configs.ts";

/** The first decoder configuration among the fixtures for a codec. */
export const configFor = (codec: Codec): Uint8Array | undefined => {
  const fixtures: readonly ConfigFixture[] = [...videoConfigs, ...audioConfigs];
  const found = fixtures.find(({ track }) => track.codec === codec);
  return found && fromHex(found.hex);
};

/** An FLV tag body as a packet of a stream. */
export const packetOf = (kind: "audio" | "video", body: Uint8Array, timestamp = 0): Packet => {
  const header = (kind === "video" ? readVideoHeader : readAudioHeader)(body);
  if (!header) throw new Error("an empty body");
  return new Packet(header, timestamp, share(body));
};

/** A track on its way out, with the configuration of the fixtures. */
export const outgoing = (codec: Codec, config = configFor(codec)): OutgoingTrack => {
  const track = makeOutgoingTrack({ codec, config, payloadType: payloadTypeOf(codec, { index: 0 }) });
  if (!track) throw new Error(`no RTP for ${codec}`);
  return track;
};

/** A depacketiser for what {@link outgoing} makes. */
export const incoming = (
  codec: Codec,
  config = configFor(codec),
): NonNullable<ReturnType<typeof makeDepacketiser>> => {
  const format = formatOfTrack({ codec, config, payloadType: 96 });
  const depacketiser = format && makeDepacketiser(format);
  if (!depacketiser) throw new Error(`no RTP for ${codec}`);
  return depacketiser;
};

/** The RTP packets that a packetiser makes of a stream's packets, as they come in at the other end. */
export const rtpOf = (
  track: OutgoingTrack,
  packets: readonly Packet[],
  options: { maxPayload?: number; sequence?: number } = {},
): RtpPacket[] => {
  const { payloadType } = track.packetiser;
  const received: RtpPacket[] = [];
  let sequence = options.sequence ?? 0;
  for (const packet of packets) {
    const payloads = track.packetiser.packetise(packet, options.maxPayload ?? 1400);
    const run = rtpPackets(payloads, { payloadType, ssrc: 1, sequence, timestampOffset: 0 });
    for (let i = 0; i < run.bounds.length; i += 2) {
      received.push(decodeRtp(run.bytes.subarray(run.bounds[i], run.bounds[i + 1])));
    }
    sequence = (sequence + run.packets) & 0xffff;
  }
  return received;
};
