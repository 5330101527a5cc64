import { RefusedError, WireError } from "../../base/errors.ts";
import { Standstill } from "../../base/standstill.ts";
import type { Cancel } from "../../base/time.ts";
import { BitrateLimit } from "../../stream/bitrate-limit.ts";
import type { EndReason, Peer } from "../../stream/event.ts";
import type { Publication } from "../../stream/publication.ts";
import { parseControlUrl, resolveControl } from "../control-url.ts";
import { encodeInterleaved } from "../message.ts";
import type { SessionDescription } from "../sdp.ts";
import type { Transport } from "../transport.ts";
import { type Carriage, settleCarriage } from "./carriage.ts";
import { MediaIntake } from "./media-intake.ts";
import { pushTag } from "./push-tag.ts";
import { Refusal } from "./refusal.ts";
import {
  noCounts,
  type RtspCounts,
  type RtspSessionState,
  type RtspSessionView,
  type SessionOrder,
  viewOf,
} from "./session.ts";

/** Publishers are told this often how what they send arrives, in ticks. */
const reportTicks = 5;

/** An RTSP session of somebody who publishes: media are announced, set up, and then they come. */
export class PublishSession {
  readonly kind = "publish";
  readonly peer: Peer;
  readonly order: SessionOrder;
  readonly created: Date;
  /** The URL that each of the announced media is set up by. */
  readonly #controls: readonly (string | undefined)[];
  readonly #urls: readonly string[];
  readonly #intake: MediaIntake;
  readonly #carriages: (Carriage | undefined)[];
  readonly #cancels: Cancel[] = [];
  readonly #silence = new Standstill();
  readonly #rate = new BitrateLimit();
  #publication: Publication | undefined;
  #ticks = 0;
  #reports = 0;
  #bytesSent = 0;

  /**
   * `url` is what was announced, and `description` what it consists of.
   * @throws Refusal 415 where nothing of it can be read
   */
  constructor(
    order: SessionOrder,
    announced: { readonly url: string; readonly description: SessionDescription },
  ) {
    const { url, description } = announced;
    this.order = order;
    this.peer = order.peer;
    this.created = order.context.clock.date();
    this.#intake = new MediaIntake(description.medias, {
      take: (tag) => {
        if (this.#publication) pushTag(this.#publication, tag);
      },
      isOrdered: () => this.transport === "TCP",
    });
    if (this.#intake.readable.length === 0) throw new Refusal(415, "no medium of these can be read");
    this.#controls = description.medias.map(({ control }) => control);
    this.#urls = description.medias.map(({ control }) => resolveControl(url, control));
    this.#carriages = description.medias.map(() => undefined);
  }

  get state(): RtspSessionState {
    return this.#publication ? "publish" : "idle";
  }

  /** Whether media come. */
  get isActive(): boolean {
    return this.#publication !== undefined;
  }

  get transport(): "TCP" | "UDP" | undefined {
    const carriage = this.#carriages.find((each) => each !== undefined);
    return carriage && (carriage.kind === "tcp" ? "TCP" : "UDP");
  }

  get counts(): RtspCounts {
    return {
      ...noCounts,
      ...this.#intake.counts,
      bytesSent: this.#bytesSent,
      rtcpPacketsSent: this.#reports,
    };
  }

  /** What it is doing. */
  get view(): RtspSessionView {
    return viewOf(this);
  }

  /**
   * Settles how a medium travels, and gives what the answer says of it.
   * @throws Refusal 404, 455, 461
   */
  setup(url: string, transportHeader: string | undefined): Transport {
    const { connection, context } = this.order;
    if (this.#publication) throw new Refusal(455, "media are set up before they are recorded");
    const track = this.#trackOf(url);
    if (this.#carriages[track]) throw new Refusal(455, "the medium is set up already");
    const { carriage, answer } = settleCarriage(transportHeader, {
      transports: context.options.transports,
      mode: "record",
      host: connection.host,
      udp: connection.isTls ? undefined : context.udp(),
      settled: this.#carriages.filter((each) => each !== undefined),
    });
    if (carriage.kind === "udp") this.#listen(track, carriage);
    this.#carriages[track] = carriage;
    return answer;
  }

  /**
   * Publishes the stream.
   * @throws Refusal 455; whatever `Registry.publish` throws
   */
  record(): void {
    if (this.#publication) throw new Refusal(455, "it is recorded already");
    if (this.transport === undefined) throw new Refusal(455, "no medium is set up");
    const { context, connection, name } = this.order;
    this.#publication = context.registry.publish(name.path, {
      peer: this.peer,
      publishType: "live",
      query: name.query,
      kinds: this.#intake.readable.filter((track) => this.#carriages[track]).length,
      evicted: (reason) => {
        this.#publication = undefined;
        connection.sessionEnded(reason);
      },
    });
  }

  /** Pauses nothing: whoever publishes sends, or ends. @throws Refusal 455 */
  pause(_reason: EndReason): void {
    throw new Refusal(455, "what is recorded cannot be paused");
  }

  /** Ends the session. */
  close(reason: EndReason): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
    const publication = this.#publication;
    this.#publication = undefined;
    publication?.end(reason);
  }

