import { expect } from "bun:test";
import { share } from "../../src/base/bytes.ts";
import { systemClock } from "../../src/base/time.ts";
import { readConfig } from "../../src/config/server/config.ts";
import { Packet, type PacketRole } from "../../src/media/packet.ts";
import { Client } from "../../src/rtmp/io/dialer.ts";
import { mediaForm } from "../../src/rtmp/media-form.ts";
import { type RunningServer, startServer } from "../../src/server.ts";
import type { DomainEvent } from "../../src/stream/event.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { KeptLog } from "../base/kept-log.ts";

/** Waits until `holds`, in real time. @throws Error after ten seconds */
export const until = async (holds: () => boolean, what: string): Promise<void> => {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within 10 s: ${what}`);
    await Bun.sleep(1);
  }
};

const codecOf = (role: PacketRole) =>
  ({ kind: "video", role, codec: "H264", trackId: 0, dataOffset: 5 }) as const;

/** A video packet as an encoder would send it; `size` is that of its body. */
export const video = (role: "config" | "key" | "frame", timestamp: number, size = 40): Packet => {
  const body = new Uint8Array(size);
  body.set([role === "frame" ? 0x27 : 0x17, role === "config" ? 0 : 1, 0, 0, 0]);
  return new Packet(codecOf(role), timestamp, share(body));
};

/** A publishing client of ours, on real sockets. */
export class Publisher {
  readonly client: Client;
  #streamId: number | undefined;
  error: Error | undefined;
  isClosed = false;

  constructor(port: number, name: string) {
    const url = { host: "127.0.0.1", port, isTls: false, app: "live", name };
    this.client = new Client(
      { url, action: "publish", chunkSize: 60_000, clock: systemClock, timeoutMs: 10_000 },
      {
        started: (streamId) => {
          this.#streamId = streamId;
        },
        drained: () => undefined,
        closed: (error) => {
          this.error = error;
          this.isClosed = true;
        },
      },
    );
  }

  get isStarted(): boolean {
    return this.#streamId !== undefined;
  }

  send(...packets: Packet[]): void {
    const form = mediaForm({ chunkSize: 60_000, streamId: this.#streamId ?? 1, toward: "publisher" });
    this.client.outbox.send(form.encode(packets));
  }
}

/** A playing client of ours, on real sockets. */
export class Player {
  readonly client: Client;
  readonly times: number[] = [];
  isStarted = false;
  isClosed = false;

  constructor(port: number, name: string) {
    const url = { host: "127.0.0.1", port, isTls: false, app: "live", name };
    this.client = new Client(
      { url, action: "play", chunkSize: 4096, clock: systemClock, timeoutMs: 10_000 },
      {
        started: () => {
          this.isStarted = true;
        },
        media: (message) => {
          this.times.push(message.timestamp);
        },
        drained: () => undefined,
        closed: () => {
          this.isClosed = true;
        },
      },
    );
  }
}

/** A server in this process whose clock stands still until a test moves it. */
export class House {
  readonly clock = new FakeClock();
  readonly #log = new KeptLog();
  readonly lines = this.#log.lines;
  readonly events: DomainEvent[] = [];
  readonly server: RunningServer;
  /** Connections that are open. */
  sessions = 0;
  #checks = 0;

  constructor(flags: Readonly<Record<string, string>> = {}) {
    const typed = new Map(
      Object.entries({
        listen: "127.0.0.1:0",
        api: "false",
        metrics: "false",
        rtsp: "false",
        hls: "false",
        ...flags,
      }).map(([flag, value]) => [flag, [value]]),
    );
    this.server = startServer(readConfig(typed), { log: this.#log, clock: this.clock });
    this.server.events.listen((event) => {
      this.events.push(event);
      if (event.kind === "connectionAccepted") this.sessions++;
      if (event.kind === "connectionClosed") this.sessions--;
    });
  }

  get port(): number {
    return this.server.rtmpPort;
  }

  /** Lets seconds of the server's time pass, with a breath for the sockets in each. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.clock.advance(1_000);
      await Bun.sleep(2);
    }
  }

  /** Codes of the connections that failed so far. */
  failures(): string[] {
    return this.events.filter((event) => event.kind === "connectionFailed").map(({ code }) => code);
  }

  /** Publishes, plays, and checks that nothing is left of it, or of anybody before. */
  async isWell(): Promise<void> {
    const name = `check-${++this.#checks}`;
    const publisher = new Publisher(this.port, name);
    await until(() => publisher.isStarted, "a publish after the attack");
    const player = new Player(this.port, name);
    await until(() => player.isStarted, "a play after the attack");
    publisher.send(video("config", 0), video("key", 0), video("frame", 33));
    await until(() => player.times.length === 3, "frames after the attack");
    publisher.client.close();
    await until(() => player.isClosed && publisher.isClosed, "the end of the stream");
    await this.isEmpty();
  }

  /** Waits until nobody is connected and no stream is left, letting time pass. */
  async isEmpty(): Promise<void> {
    for (let i = 0; i < 60 && this.sessions > 0; i++) await this.pass(1);
    expect(this.sessions).toBe(0);
    expect([...this.server.registry.streams].map(({ path }) => path as string)).toEqual([]);
    const defects = this.lines.filter(({ level, fields }) => level === "error" || fields.stack !== undefined);
    expect(defects).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let isDone = false;
    const stopped = this.server.stop().finally(() => {
      isDone = true;
    });
    while (!isDone) await this.pass(1);
    await stopped;
  }
}
