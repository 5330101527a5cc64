import { describe, expect, test } from "bun:test";
import { copyBytes, joinBytes } from "../../src/base/bytes.ts";
import { silentLogger } from "../../src/base/log.ts";
import { Session } from "../../src/rtmp/io/session.ts";
import { openAccess } from "../../src/stream/admission.ts";
import { type DomainEvent, EventHub } from "../../src/stream/event.ts";
import { Registry } from "../../src/stream/registry.ts";
import { defaultStreamOptions } from "../../src/stream/stream-options.ts";
import { FakeClock } from "../base/fake-clock.ts";
import { command, userControl } from "../rtmp/dialogue.ts";
import { sampleSessionOptions } from "../rtmp/io/session-options.ts";
import { peerOf } from "../stream/peer.ts";
import { streaming } from "./sessions.ts";

/** A session whose socket takes nothing, or everything. */
const open = (takes: boolean) => {
  const clock = new FakeClock();
  const events = new EventHub();
  const heard: DomainEvent[] = [];
  events.listen((event) => heard.push(event));
  const options = { ...defaultStreamOptions, isLowLatency: true, republishGraceMs: 0, playWaitMs: 1_000 };
  const registry = new Registry({
    rules: { optionsOf: () => options, maxPublishers: 0 },
    clock,
    events,
  });
  const calls: string[] = [];
  const session = new Session({
    peer: peerOf("c1", "127.0.0.1:1"),
    socket: {
      write: (bytes) => (takes ? bytes.length : 0),
      setNoDelay: () => true,
      pause: () => true,
      resume: () => true,
      end: () => calls.push("end"),
      terminate: () => calls.push("terminate"),
    },
    context: {
      options: sampleSessionOptions,
      access: openAccess,
      registry,
      events,
      clock,
      log: silentLogger,
    },
  });
  return { clock, session, heard, calls };
};

const calls = joinBytes(
  Array.from({ length: 49 }, () => command(3, 0, ["FCPublish", 5, null, "x".repeat(60)])),
);
const pings = joinBytes(Array.from({ length: 99 }, (_, i) => userControl(6, i)));

/** Asks as much as is allowed, for some seconds of the session's time. */
const ask = ({ clock, session }: ReturnType<typeof open>, seconds: number): void => {
  session.data(copyBytes(streaming));
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000);
    session.tick(clock.now());
    session.data(copyBytes(joinBytes([calls, pings])));
  }
};

describe("a client that asks and does not read the answers", () => {
  test("is ended once 64 KiB of them wait", () => {
    const deaf = open(false);
    ask(deaf, 14);
    const failure = deaf.heard.find((event) => event.kind === "connectionFailed");
    expect(failure).toMatchObject({ code: "PEER_STALLED" });
    expect(failure?.message).toMatch(/^(6|7)\d{4} bytes of replies wait, expected the peer to read them$/);
  });

  test("is cut off in the end, though it never takes the rest", () => {
    const deaf = open(false);
    ask(deaf, 14);
    for (let second = 0; second < 62; second++) {
      deaf.clock.advance(1_000);
      deaf.session.tick(deaf.clock.now());
    }
    expect(deaf.calls).toContain("terminate");
    deaf.session.closed();
    expect(deaf.heard.filter((event) => event.kind === "connectionClosed")).toHaveLength(1);
  });

  test("is left alone where it reads them", () => {
    const polite = open(true);
    ask(polite, 14);
    expect(polite.heard.filter((event) => event.kind === "connectionFailed")).toEqual([]);
  });
});
