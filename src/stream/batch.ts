import type { Payload } from "../base/bytes.ts";
import type { Packet } from "../media/packet.ts";
import type { WireForm } from "../media/wire-form.ts";

/**
 * The packets that one turn of the event loop brought to a stream, or those that a late joiner starts with. Each form is
 * encoded at most once, when the first consumer asks for it, and the same bytes go to all that share the form.
 */
export class Batch {
  readonly packets: readonly Packet[];
  /** The last form asked for: nearly always the only one. */
  #form: WireForm | undefined;
  #encoded: Payload | undefined;
  #others: Map<WireForm, Payload> | undefined;
  #joined: { readonly next: Batch; readonly both: Batch } | undefined;

  constructor(packets: readonly Packet[]) {
    this.packets = packets;
  }

  /** Bytes of payload of all packets. */
  get bytes(): number {
    let sum = 0;
    for (const { size } of this.packets) sum += size;
    return sum;
  }

  /** True where no packet is a picture: such a batch suits readers that still wait for a key frame. */
  get isWithoutVideo(): boolean {
    return this.packets.every(({ kind }) => kind !== "video");
  }

  /** From the first packet to the last, in milliseconds of stream time. */
  get spanMs(): number {
    const [first] = this.packets;
    const last = this.packets.at(-1);
    return first && last ? last.timestamp - first.timestamp : 0;
  }

  /** The packets of both: one and the same batch for all that join the same two. */
  joinedBy(next: Batch): Batch {
    if (this.#joined?.next !== next)
      this.#joined = { next, both: new Batch([...this.packets, ...next.packets]) };
    return this.#joined.both;
  }

  /** All packets in one run of bytes, shared. */
  encoded(form: WireForm): Payload {
    if (this.#form === form && this.#encoded) return this.#encoded;
    return this.#encodeOther(form);
  }

  #encodeOther(form: WireForm): Payload {
    const known = this.#others?.get(form);
    if (known) return known;
    const encoded = form.encode(this.packets);
    if (this.#form === undefined) {
      this.#form = form;
      this.#encoded = encoded;
    } else {
      this.#others ??= new Map();
      this.#others.set(form, encoded);
    }
    return encoded;
  }
}
