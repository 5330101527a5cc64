import { type ByteReader, type ByteWriter, copyBytes } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";
import { AmfBudget } from "./limits.ts";
import {
  AmfEcmaArray,
  AmfObject,
  type AmfProperties,
  AmfTypedObject,
  type AmfValue,
  AmfXml,
} from "./value.ts";

/** Type markers. AMF3 spec 3.1. Vectors and dictionaries (0x0d to 0x11) are refused. */
const marker = {
  undefined: 0x00,
  null: 0x01,
  false: 0x02,
  true: 0x03,
  integer: 0x04,
  double: 0x05,
  string: 0x06,
  xmlDocument: 0x07,
  date: 0x08,
  array: 0x09,
  object: 0x0a,
  xml: 0x0b,
  byteArray: 0x0c,
} as const;

/**
 * Decodes one AMF3 value at the reader's cursor and moves past it, with reference tables of its own, as after
 * the AMF0 marker 0x11. AMF3 spec 3. An array with named elements becomes an ECMA array, its other elements
 * under their index. Nothing returned aliases the input (borrowed).
 * @throws WireError TRUNCATED, AMF_MARKER (also for externalizable classes, whose form only their class knows),
 * AMF_REFERENCE, AMF_TOO_DEEP, AMF_TOO_LARGE
 */
export const decodeAmf3 = (reader: ByteReader, budget: AmfBudget = new AmfBudget()): AmfValue =>
  new Amf3Decoder(reader, budget).value();

/** Writes `bytes` as an AMF3 byte array: the one kind AMF0 has no form for. AMF3 spec 3.14. */
export const encodeAmf3Bytes = (writer: ByteWriter, bytes: Uint8Array): void => {
  writer.u8(marker.byteArray);
  writeU29(writer, bytes.length * 2 + 1);
  writer.bytes(bytes);
};

/** 1 to 4 bytes, 7 bits each and 8 in the fourth; the top bit says that more follow. AMF3 spec 1.3.1. */
const readU29 = (reader: ByteReader): number => {
  let value = 0;
  for (let i = 0; i < 3; i += 1) {
    const byte = reader.u8();
    value = (value << 7) | (byte & 0x7f);
    if (byte < 0x80) return value;
  }
  return (value << 8) | reader.u8();
};

const writeU29 = (writer: ByteWriter, value: number): void => {
  if (value >= 0x200000) {
    writer
      .u8((value >>> 22) | 0x80)
      .u8((value >>> 15) | 0x80)
      .u8((value >>> 8) | 0x80)
      .u8(value);
    return;
  }
  if (value >= 0x4000) writer.u8((value >>> 14) | 0x80);
  if (value >= 0x80) writer.u8((value >>> 7) | 0x80);
  writer.u8(value & 0x7f);
};

/** What an object's class declares: its name, its fixed properties, and whether an instance may add others. */
type Traits = {
  readonly className: string;
  readonly sealed: readonly string[];
  readonly isDynamic: boolean;
};

/**
 * One value and its three tables. Strings, complex values and traits are each numbered in order of appearance;
 * a header whose lowest bit is 0 is such a number, otherwise the thing itself follows.
 */
class Amf3Decoder {
  readonly #reader: ByteReader;
  readonly #budget: AmfBudget;
  readonly #strings: string[] = [];
  readonly #complexValues: AmfValue[] = [];
  readonly #traits: Traits[] = [];

  constructor(reader: ByteReader, budget: AmfBudget) {
    this.#reader = reader;
    this.#budget = budget;
  }

