import type { HostPort } from "../../base/host-port.ts";
import { type ChannelPair, chooseTransport, parseTransports, type Transport } from "../transport.ts";
import { Refusal } from "./refusal.ts";
import type { RtspTransport } from "./session-context.ts";
import type { UdpPorts } from "./udp-ports.ts";
import type { UdpTarget } from "./udp-sink.ts";

/** How the media of one track travel. */
export type Carriage =
  | { readonly kind: "tcp"; readonly channels: ChannelPair }
  | { readonly kind: "udp"; readonly ports: UdpPorts; readonly target: UdpTarget };

/** What a session can offer, and what it has settled on already. */
export interface CarriageTerms {
  readonly transports: readonly RtspTransport[];
  readonly mode: "play" | "record";
  /** Address of the client: media go nowhere else, whatever it asks for. */
  readonly host: string;
  /** Undefined where media cannot go by UDP. */
  readonly udp: UdpPorts | undefined;
  /** Of the session's tracks that are settled. */
  readonly settled: readonly Carriage[];
}

/**
 * Settles how the media of a track travel by the Transport header of its SETUP, and gives what the answer says of it.
 * @throws Refusal 461 where there is no way, 400 for channels that are taken
 */
export const settleCarriage = (
  header: string | undefined,
  terms: CarriageTerms,
): { readonly carriage: Carriage; readonly answer: Transport } => {
  const { transports, udp, settled } = terms;
  const [first] = settled;
  const enabled = {
    // All tracks of a session travel the same way.
    tcp: transports.includes("tcp") && first?.kind !== "udp",
    udp: transports.includes("udp") && udp !== undefined && first?.kind !== "tcp",
  };
  const offer = chooseTransport(parseTransports(header ?? ""), enabled);
  if (!offer) throw new Refusal(461, "no transport of these can be had");
  return offer.lower === "tcp" ? overTcp(offer, terms) : overUdp(offer, terms);
};

const overTcp = (
  { profile, interleaved }: Transport,
  { settled, mode }: CarriageTerms,
): { carriage: Carriage; answer: Transport } => {
  const taken = settled.flatMap((each) => (each.kind === "tcp" ? each.channels : []));
  const channels = interleaved ?? nextPair(taken);
  if (channels[1] !== channels[0] + 1)
    throw new Refusal(461, "interleaved channels that do not follow each other");
  if (channels.some((channel) => taken.includes(channel)))
    throw new Refusal(400, "interleaved channels are taken");
  return {
    carriage: { kind: "tcp", channels },
    answer: { profile, lower: "tcp", delivery: "unicast", mode, interleaved: channels },
  };
};

const nextPair = (taken: readonly number[]): ChannelPair => {
  const next = Math.max(-1, ...taken) + 1;
  const even = next + (next % 2);
  return [even, even + 1];
};

const overUdp = (
  { profile, clientPorts }: Transport,
  { udp, host, mode }: CarriageTerms,
): { carriage: Carriage; answer: Transport } => {
  if (!udp || !clientPorts || clientPorts.some((port) => port === 0))
    throw new Refusal(461, "no ports to send to");
  const at = (port: number): HostPort => ({ host, port });
  const serverPorts: ChannelPair = [udp.port("rtp"), udp.port("rtcp")];
  return {
    carriage: { kind: "udp", ports: udp, target: { rtp: at(clientPorts[0]), rtcp: at(clientPorts[1]) } },
    answer: { profile, lower: "udp", delivery: "unicast", mode, clientPorts, serverPorts },
  };
};
