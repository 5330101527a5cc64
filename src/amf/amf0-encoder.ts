import { type ByteWriter, encodeUtf8 } from "../base/bytes.ts";
import { unreachable, WireError } from "../base/errors.ts";
import { amf0Marker as marker } from "./amf0-marker.ts";
import { encodeAmf3Bytes } from "./amf3.ts";
import { AmfBudget, type AmfLimits } from "./limits.ts";
import type { AmfProperties, AmfValue, AmfXml } from "./value.ts";

/** No RTMP message and no FLV tag is longer, so nothing longer is ever worth encoding. */
const maxEncodedBytes = 0xffffff;

/** Writes values into one writer, charged to one budget; see `encodeAmf0`. */
export class Amf0Encoder {
  readonly #writer: ByteWriter;
  readonly #budget: AmfBudget;
  readonly #start: number;

  constructor(writer: ByteWriter, limits: AmfLimits) {
    this.#writer = writer;
    this.#budget = new AmfBudget(limits);
    this.#start = writer.length;
  }

  /** Writes one value. @throws WireError AMF_TOO_DEEP, AMF_TOO_LARGE */
  value(value: AmfValue): void {
    this.#budget.node();
    if (value === undefined) this.#writer.u8(marker.undefined);
    else if (value === null) this.#writer.u8(marker.null);
    else if (typeof value === "number") this.#writer.u8(marker.number).f64(value);
    else if (typeof value === "boolean") this.#writer.u8(marker.boolean).u8(value ? 1 : 0);
    else if (typeof value === "string") this.#string(encodeUtf8(value));
    else if (value instanceof Date) this.#writer.u8(marker.date).f64(value.getTime()).u16(0);
    else if (value instanceof Uint8Array) this.#byteArray(value);
    else if (Array.isArray(value)) this.#strictArray(value);
    else this.#keyed(value);
  }

  #keyed(value: AmfProperties | AmfXml): void {
    switch (value.kind) {
      case "object":
        this.#writer.u8(marker.object);
        this.#properties(value);
        break;
      case "ecmaArray":
        this.#writer.u8(marker.ecmaArray).u32(value.size);
        this.#properties(value);
        break;
      case "typedObject":
        this.#writer.u8(marker.typedObject);
        this.#key(value.className);
        this.#properties(value);
        break;
      case "xml":
        this.#longText(marker.xml, encodeUtf8(value.text));
        break;
      default:
        unreachable(value);
    }
  }

  #strictArray(elements: readonly AmfValue[]): void {
    this.#writer.u8(marker.strictArray).u32(elements.length);
    this.#budget.enter();
    for (const element of elements) this.value(element);
    this.#budget.leave();
  }

  #properties(properties: AmfProperties): void {
    this.#budget.enter();
    for (const [key, property] of properties) {
      this.#budget.property();
      this.#key(key);
      this.value(property);
    }
    this.#budget.leave();
    this.#writer.u16(0).u8(marker.objectEnd);
  }

  #string(text: Uint8Array): void {
    if (text.length <= 0xffff) this.#shortText(marker.string, text);
    else this.#longText(marker.longString, text);
  }

  #shortText(type: number, text: Uint8Array): void {
    this.#room(text.length);
    this.#writer.u8(type).u16(text.length).bytes(text);
  }

  #byteArray(bytes: Uint8Array): void {
    this.#room(bytes.length);
    encodeAmf3Bytes(this.#writer.u8(marker.avmPlus), bytes);
  }

  #longText(type: number, text: Uint8Array): void {
    this.#room(text.length);
    this.#writer.u8(type).u32(text.length).bytes(text);
  }

  #key(key: string): void {
    const bytes = encodeUtf8(key);
    if (bytes.length > 0xffff) {
      throw new WireError("AMF_TOO_LARGE", `name of ${bytes.length} bytes, expected at most 65535`);
    }
    this.#room(bytes.length);
    this.#writer.u16(bytes.length).bytes(bytes);
  }

  /** A few objects that share long strings unfold into gigabytes. */
  #room(length: number): void {
    const total = this.#writer.length - this.#start + length;
    if (total > maxEncodedBytes) {
      throw new WireError("AMF_TOO_LARGE", `${total} bytes of AMF0, expected at most ${maxEncodedBytes}`);
    }
  }
}