  /** A packet came on a channel of the connection. What nobody set up is passed over. */
  interleaved(channel: number, packet: Uint8Array): void {
    const track = this.#carriages.findIndex(
      (each) => each?.kind === "tcp" && each.channels.includes(channel),
    );
    const carriage = this.#carriages[track];
    if (carriage?.kind !== "tcp") return;
    const now = this.order.context.clock.now();
    if (channel === carriage.channels[0]) this.#intake.takeRtp(track, packet, now);
    else this.#intake.takeRtcp(track, packet, now);
  }

  /** What came goes out: the end of a turn. */
  flush(): void {
    this.#publication?.flush();
  }

  /** The connection has room again. */
  drained(): void {
    // Nothing waits for room.
  }

  /** The client has shown that it is there. */
  noteSign(_now: number): void {
    // That media come shows it better.
  }

  /**
   * A second or so has passed.
   * @throws WireError IDLE_TIMEOUT, BITRATE
   */
  tick(now: number): void {
    const publication = this.#publication;
    if (!publication) return;
    this.#intake.tick(now);
    publication.flush();
    if (++this.#ticks % reportTicks === 0) this.#report(now);
    const { bytesReceived } = publication.totals;
    const timeoutMs = this.order.context.options.idleTimeoutMs;
    const silentMs = this.#silence.note(this.#intake.counts.bytesReceived, {
      shouldMove: timeoutMs > 0,
      now,
    });
    if (timeoutMs > 0 && silentMs >= timeoutMs)
      throw new WireError("IDLE_TIMEOUT", `publisher sent nothing for ${Math.round(silentMs)} ms`);
    const { maxBitrate } = publication;
    const bitrate = this.#rate.excess(bytesReceived, { now, maxBitrate });
    if (bitrate !== undefined) {
      const kilobits = Math.round(bitrate / 1_000);
      throw new WireError("BITRATE", `${kilobits} kbit/s, expected at most ${maxBitrate / 1_000}`);
    }
  }

  /** Tells the client how what it sends arrives. */
  #report(now: number): void {
    const { outbox } = this.order.connection;
    for (const [track, carriage] of this.#carriages.entries()) {
      const report = carriage && this.#intake.report(track, now);
      if (!report) continue;
      if (carriage.kind === "udp") carriage.ports.send("rtcp", carriage.target.rtcp, [report]);
      else if (outbox.isClear) outbox.send(encodeInterleaved(carriage.channels[1], report));
      this.#bytesSent += report.length;
      this.#reports++;
    }
  }

  #trackOf(url: string): number {
    const plain = (text: string): string => text.replace(/\/+$/, "");
    const track = this.#urls.findIndex((each) => plain(each) === plain(url));
    if (track >= 0) return track;
    // Behind a proxy the host may be another.
    const tail = this.#urls.findIndex((each) => pathOf(plain(each)) === pathOf(plain(url)));
    if (tail >= 0) return tail;
    // GStreamer puts the track in front of the query.
    const named = parseControlUrl(url, this.#controls).track ?? this.#urls.length;
    if (named >= this.#urls.length) throw new Refusal(404, "no such medium was announced");
    return named;
  }

  #listen(track: number, { ports, target }: Extract<Carriage, { kind: "udp" }>): void {
    const { clock } = this.order.context;
    const rtp = ports.listen("rtp", target.rtp, (bytes) => {
      this.#intake.takeRtp(track, bytes, clock.now());
      this.flush();
    });
    const rtcp = ports.listen("rtcp", target.rtcp, (bytes) =>
      this.#intake.takeRtcp(track, bytes, clock.now()),
    );
    if (rtp) this.#cancels.push(rtp);
    if (rtcp) this.#cancels.push(rtcp);
    if (!rtp || !rtcp) throw new RefusedError("ALREADY_PUBLISHING", "these ports send to another session");
  }
}

const pathOf = (url: string): string => url.replace(/^rtsps?:\/\/[^/?]*/i, "");
