import { RefusedError, WireError } from "../../base/errors.ts";
import type { Cancel } from "../../base/time.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import { Outbox } from "../../stream/outbox.ts";
import type { Stream } from "../../stream/stream.ts";
import type { Transport } from "../transport.ts";
import { type Carriage, settleCarriage } from "./carriage.ts";
import { usualChannel } from "./channels.ts";
import { Play } from "./play.ts";
import { ReceptionReports } from "./reception-reports.ts";
import { Refusal } from "./refusal.ts";
import type { RtpShare } from "./rtp-share.ts";
import {
  noCounts,
  type RtspCounts,
  type RtspSessionState,
  type RtspSessionView,
  type SessionOrder,
  viewOf,
} from "./session.ts";
import { sessionTimeoutMs } from "./session-context.ts";
import type { TrackStart } from "./track-start.ts";
import { UdpSink } from "./udp-sink.ts";

/** A play under way. */
interface Playing {
  readonly play: Play;
  readonly stream: Stream;
  readonly outbox: Outbox;
  readonly sink: UdpSink | undefined;
  readonly since: number;
  readonly bytesBefore: number;
}

/**
 * Who begins with cached frames, which come all at once, misjudges the clock of each track a little: GStreamer has sound and pictures
 * 0.1 s apart until it hears the next report. So it hears one each second for so long, in milliseconds.
 */
const settlingMs = 10_000;

/** So long a client by UDP may take to read what it was sent before it hears that this is the end, in milliseconds. */
const udpDrainMs = 200;

/** So long the connection stays after that, in milliseconds. */
const udpGoodbyeMs = 300;

/** An RTSP session of somebody who reads: tracks are set up, then they play, perhaps with pauses. */
export class ReadSession {
  readonly kind = "read";
  readonly peer: Peer;
  readonly order: SessionOrder;
  readonly share: RtpShare;
  readonly created: Date;
  readonly #carriages: (Carriage | undefined)[];
  readonly #cancels: Cancel[] = [];
  readonly #receptions = new ReceptionReports();
  #playing: Playing | undefined;
  /** Of plays that are over. */
  #past = { bytes: 0, packets: 0, discarded: 0, reports: 0 };
  #lastSignAt: number;
  #isClosed = false;

  /** `share` is the stream that the client was told of. */
  constructor(order: SessionOrder, share: RtpShare) {
    this.order = order;
    this.peer = order.peer;
    this.created = order.context.clock.date();
    this.share = share;
    this.#carriages = share.tracks.map(() => undefined);
    this.#lastSignAt = order.context.clock.now();
  }

  get state(): RtspSessionState {
    return this.#playing ? "read" : "idle";
  }

  /** Whether it plays. */
  get isActive(): boolean {
    return this.#playing !== undefined;
  }

  /** Whether it has just begun to play, and wants to hear more often how its tracks lie to each other. */
  isSettling(now: number): boolean {
    return this.#playing !== undefined && now - this.#playing.since < settlingMs;
  }

  /** The tracks that were set up. */
  get tracks(): readonly number[] {
    return this.#carriages.flatMap((carriage, track) => (carriage ? track : []));
  }

  get transport(): "TCP" | "UDP" | undefined {
    const carriage = this.#carriages.find((each) => each !== undefined);
    return carriage && (carriage.kind === "tcp" ? "TCP" : "UDP");
  }

  get counts(): RtspCounts {
    const { play, outbox, bytesBefore } = this.#playing ?? {};
    return {
      ...noCounts,
      bytesReceived: this.#receptions.bytes,
      rtcpPacketsReceived: this.#receptions.packets,
      rtcpPacketsInError: this.#receptions.inError,
      rtpPacketsReportedLost: this.#receptions.lost,
      bytesSent: this.#past.bytes + (outbox ? outbox.bytesSent - (bytesBefore ?? 0) : 0),
      rtpPacketsSent: this.#past.packets + (play?.rtpPackets ?? 0),
      rtpPacketsDiscarded: this.#past.discarded + (play?.discarded ?? 0),
      rtcpPacketsSent: this.#past.reports + (play?.reports ?? 0),
    };
  }

  /** What it is doing. */
  get view(): RtspSessionView {
    return viewOf(this);
  }

