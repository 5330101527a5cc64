import { toHex } from "../base/bytes.ts";
import { amfLimits } from "./limits.ts";

/**
 * Any value AMF0 or AMF3 can carry. Objects are maps, so that a property called `__proto__` is plain data;
 * a byte array (AMF3 only) is a `Uint8Array`. Values that came off the wire may share parts with each other,
 * and may contain themselves.
 */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | Date
  | Uint8Array
  | AmfXml
  | AmfObject
  | AmfEcmaArray
  | AmfTypedObject
  | AmfValue[];

/** The three kinds that hold named properties. Peers use them interchangeably. */
export type AmfProperties = AmfObject | AmfEcmaArray | AmfTypedObject;

/** An anonymous object. AMF0 spec 2.5. */
export class AmfObject extends Map<string, AmfValue> {
  readonly kind = "object";
}

/** An associative array: what `onMetaData` is written as. AMF0 spec 2.10. */
export class AmfEcmaArray extends Map<string, AmfValue> {
  readonly kind = "ecmaArray";
}

/** An object that names its class. AMF0 spec 2.18. */
export class AmfTypedObject extends Map<string, AmfValue> {
  readonly kind = "typedObject";
  readonly className: string;

  constructor(className: string, entries?: Iterable<readonly [string, AmfValue]>) {
    super(entries);
    this.className = className;
  }
}

/** An XML document, kept as text. AMF0 spec 2.17. */
export class AmfXml {
  readonly kind = "xml";
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object with the own properties of `fields`, in their order. */
export const amfObject = (fields: { readonly [key: string]: AmfValue }): AmfObject =>
  new AmfObject(Object.entries(fields));

/** An ECMA array with the own properties of `fields`, in their order. */
export const amfEcmaArray = (fields: { readonly [key: string]: AmfValue }): AmfEcmaArray =>
  new AmfEcmaArray(Object.entries(fields));

/** `value` if it is a string. */
export const amfString = (value: AmfValue): string | undefined =>
  typeof value === "string" ? value : undefined;

/** `value` if it is a number; NaN and infinities pass, because peers do send them. */
export const amfNumber = (value: AmfValue): number | undefined =>
  typeof value === "number" ? value : undefined;

/** `value` if it is a boolean. */
export const amfBoolean = (value: AmfValue): boolean | undefined =>
  typeof value === "boolean" ? value : undefined;

/** `value` if it holds named properties, whichever of the three kinds it is. */
export const amfProperties = (value: AmfValue): AmfProperties | undefined =>
  value instanceof AmfObject || value instanceof AmfEcmaArray || value instanceof AmfTypedObject
    ? value
    : undefined;

/** The property `key` of `value`; undefined where there is none, or where `value` holds no properties. */
export const amfProperty = (value: AmfValue, key: string): AmfValue => amfProperties(value)?.get(key);

/** What `JSON.stringify` writes without surprises. Objects have no prototype. */
export type PlainValue = number | boolean | string | null | PlainValue[] | { [key: string]: PlainValue };

/** References make a small message unfold into a huge tree, so text is bounded as values are. */
const maxPlainCharacters = 0x40000;

/**
 * A copy of `value` for logs and JSON. Undefined, NaN, infinities and invalid dates become null, dates ISO
 * text, bytes hex. A value inside itself, one nested deeper than the decoder's limit, and what comes after
 * 4096 values or 256 Ki characters is null.
 */
export const toPlain = (value: AmfValue): PlainValue => new PlainCopy().copy(value);

class PlainCopy {
  #nodes = amfLimits.maxNodes;
  #characters = maxPlainCharacters;
  readonly #path = new Set<AmfValue>();

  copy(value: AmfValue): PlainValue {
    this.#nodes -= 1;
    if (this.#nodes < 0 || value === undefined || value === null) return null;
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return Number.isFinite(value) ? value : null;
    if (typeof value === "boolean") return value;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof AmfXml) return this.#text(value.text);
    if (value instanceof Uint8Array) return this.#text(toHex(value.subarray(0, this.#characters / 2)));
    if (this.#path.has(value) || this.#path.size >= amfLimits.maxDepth) return null;
    this.#path.add(value);
    const copied = Array.isArray(value) ? this.#elements(value) : this.#properties(value);
    this.#path.delete(value);
    return copied;
  }

  #text(text: string): string | null {
    this.#characters -= text.length;
    if (this.#characters >= 0) return text;
    this.#characters = 0;
    return null;
  }

  #elements(elements: readonly AmfValue[]): PlainValue[] {
    const plain: PlainValue[] = [];
    for (const element of elements) {
      if (this.#nodes <= 0) break;
      plain.push(this.copy(element));
    }
    return plain;
  }

  #properties(properties: AmfProperties): PlainValue {
    const plain: { [key: string]: PlainValue } = Object.create(null);
    for (const [key, property] of properties) {
      if (this.#nodes <= 0 || this.#text(key) === null) break;
      plain[key] = this.copy(property);
    }
    return plain;
  }
}
