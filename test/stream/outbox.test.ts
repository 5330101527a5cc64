import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { joinBytes, toHex } from "../../src/base/bytes.ts";
import { Outbox } from "../../src/stream/outbox.ts";
import { holds } from "../base/property.ts";

/** A sink that takes what a test lets it, byte count by byte count, and then nothing until it has room. */
class MeasuredSink {
  readonly taken: Uint8Array[] = [];
  /** Bytes the next writes take; -1 means closed. Unlimited when empty. */
  room: number[] = [];
  writes = 0;

  write(bytes: Uint8Array): number {
    this.writes++;
    const room = this.room.length > 0 ? this.room.shift()! : Number.POSITIVE_INFINITY;
    if (room < 0) return -1;
    const count = Math.min(room, bytes.length);
    this.taken.push(new Uint8Array(bytes.subarray(0, count)));
    return count;
  }

  get hex(): string {
    return toHex(joinBytes([...this.taken, new Uint8Array()]));
  }
}

const bytes = (length: number, from: number): Uint8Array =>
  new Uint8Array(length).map((_, i) => (from + i) & 0xff);

describe("an outbox", () => {
  test("sends at once what the sink takes, in one write, without a copy of its own", () => {
    const sink = new MeasuredSink();
    const seen: Uint8Array[] = [];
    const outbox = new Outbox({
      write: (part) => {
        seen.push(part);
        return sink.write(part);
      },
    });
    const part = bytes(100, 0);
    outbox.send(part);
    expect({ waiting: outbox.bytesWaiting, isClear: outbox.isClear, sent: outbox.bytesSent }).toEqual({
      waiting: 0,
      isClear: true,
      sent: 100,
    });
    expect(seen[0]).toBe(part);
  });

  test("keeps what the sink does not take, and all behind it, until it drains", () => {
    const sink = new MeasuredSink();
    sink.room = [30, 0, 50];
    const outbox = new Outbox(sink);
    outbox.send(bytes(100, 0));
    outbox.send(bytes(10, 100));
    expect({ waiting: outbox.bytesWaiting, sent: outbox.bytesSent, writes: sink.writes }).toEqual({
      waiting: 80,
      sent: 30,
      writes: 1,
    });
    outbox.drained();
    expect(outbox.bytesWaiting).toBe(80);
    outbox.drained();
    expect(outbox.bytesWaiting).toBe(30);
    outbox.drained();
    expect({ waiting: outbox.bytesWaiting, hex: sink.hex }).toEqual({
      waiting: 0,
      hex: toHex(bytes(110, 0)),
    });
  });

  test("gives the same bytes for any pattern of accepted counts", () => {
    const action = fc.oneof(
      fc.nat({ max: 50 }).map((send) => ({ send })),
      fc.constant({ drain: true as const }),
    );
    holds(
      fc.property(
        fc.array(action, { maxLength: 60 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 60 }),
        (actions, room) => {
          const sink = new MeasuredSink();
          sink.room = [...room];
          const outbox = new Outbox(sink);
          let owed = 0;
          for (const each of actions) {
            if ("drain" in each) outbox.drained();
            else {
              outbox.send(bytes(each.send, owed));
              owed += each.send;
            }
            expect(outbox.bytesSent + outbox.bytesWaiting).toBe(owed);
            expect(outbox.isClear).toBe(outbox.bytesWaiting === 0);
          }
          sink.room = [];
          outbox.drained();
          expect(sink.hex).toBe(toHex(bytes(owed, 0)));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("takes nothing more once the sink is closed, and holds nothing", () => {
    for (const room of [[-1], [10, -1]]) {
      const sink = new MeasuredSink();
      sink.room = [...room];
      const outbox = new Outbox(sink);
      outbox.send(bytes(100, 0));
      outbox.drained();
      outbox.send(bytes(100, 0));
      outbox.drained();
      expect({ waiting: outbox.bytesWaiting, sent: outbox.bytesSent, writes: sink.writes }).toEqual({
        waiting: 0,
        sent: room.length === 2 ? 10 : 0,
        writes: room.length,
      });
    }
  });

  test("drops what waits when it is closed", () => {
    const sink = new MeasuredSink();
    sink.room = [0];
    const outbox = new Outbox(sink);
    outbox.send(bytes(9, 0));
    outbox.close();
    outbox.drained();
    expect({ waiting: outbox.bytesWaiting, hex: sink.hex }).toEqual({ waiting: 0, hex: "" });
  });
});
