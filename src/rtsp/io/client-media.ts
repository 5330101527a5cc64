import { emptyPayload } from "../../base/bytes.ts";
import { TransportError } from "../../base/errors.ts";
import type { HostPort } from "../../base/host-port.ts";
import type { MediaTag } from "../depacketise/track-receiver.ts";
import { encodeInterleaved } from "../message.ts";
import { encodeRtcp } from "../rtcp.ts";
import { encodeRtp } from "../rtp.ts";
import type { MediaDescription } from "../sdp.ts";
import { type ChannelPair, formatTransport, type Transport } from "../transport.ts";
import { MediaIntake } from "./media-intake.ts";
import { openUdpPair } from "./udp-pair.ts";
import type { UdpPorts } from "./udp-ports.ts";

/** How media are asked for: `automatic` is over TCP, and by UDP from a server that has nothing else. */
export type ClientTransport = "automatic" | "udp" | "multicast" | "tcp";

/** An RTP packet without anything, of a payload type that means nothing. */
const rtpGreeting = encodeRtp({
  payloadType: 127,
  marker: false,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  payload: emptyPayload,
});

/** A report about nothing. */
const rtcpGreeting = encodeRtcp([{ kind: "receiverReport", ssrc: 0, blocks: [] }]);

/** A medium by UDP: our ports, and the server's. */
interface UdpMedium {
  readonly ports: UdpPorts;
  readonly rtcp: HostPort | undefined;
}

/** The media of a stream that a client gets from a server: how they travel, and what they become. */
export class ClientMedia {
  readonly #ways: ("tcp" | "udp")[];
  readonly #take: (tag: MediaTag) => void;
  readonly #now: () => number;
  readonly #turnEnded: () => void;
  #intake: MediaIntake | undefined;
  readonly #channels = new Map<number, ChannelPair>();
  readonly #udp = new Map<number, UdpMedium>();

  /** `turnEnded` is called after what came by UDP; who hands over what came over TCP ends those turns. */
  constructor(options: {
    transport: ClientTransport;
    take: (tag: MediaTag) => void;
    now: () => number;
    turnEnded: () => void;
  }) {
    const { transport } = options;
    this.#ways = transport === "automatic" ? ["tcp", "udp"] : [transport === "tcp" ? "tcp" : "udp"];
    this.#take = options.take;
    this.#now = options.now;
    this.#turnEnded = options.turnEnded;
  }

  /** Bytes of RTP and RTCP that came. */
  get bytesReceived(): number {
    return this.#intake?.counts.bytesReceived ?? 0;
  }

  /** How many kinds of media come. */
  get kinds(): number {
    return this.#intake?.readable.length ?? 0;
  }

  /** The server has told what there is. Gives the media that can be read, by their index. @throws TransportError REJECTED where none can */
  describe(medias: readonly MediaDescription[]): readonly number[] {
    this.#intake = new MediaIntake(medias, { take: this.#take, isOrdered: () => this.#udp.size === 0 });
    const { readable } = this.#intake;
    if (readable.length === 0)
      throw new TransportError("REJECTED", "the stream has no medium that can be read");
    return readable;
  }

  /** The Transport header by which a medium is asked for; undefined where there is no other way left to try. */
  transportFor(media: number): string | undefined {
    const [way] = this.#ways;
    const common = { profile: "AVP", delivery: "unicast", mode: "play" } as const;
    if (way === "tcp") {
      const channels: ChannelPair = [2 * media, 2 * media + 1];
      return formatTransport({ ...common, lower: "tcp", interleaved: channels });
    }
    if (way === undefined) return undefined;
    const ports = this.#udp.get(media)?.ports ?? openUdpPair("");
    this.#udp.set(media, { ports, rtcp: undefined });
    return formatTransport({ ...common, lower: "udp", clientPorts: [ports.port("rtp"), ports.port("rtcp")] });
  }

  /** The server wants another way. */
  refuse(): void {
    this.#ways.shift();
  }

  /** This is how a medium comes from the server at `host`. @throws TransportError REJECTED where it cannot come like that */
  settle(media: number, transport: Transport, host: string): void {
    if (transport.lower === "tcp") {
      this.#channels.set(media, transport.interleaved ?? [2 * media, 2 * media + 1]);
      return;
    }
    const ports = this.#udp.get(media)?.ports;
    const { serverPorts, source } = transport;
    if (!ports || !serverPorts)
      throw new TransportError("REJECTED", "the server does not say where media come from");
    const at = (port: number): HostPort => ({ host: isAddress(source) ? source : host, port });
    ports.listen("rtp", at(serverPorts[0]), (bytes) => {
      this.#intake?.takeRtp(media, bytes, this.#now());
      this.#turnEnded();
    });
    ports.listen("rtcp", at(serverPorts[1]), (bytes) => {
      this.#intake?.takeRtcp(media, bytes, this.#now());
      this.#turnEnded();
    });
    this.#udp.set(media, { ports, rtcp: at(serverPorts[1]) });
    // What goes out opens the way back in, where something on the way lets in only answers.
    ports.send("rtp", at(serverPorts[0]), [rtpGreeting]);
    ports.send("rtcp", at(serverPorts[1]), [rtcpGreeting]);
  }

  /** A medium begins with this RTP time. */
  anchor(media: number, rtpTime: number): void {
    this.#intake?.anchor(media, rtpTime);
  }

  /** A packet came on a channel of the connection. */
  interleaved(channel: number, packet: Uint8Array): void {
    for (const [media, [rtp, rtcp]] of this.#channels) {
      if (channel === rtp) this.#intake?.takeRtp(media, packet, this.#now());
      else if (channel === rtcp) this.#intake?.takeRtcp(media, packet, this.#now());
    }
  }

  /** Tells the server how its packets arrive; what goes over the connection is given to `send`. */
  report(send: (bytes: Uint8Array) => void): void {
    const now = this.#now();
    for (const [media, [, rtcp]] of this.#channels) {
      const report = this.#intake?.report(media, now);
      if (report) send(encodeInterleaved(rtcp, report));
    }
    for (const [media, { ports, rtcp }] of this.#udp) {
      const report = rtcp && this.#intake?.report(media, now);
      if (report && rtcp) ports.send("rtcp", rtcp, [report]);
    }
  }

  /** Gives up packets that were waited for long enough. */
  tick(): void {
    this.#intake?.tick(this.#now());
    this.#turnEnded();
  }

  /** Nothing comes any more. */
  close(): void {
    for (const { ports } of this.#udp.values()) ports.close();
    this.#udp.clear();
  }
}

/** Names that only the server can resolve are of no use to compare with. */
const isAddress = (text: string | undefined): text is string => text !== undefined && /^[\d.]+$|:/.test(text);
