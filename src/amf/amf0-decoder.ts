import type { ByteReader } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { amf0Marker as marker } from "./amf0-marker.ts";
import { decodeAmf3 } from "./amf3.ts";
import { AmfBudget, type AmfLimits } from "./limits.ts";
import {
  AmfEcmaArray,
  AmfObject,
  type AmfProperties,
  AmfTypedObject,
  type AmfValue,
  AmfXml,
} from "./value.ts";

/**
 * Decodes the values of one message, which share the reference table and the budget.
 *
 * A container that breaks off (truncated, unknown marker, bad reference) is returned as far as it was read, and
 * `failure` says why. Every container around it then ends too, and so must the caller.
 */
export class Amf0Decoder {
  /** Why the rest cannot be read; what was decoded up to there stays good. */
  failure: WireError | undefined;
  readonly #reader: ByteReader;
  readonly #budget: AmfBudget;
  readonly #complexValues: AmfValue[] = [];

  constructor(reader: ByteReader, limits: AmfLimits) {
    this.#reader = reader;
    this.#budget = new AmfBudget(limits);
  }

  /** Notes an error that leaves the values before it usable; throws every other on. */
  fail(error: unknown): void {
    if (!(error instanceof WireError)) throw error;
    if (error.code === "AMF_TOO_DEEP" || error.code === "AMF_TOO_LARGE") throw error;
    this.failure ??= error;
  }

  /**
   * The value at the cursor.
   * @throws WireError TRUNCATED, AMF_MARKER, AMF_REFERENCE outside of any container; AMF_TOO_DEEP, AMF_TOO_LARGE
   */
  value(): AmfValue {
    this.#budget.node();
    const type = this.#reader.u8();
    switch (type) {
      case marker.number:
        return this.#reader.f64();
      case marker.boolean:
        return this.#reader.u8() !== 0;
      case marker.string:
        return this.#text(this.#reader.u16());
      case marker.object:
        return this.#properties(new AmfObject());
      case marker.null:
        return null;
      case marker.undefined:
      case marker.unsupported:
        return undefined;
      case marker.reference:
        return this.#reference();
      case marker.ecmaArray:
        this.#reader.skip(4); // the count is a hint that real encoders get wrong
        return this.#properties(new AmfEcmaArray());
      case marker.strictArray:
        return this.#strictArray();
      case marker.date:
        return this.#date();
      case marker.longString:
        return this.#text(this.#reader.u32());
      case marker.xml:
        return new AmfXml(this.#text(this.#reader.u32()));
      case marker.typedObject:
        return this.#properties(new AmfTypedObject(this.#key()));
      case marker.avmPlus:
        return decodeAmf3(this.#reader, this.#budget);
      default:
        throw new WireError("AMF_MARKER", `AMF0 marker ${type}, expected 0 to 17 without 4, 9 and 14`);
    }
  }

  #text(length: number): string {
    return this.#reader.utf8(this.#budget.stringLength(length));
  }

  #key(): string {
    return this.#reader.utf8(this.#budget.keyLength(this.#reader.u16()));
  }

  #properties<T extends AmfProperties>(into: T): T {
    this.#complexValues.push(into);
    this.#budget.enter();
    try {
      while (this.#reader.remaining > 0 && !this.failure) {
        const key = this.#key();
        if (key === "" && this.#atEnd()) break;
        this.#budget.property();
        into.set(key, this.value());
      }
    } catch (error) {
      this.fail(error);
    }
    this.#budget.leave();
    return into;
  }

  /** After an empty key: passes the object end marker. An empty key before anything else is a legal property. */
  #atEnd(): boolean {
    if (this.#reader.remaining === 0) return true;
    if (this.#reader.peek() !== marker.objectEnd) return false;
    this.#reader.skip(1);
    return true;
  }

  #strictArray(): AmfValue[] {
    const count = this.#reader.u32();
    if (count > this.#reader.remaining) {
      throw new WireError("TRUNCATED", `array of ${count} values, ${this.#reader.remaining} bytes left`);
    }
    const elements: AmfValue[] = [];
    this.#complexValues.push(elements);
    this.#budget.enter();
    try {
      while (elements.length < count && !this.failure) elements.push(this.value());
    } catch (error) {
      this.fail(error);
    }
    this.#budget.leave();
    return elements;
  }

  #date(): Date {
    const date = new Date(this.#reader.f64());
    this.#reader.skip(2); // a time zone that the spec says to ignore
    return date;
  }

  #reference(): AmfValue {
    const index = this.#reader.u16();
    if (index >= this.#complexValues.length) {
      throw new WireError("AMF_REFERENCE", `reference to object ${index} of ${this.#complexValues.length}`);
    }
    return this.#complexValues[index];
  }
}
