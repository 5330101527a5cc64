import { describe, expect, test } from "bun:test";
import { RefusedError, TransportError } from "../../src/base/errors.ts";
import { silentLogger } from "../../src/base/log.ts";
import { Forwarder, type ForwarderEnd } from "../../src/relay/forwarder.ts";
import type { Source, SourceHandlers } from "../../src/relay/source.ts";
import type { PushTarget } from "../../src/relay/target.ts";
import { FakeClock } from "../base/fake-clock.ts";

/** A source that does what a test says. */
class PlayedSource implements Source {
  readonly kind = "rtmpSource";
  readonly host = "source";
  readonly port = 1935;
  bytesReceived = 0;
  handlers: SourceHandlers | undefined;
  isClosed = false;

  redact(text: string): string {
    return text.replaceAll("Word-1", "***");
  }

  dial(handlers: SourceHandlers) {
    this.handlers = handlers;
    const source = this;
    return {
      get bytesReceived() {
        return source.bytesReceived;
      },
      close: () => {
        this.isClosed = true;
      },
      abort: (error: Error) => handlers.closed(error),
    };
  }
}

const target: PushTarget = {
  label: "target",
  // Nobody listens at port 1 of this machine.
  urlFor: () => ({ host: "127.0.0.1", port: 1, isTls: false, app: "app", name: "Key-2" }),
};

const setUp = () => {
  const clock = new FakeClock();
  const source = new PlayedSource();
  const ends: ForwarderEnd[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const forwarder = new Forwarder(
    { from: source, label: "source", target },
    {
      clock,
      log: silentLogger,
      options: { chunkSize: 4096, queue: { maxBytes: 1_000_000, maxMs: 5_000 } },
      ended: (end) => {
        ends.push(end);
        resolve();
      },
    },
  );
  return { clock, source, ends, forwarder, ended: promise };
};

describe("a forwarder", () => {
  test("gives a source up that says nothing for 10 s", () => {
    const { clock, source, ends } = setUp();
    source.handlers?.started();
    for (let second = 0; second < 15; second++) {
      source.bytesReceived += 100;
      clock.advance(1_000);
    }
    expect(ends).toEqual([]);
    clock.advance(11_000);
    expect(ends).toEqual([
      { kind: "failed", side: "source", error: "the source sent nothing for 10000 ms", isDenied: false },
    ]);
    expect([source.isClosed, clock.timers]).toEqual([true, 0]);
  });

  test("fails where the source does before there are media, and says whether it was refused", () => {
    for (const { error, isDenied } of [
      { error: new TransportError("CONNECT", "no way to Word-1"), isDenied: false },
      { error: new TransportError("REJECTED", "StreamNotFound: Word-1"), isDenied: false },
      { error: new TransportError("DENIED", "Play.Failed: Word-1"), isDenied: true },
      { error: new RefusedError("BAD_APP", "Word-1"), isDenied: false },
    ]) {
      const { source, ends } = setUp();
      source.handlers?.closed(error);
      const text = error.message.replace("Word-1", "***");
      expect(ends).toEqual([{ kind: "failed", side: "source", error: text, isDenied }]);
    }
  });

  test("has ended well when the source ends after there were media, or when it is stopped", () => {
    for (const act of ["source", "stop"] as const) {
      const { source, ends, forwarder } = setUp();
      source.handlers?.started();
      expect(source.handlers?.publication()).toBeDefined();
      if (act === "stop") forwarder.stop();
      else source.handlers?.closed(new TransportError("CLOSED", "the server closed the connection"));
      forwarder.stop();
      expect(ends).toEqual([{ kind: act === "stop" ? "stopped" : "sourceEnded" }]);
      expect(source.handlers?.publication()).toBeUndefined();
    }
  });

  test("fails with a target that is not there, and leaves the source", async () => {
    const { source, ends, ended, clock } = setUp();
    source.handlers?.started();
    source.handlers?.publication();
    await ended;
    expect(ends).toMatchObject([{ kind: "failed", side: "target", isDenied: false }]);
    expect([source.isClosed, clock.timers]).toEqual([true, 0]);
  });
});