  /**
   * Settles how a track travels, and gives what the answer says of it.
   * @throws Refusal 404, 455, 461
   */
  setup(track: number, transportHeader: string | undefined): Transport {
    const { connection, context } = this.order;
    if (this.#playing) throw new Refusal(455, "tracks are set up before they play");
    if (track >= this.#carriages.length) throw new Refusal(404, `no track ${track}, expected fewer`);
    if (this.#carriages[track]) throw new Refusal(455, `track ${track} is set up already`);
    const { carriage, answer } = settleCarriage(transportHeader, {
      transports: context.options.transports,
      mode: "play",
      host: connection.host,
      udp: connection.isTls ? undefined : context.udp(),
      settled: this.#carriages.filter((each) => each !== undefined),
    });
    this.#carriages[track] = carriage;
    if (carriage.kind === "udp") {
      const cancel = carriage.ports.listen("rtcp", carriage.target.rtcp, (bytes) => this.#takeReport(bytes));
      if (cancel) this.#cancels.push(cancel);
    }
    return answer;
  }

  /**
   * Lets the tracks play. `answer` is called with where they begin, before the first of them leaves.
   * @throws Refusal 455; RefusedError STREAM_NOT_FOUND where the stream is gone, and whatever `Registry.subscribe` throws
   */
  play(answer: (starts: readonly TrackStart[]) => void): void {
    if (this.tracks.length === 0) throw new Refusal(455, "no track is set up");
    const { context, connection, name } = this.order;
    const { outbox, sink } = this.#outlet();
    const { share, peer } = this;
    const play = new Play({
      peer,
      query: name.query,
      share,
      channels: this.#carriages.map((carriage, track) => channelOf(carriage, track)),
      outbox,
      limits: context.options.readerQueue,
      host: {
        playStarted: (starts) => {
          answer(starts);
          context.events.emit({ kind: "playStarted", path: name.path, peer, query: name.query });
        },
        playEnded: (reason) => this.#ended(reason),
        playFailed: (error) => connection.sessionFailed(error),
      },
    });
    const stream = context.registry.subscribe(name.path, play);
    if (!play.isReady || stream !== share.stream || this.#isClosed) {
      stream.unsubscribe(play);
      play.close();
      // What kept it from beginning has ended the connection.
      if (this.#isClosed) return;
      throw new RefusedError("STREAM_NOT_FOUND", `stream ${name.path} is no longer published`);
    }
    const since = context.clock.now();
    this.#playing = { play, stream, outbox, sink, since, bytesBefore: outbox.bytesSent };
    this.#lastSignAt = since;
    play.begin();
  }

  /** Stops playing; the tracks stay set up. */
  pause(reason: EndReason): void {
    const playing = this.#playing;
    if (!playing) return;
    this.#playing = undefined;
    const { play, stream, outbox, sink, since, bytesBefore } = playing;
    stream.unsubscribe(play);
    play.close();
    sink?.close();
    const { context, name } = this.order;
    const bytes = outbox.bytesSent - bytesBefore;
    this.#past.bytes += bytes;
    this.#past.packets += play.rtpPackets;
    this.#past.discarded += play.discarded;
    this.#past.reports += play.reports;
    context.events.emit({
      kind: "playStopped",
      path: name.path,
      peer: this.peer,
      reason,
      durationMs: context.clock.now() - since,
      bytesSent: bytes,
      droppedFrames: play.discarded,
    });
  }

  /** Ends the session. */
  close(reason: EndReason): void {
    this.#isClosed = true;
    this.pause(reason);
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  /** A packet came on a channel of the connection. What a reader sends are reports; all else is passed over. */
  interleaved(channel: number, packet: Uint8Array): void {
    const isReport = this.#carriages.some((each) => each?.kind === "tcp" && each.channels[1] === channel);
    if (isReport) this.#takeReport(packet);
  }

  /** The end of a turn. */
  flush(): void {
    // Readers bring nothing that waits for it.
  }

  /** The connection has room again. */
  drained(): void {
    if (this.#playing && !this.#playing.sink) this.#playing.play.drained();
  }

  /** The client has shown that it is there. */
  noteSign(now: number): void {
    this.#lastSignAt = now;
  }

  /**
   * A second or so has passed.
   * @throws WireError IDLE_TIMEOUT for a reader by UDP that is gone: nothing else tells
   */
  tick(now: number): void {
    const silentMs = now - this.#lastSignAt;
    if (this.#playing?.sink && silentMs > sessionTimeoutMs)
      throw new WireError("IDLE_TIMEOUT", `reader by UDP gave no sign for ${Math.round(silentMs)} ms`);
  }

  /** Sends a report of what the tracks are by the wall clock. */
  report(report: Uint8Array): void {
    this.#playing?.play.report(report);
  }

  #takeReport(bytes: Uint8Array): void {
    this.#lastSignAt = this.order.context.clock.now();
    this.#receptions.take(bytes, (ssrc) => this.share.tracks.some((track) => track.ssrc === ssrc));
  }

  #ended(reason: EndReason): void {
    const playing = this.#playing;
    const { connection, context } = this.order;
    const leave = (): void => {
      playing?.play.sayGoodbye();
      this.pause(reason);
    };
    if (!playing?.sink) {
      leave();
      connection.sessionEnded(reason);
      return;
    }
    // FFmpeg reads no datagram any more once it has its goodbyes, or the connection is closed.
    const { clock } = context;
    const closeLater = (): void => {
      leave();
      this.#cancels.push(clock.after(udpGoodbyeMs, () => connection.sessionEnded(reason)));
    };
    this.#cancels.push(clock.after(udpDrainMs, closeLater));
  }

  /** Where packets go: through the connection, or as datagrams. */
  #outlet(): { outbox: Outbox; sink: UdpSink | undefined } {
    const { connection, context } = this.order;
    const udp = this.#carriages.find((each) => each?.kind === "udp");
    if (udp?.kind !== "udp") return { outbox: connection.outbox, sink: undefined };
    const sink = new UdpSink({
      ports: udp.ports,
      targets: this.#carriages.map((each) => (each?.kind === "udp" ? each.target : undefined)),
      clock: context.clock,
      drained: () => {
        outbox.drained();
        this.#playing?.play.drained();
      },
    });
    const outbox = new Outbox(sink);
    return { outbox, sink };
  }
}

/** By UDP all tracks share one form: what was not set up is left out where it is sent. */
const channelOf = (carriage: Carriage | undefined, track: number): number | undefined =>
  carriage?.kind === "tcp" ? carriage.channels[0] : carriage ? usualChannel(track) : undefined;
