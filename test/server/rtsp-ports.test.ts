import { describe, expect, test } from "bun:test";
import { TransportError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/log.ts";
import { systemClock } from "../../src/base/time.ts";
import { RtpShares } from "../../src/rtsp/io/rtp-shares.ts";
import { RtspSessions } from "../../src/rtsp/io/sessions.ts";
import { RtspPorts, type RtspWishes } from "../../src/server/rtsp-ports.ts";
import { openAccess } from "../../src/stream/admission.ts";
import { EventHub } from "../../src/stream/event.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { until } from "../hostile/house.ts";
import { usualOptions } from "../rtsp/io/room.ts";

const local = { host: "127.0.0.1", port: 0 };

const wishes = (some: Partial<RtspWishes>): RtspWishes => ({
  rtsp: undefined,
  rtsps: undefined,
  udp: undefined,
  ...some,
});

class Harbour implements Disposable {
  readonly sessions: RtspSessions;
  readonly ports: RtspPorts;

  constructor() {
    const events = new EventHub();
    const clock = systemClock;
    this.ports = new RtspPorts(() => this.sessions);
    this.sessions = new RtspSessions({
      options: usualOptions,
      access: openAccess,
      registry: new Registry({
        rules: { optionsOf: () => defaultStreamOptions, maxPublishers: 0 },
        clock,
        events,
      }),
      events,
      clock,
      log: silentLogger,
      shares: new RtpShares({ clock, maxPayload: () => 1_440 }),
      udp: () => this.ports.udp,
    });
  }

  /** Connects and waits until the server has seen it. */
  async connect() {
    const before = this.sessions.size;
    const state = { isClosed: false };
    await Bun.connect({
      hostname: "127.0.0.1",
      port: this.ports.port("rtsp") ?? 0,
      socket: {
        data: () => undefined,
        close: () => {
          state.isClosed = true;
        },
      },
    });
    await until(() => this.sessions.size > before, "it is seen");
    return state;
  }

  [Symbol.dispose](): void {
    this.ports.close();
    this.sessions.close();
    this.sessions.cut();
    this.ports.closeUdp();
  }
}

describe("the ports of RTSP", () => {
  test("are opened and closed as wished, and connections end with their protocol", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply(wishes({ rtsp: local, udp: { rtp: local, rtcp: local } }));
    expect([ports.port("rtsp"), ports.port("rtp"), ports.port("rtcp")].every((port) => (port ?? 0) > 0)).toBe(
      true,
    );
    expect(ports.port("rtsps")).toBeUndefined();
    const client = await harbour.connect();
    ports.apply(wishes({}));
    expect([ports.port("rtsp"), ports.port("rtp"), ports.udp]).toEqual([undefined, undefined, undefined]);
    await until(() => client.isClosed, "it ends");
  });

  test("stay where nothing is another, and move without their connections where an address is", async () => {
    using harbour = new Harbour();
    const { ports } = harbour;
    ports.apply(wishes({ rtsp: local, udp: { rtp: local, rtcp: local } }));
    const before = [ports.port("rtsp"), ports.port("rtp")];
    const { udp } = ports;
    ports.apply(wishes({ rtsp: local, udp: { rtp: local, rtcp: local } }));
    expect([ports.port("rtsp"), ports.port("rtp")]).toEqual(before);
    expect(ports.udp).toBe(udp!);
    const client = await harbour.connect();
    ports.apply(wishes({ rtsp: { host: "", port: 0 }, udp: { rtp: local, rtcp: local } }));
    expect(ports.port("rtsp")).not.toBe(before[0]!);
    expect(client.isClosed).toBe(false);
    expect(harbour.sessions.size).toBe(1);
  });

  test("are all as they were when one of them cannot be had", () => {
    using harbour = new Harbour();
    using taken = new Harbour();
    taken.ports.apply(wishes({ rtsp: local, udp: { rtp: local, rtcp: local } }));
    const { ports } = harbour;
    ports.apply(wishes({ rtsp: local, udp: { rtp: local, rtcp: local } }));
    const before = [ports.port("rtsp"), ports.port("rtp")];
    const clash = { ...local, port: taken.ports.port("rtcp") ?? 0 };
    const other = { host: "", port: 0 };
    expect(() => ports.apply(wishes({ rtsp: other, udp: { rtp: local, rtcp: clash } }))).toThrow(
      TransportError,
    );
    expect(ports.port("rtsp")).toBe(before[0]!);
    expect(ports.udp).toBeDefined();
  });
});
