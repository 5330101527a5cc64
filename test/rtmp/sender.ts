import * as fc from "fast-check";
import { ByteWriter, joinBytes, toHex } from "../../src/base/bytes.ts";
import { chunk, filler, type SeenMessage } from "./chunks.ts";

/** One message a generated sender is asked to send. */
interface Wish {
  readonly csid: number;
  readonly type: number;
  readonly stream: number;
  readonly length: number;
  /** Time since the last message of the same chunk stream; "same": the last step again. */
  readonly step: number | "same";
  readonly format: 0 | 1 | 2 | 3;
  /** Announce this chunk size first. */
  readonly chunkSize: number | undefined;
  /** How many chunks of other messages go in between. */
  readonly patience: number;
}

/** A valid run of chunks, and the messages a reader has to make of it. */
export interface SentSession {
  readonly bytes: Uint8Array;
  readonly messages: readonly SeenMessage[];
}

const csids = [3, 4, 6, 63, 64, 319, 320, 65599];

const wish: fc.Arbitrary<Wish> = fc.record({
  csid: fc.constantFrom(...csids),
  type: fc.constantFrom(8, 9, 18, 99),
  stream: fc.constantFrom(0, 1, 0x1020304),
  length: fc.oneof(fc.constantFrom(0, 1, 127, 128, 129, 256), fc.nat({ max: 700 })),
  step: fc.oneof(
    fc.constant("same" as const),
    fc.constantFrom(0, 20, 33, 0xfffffe, 0xffffff, 0x1000000, 2 ** 32 - 10),
    fc.nat({ max: 2 ** 32 - 1 }),
  ),
  format: fc.constantFrom(0, 1, 2, 3),
  chunkSize: fc.option(fc.constantFrom(1, 2, 64, 128, 4096, 0x7fffffff), { nil: undefined, freq: 8 }),
  patience: fc.nat({ max: 4 }),
});

/** What a sender remembers of a chunk stream. */
interface Memory {
  time: number;
  delta: number;
  length: number;
  type: number;
  stream: number;
  isExtended: boolean;
}

/** A message on its way. */
interface Sending {
  readonly csid: number;
  readonly data: Uint8Array;
  readonly seen: SeenMessage;
  readonly extended: number | undefined;
  patience: number;
  at: number;
}

/** Writes messages as chunks, with every freedom the format leaves a sender. */
class Sender {
  readonly #repeatsExtended: boolean;
  readonly #parts: Uint8Array[] = [];
  readonly #memories = new Map<number, Memory>();
  #sending: Sending[] = [];
  readonly messages: SeenMessage[] = [];
  #chunkSize = 128;

  constructor(repeatsExtended: boolean) {
    this.#repeatsExtended = repeatsExtended;
  }

  send(wanted: Wish, index: number): void {
    if (wanted.chunkSize !== undefined) this.#announce(wanted.chunkSize);
    while (this.#sending.some(({ csid }) => csid === wanted.csid)) this.#progress();
    const { csid, type } = wanted;
    const known = this.#memories.get(csid);
    const step = wanted.step === "same" ? (known?.delta ?? 0) : wanted.step;
    const time = ((known?.time ?? 0) + step) >>> 0;
    let { format } = wanted;
    const stream = format === 0 ? wanted.stream : (known?.stream ?? 0);
    const sameShape = known && known.length === wanted.length && known.type === type;
    if (format === 3 && !(sameShape && step === known.delta)) format = 2;
    if (format === 2 && !sameShape) format = 1;
    const field = format === 0 ? time : step;
    const isExtended = format === 3 ? (known?.isExtended ?? false) : field >= 0xffffff;
    const extended = isExtended ? field : undefined;
    const data = filler(wanted.length, index);
    const first = data.subarray(0, this.#chunkSize);
    this.#parts.push(
      chunk({
        format,
        csid,
        time: field,
        length: data.length,
        type,
        stream,
        data: first,
        ...(format === 3 && isExtended ? { extended: field } : {}),
      }),
    );
    const delta = format === 3 ? (known?.delta ?? 0) : field;
    this.#memories.set(csid, { time, delta, length: data.length, type, stream, isExtended });
    const seen = { type, time, stream, hex: toHex(data) };
    const sending = { csid, data, seen, extended, patience: wanted.patience, at: first.length };
    if (sending.at === data.length) this.messages.push(seen);
    else this.#sending.push(sending);
    if (wanted.patience === 0) this.#progress();
  }

  finish(): SentSession {
    while (this.#sending.length > 0) this.#progress();
    // A last byte that is also the first of the extended timestamp shows what it is by what follows.
    this.#announce(this.#chunkSize);
    return { bytes: joinBytes([...this.#parts, new Uint8Array()]), messages: this.messages };
  }

  #announce(size: number): void {
    const data = new ByteWriter(4).u32(size).take();
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < 4; at += this.#chunkSize) {
      const part = data.subarray(at, at + this.#chunkSize);
      pieces.push(
        at === 0
          ? chunk({ format: 0, csid: 2, type: 1, stream: 0, length: 4, data: part })
          : chunk({ format: 3, csid: 2, data: part }),
      );
    }
    this.#parts.push(...pieces);
    this.messages.push({ type: 1, time: 0, stream: 0, hex: toHex(data) });
    this.#chunkSize = size;
  }

  /** Writes one more chunk of a message on its way, by turns. */
  #progress(): void {
    const sending = this.#sending.shift();
    if (!sending) return;
    if (sending.patience-- > 0 && this.#sending.length > 0) {
      this.#sending.push(sending);
      return;
    }
    const { csid, data, at, extended } = sending;
    const part = data.subarray(at, at + this.#chunkSize);
    const repeated = extended !== undefined && this.#repeatsExtended ? { extended } : {};
    this.#parts.push(chunk({ format: 3, csid, data: part, ...repeated }));
    sending.at += part.length;
    if (sending.at === data.length) this.messages.push(sending.seen);
    else this.#sending.push(sending);
  }
}

/** Valid sessions: every format, id form and chunk size, interleaved, extended timestamps repeated or left out. */
export const sessions: fc.Arbitrary<SentSession> = fc
  .tuple(fc.boolean(), fc.array(wish, { minLength: 1, maxLength: 30 }))
  .map(([repeatsExtended, wishes]) => {
    const sender = new Sender(repeatsExtended);
    wishes.forEach((each, index) => {
      sender.send(each, index);
    });
    return sender.finish();
  });
