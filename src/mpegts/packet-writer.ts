/** A packet of a transport stream. ISO/IEC 13818-1 2.4.3. */
export const packetBytes = 188;

const headerBytes = 4;

/** A unit for which packets are written. */
export interface Unit {
  readonly pid: number;
  /** Its pieces; none of them is empty. */
  readonly pieces: readonly Uint8Array[];
  /** Decoding can begin here. */
  readonly isRandomAccess: boolean;
  /** In units of 90 kHz; undefined for none. */
  readonly clock: number | undefined;
}

const clockField = (bytes: Uint8Array, at: number, clock: number): void => {
  const base = clock % 2 ** 33;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, Math.floor(base / 2));
  bytes[at + 4] = ((base % 2) << 7) | 0x7e;
  bytes[at + 5] = 0;
};

/** Cuts units into packets, and counts those of each PID. */
export class PacketWriter {
  readonly #counters = new Map<number, number>();
  #bytes = new Uint8Array(64 * packetBytes);
  #length = 0;

  /** Appends a section, which has to fit into one packet. */
  section(pid: number, section: Uint8Array): void {
    const at = this.#begin(pid, true);
    const bytes = this.#bytes;
    bytes[at + 3] = 0x10 | this.#count(pid);
    bytes[at + 4] = 0;
    bytes.set(section, at + 5);
    bytes.fill(0xff, at + 5 + section.length, at + packetBytes);
  }

  /** Appends a unit. */
  unit({ pid, pieces, isRandomAccess, clock }: Unit): void {
    let left = pieces.reduce((sum, { length }) => sum + length, 0);
    let piece = 0;
    let taken = 0;
    let isFirst = true;
    while (left > 0) {
      const at = this.#begin(pid, isFirst);
      const field = isFirst ? (clock !== undefined ? 8 : isRandomAccess ? 2 : 0) : 0;
      let start = this.#adapt(at, { pid, field, left });
      if (field > 0) this.#bytes[at + 5] = (isRandomAccess ? 0x40 : 0) | (clock !== undefined ? 0x10 : 0);
      if (field > 0 && clock !== undefined) clockField(this.#bytes, at + 6, clock);
      isFirst = false;
      for (const end = at + packetBytes; start < end; ) {
        const source = pieces[piece];
        if (!source) break;
        const count = Math.min(end - start, source.length - taken);
        this.#bytes.set(source.subarray(taken, taken + count), start);
        start += count;
        taken += count;
        left -= count;
        if (taken === source.length) {
          piece++;
          taken = 0;
        }
      }
    }
  }

  /** Hands over the packets that were written. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(Math.max(64 * packetBytes, this.#length));
    this.#length = 0;
    return taken;
  }

  /** The adaptation field, stuffed where the payload does not fill the packet; gives where that begins. */
  #adapt(at: number, { pid, field, left }: { pid: number; field: number; left: number }): number {
    const bytes = this.#bytes;
    const room = packetBytes - headerBytes;
    const size = Math.max(field, room - left);
    bytes[at + 3] = (size > 0 ? 0x30 : 0x10) | this.#count(pid);
    if (size === 0) return at + headerBytes;
    bytes[at + 4] = size - 1;
    if (size > 1) bytes[at + 5] = 0;
    if (size > 2) bytes.fill(0xff, at + headerBytes + Math.max(field, 2), at + headerBytes + size);
    return at + headerBytes + size;
  }

  #begin(pid: number, isStart: boolean): number {
    const at = this.#length;
    if (at + packetBytes > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = at + packetBytes;
    this.#bytes[at] = 0x47;
    this.#bytes[at + 1] = (isStart ? 0x40 : 0) | (pid >> 8);
    this.#bytes[at + 2] = pid & 0xff;
    return at;
  }

  #count(pid: number): number {
    const count = this.#counters.get(pid) ?? 0;
    this.#counters.set(pid, (count + 1) & 0x0f);
    return count;
  }
}