  value(): AmfValue {
    this.#budget.node();
    const type = this.#reader.u8();
    switch (type) {
      case marker.undefined:
        return undefined;
      case marker.null:
        return null;
      case marker.false:
        return false;
      case marker.true:
        return true;
      case marker.integer:
        return (readU29(this.#reader) << 3) >> 3;
      case marker.double:
        return this.#reader.f64();
      case marker.string:
        return this.#string();
      case marker.xmlDocument:
      case marker.xml:
        return this.#complex((length) => this.#note(new AmfXml(this.#text(length))));
      case marker.date:
        return this.#complex(() => this.#note(new Date(this.#reader.f64())));
      case marker.array:
        return this.#complex((count) => this.#nested(() => this.#array(count)));
      case marker.object:
        return this.#complex((header) => this.#nested(() => this.#object(header)));
      case marker.byteArray:
        return this.#complex((length) => this.#note(this.#byteArray(length)));
      default:
        throw new WireError("AMF_MARKER", `AMF3 marker ${type}, expected 0 to 12`);
    }
  }

  /** Reads a complex value's header: either resolves a reference, or hands what the header says to `read`. */
  #complex(read: (header: number) => AmfValue): AmfValue {
    const header = readU29(this.#reader);
    if ((header & 1) === 1) return read(header >>> 1);
    return this.#referenced(this.#complexValues, header >>> 1, "object");
  }

  #referenced<T>(table: readonly T[], index: number, what: string): T {
    if (index >= table.length) {
      throw new WireError("AMF_REFERENCE", `reference to ${what} ${index} of ${table.length}`);
    }
    return table[index] as T;
  }

  #note<T extends AmfValue>(value: T): T {
    this.#complexValues.push(value);
    return value;
  }

  #nested(read: () => AmfValue): AmfValue {
    this.#budget.enter();
    try {
      return read();
    } finally {
      this.#budget.leave();
    }
  }

  #text(length: number): string {
    return this.#reader.utf8(this.#budget.stringLength(length));
  }

  #byteArray(length: number): Uint8Array {
    return copyBytes(this.#reader.bytes(this.#budget.stringLength(length)));
  }

  #string(): string {
    const header = readU29(this.#reader);
    if ((header & 1) === 0) return this.#referenced(this.#strings, header >>> 1, "string");
    const text = this.#text(header >>> 1);
    if (text !== "") this.#strings.push(text);
    return text;
  }

  /** A name. It is in the table of strings like any other, so its length is known only afterwards. */
  #key(): string {
    const key = this.#string();
    this.#budget.keyLength(key.length);
    return key;
  }

  #array(count: number): AmfValue {
    this.#checkCount(count);
    const firstKey = this.#key();
    if (firstKey === "") {
      const elements = this.#note<AmfValue[]>([]);
      while (elements.length < count) elements.push(this.value());
      return elements;
    }
    const named = this.#note(new AmfEcmaArray());
    this.#property(named, firstKey);
    this.#namedProperties(named);
    for (let index = 0; index < count; index += 1) this.#property(named, String(index));
    return named;
  }

  #object(header: number): AmfValue {
    const traits = this.#readTraits(header);
    const object = this.#note(
      traits.className === "" ? new AmfObject() : new AmfTypedObject(traits.className),
    );
    for (const key of traits.sealed) this.#property(object, key);
    if (traits.isDynamic) this.#namedProperties(object);
    return object;
  }

  #readTraits(header: number): Traits {
    if ((header & 1) === 0) return this.#referenced(this.#traits, header >>> 1, "class");
    if ((header & 2) === 2)
      throw new WireError("AMF_MARKER", "externalizable AMF3 object, expected a plain one");
    const count = header >>> 3;
    this.#checkCount(count);
    const className = this.#key();
    const sealed: string[] = [];
    while (sealed.length < count) {
      this.#budget.property();
      sealed.push(this.#key());
    }
    const traits = { className, sealed, isDynamic: (header & 4) === 4 };
    this.#traits.push(traits);
    return traits;
  }

  /** Properties up to the empty name. */
  #namedProperties(into: AmfProperties): void {
    for (let key = this.#key(); key !== ""; key = this.#key()) this.#property(into, key);
  }

  #property(into: AmfProperties, key: string): void {
    this.#budget.property();
    into.set(key, this.value());
  }

  /** Each element and each name takes at least one byte. */
  #checkCount(count: number): void {
    if (count > this.#reader.remaining) {
      throw new WireError(
        "TRUNCATED",
        `${count} AMF3 values announced, ${this.#reader.remaining} bytes left`,
      );
    }
  }
}
