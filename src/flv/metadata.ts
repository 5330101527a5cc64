import { decodeAmf0All, encodeAmf0All } from "../amf/amf0.ts";
import { type AmfLimits, amfLimits } from "../amf/limits.ts";
import { AmfEcmaArray, type AmfProperties, amfProperties } from "../amf/value.ts";
import { copyBytes, encodeUtf8, joinBytes, type Payload, share } from "../base/bytes.ts";
import { WireError } from "../base/errors.ts";

/** Metadata larger than this is not kept: it is replayed to every late joiner, and real ones have under 1 KiB. */
export const maxMetadataBytes = 0x10000;

/** The bound on bytes bounds the values too, and the key frame index of a recording holds thousands of them. */
const metadataLimits: AmfLimits = { ...amfLimits, maxNodes: maxMetadataBytes };

const objectMarker = 0x03;
const ecmaArrayMarker = 0x08;

/** `text` as an AMF0 string: what a data message begins with. */
const amfName = (text: string): Uint8Array => {
  const name = encodeUtf8(text);
  return joinBytes([new Uint8Array([0x02, name.length >> 8, name.length]), name]);
};

const setDataFrame = amfName("@setDataFrame");
const clearDataFrame = amfName("@clearDataFrame");
const onMetaData = amfName("onMetaData");

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean => {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
};

/**
 * Strips the leading `@setDataFrame` with which publishers ask that a data message be kept. Gives a view of `payload`,
 * or `payload` itself when there is nothing to strip. What follows is not looked at.
 */
export const unwrapSetDataFrame = (payload: Payload): Payload =>
  startsWith(payload, setDataFrame) ? share(payload.subarray(setDataFrame.length)) : payload;

/** Puts `@setDataFrame` in front, as a server that is published to expects; `payload` itself if it has it already. */
export const wrapSetDataFrame = (payload: Payload): Payload =>
  startsWith(payload, setDataFrame) ? payload : share(joinBytes([setDataFrame, payload]));

/** True for the message with which a publisher takes back what it asked to be kept. */
export const isClearDataFrame = (payload: Uint8Array): boolean => startsWith(payload, clearDataFrame);

/** The metadata of a stream. */
export type Metadata = {
  readonly values: AmfProperties;
  /** Body of the script tag, bare (no `@setDataFrame`) and with an ECMA array; in an exact-size buffer of its own. */
  readonly payload: Payload;
};

/** The body of an onMetaData script tag or data message. FLV spec E.5. @throws WireError AMF_TOO_DEEP, AMF_TOO_LARGE */
export const encodeMetadata = (values: AmfEcmaArray): Payload =>
  share(encodeAmf0All(["onMetaData", values], metadataLimits));

/**
 * Reads an onMetaData message, wrapped in `@setDataFrame` or bare, with any kind of object. Players such as FFmpeg
 * inspect ECMA arrays only, so another kind is turned into one; property bytes stay as they came. Metadata that
 * breaks off is kept as far as it can be read. Gives undefined for any other message, and for metadata that is over
 * {@link maxMetadataBytes} or nested too deep. `payload` is borrowed; never throws.
 */
export const readMetadata = (payload: Uint8Array): Metadata | undefined => {
  const body = unwrapSetDataFrame(share(payload));
  if (body.length > maxMetadataBytes || !startsWith(body, onMetaData)) return undefined;
  try {
    const { values, complete } = decodeAmf0All(body, metadataLimits);
    const properties = amfProperties(values[1]);
    if (properties === undefined) return undefined;
    return { values: properties, payload: complete ? asEcmaArray(body, properties) : reencode(properties) };
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
};

const reencode = (properties: AmfProperties): Payload =>
  copyBytes(encodeMetadata(new AmfEcmaArray(properties)));

/** An object and an ECMA array differ only in their marker and the count behind it: the rest is copied. */
const asEcmaArray = (body: Payload, properties: AmfProperties): Payload => {
  const at = onMetaData.length;
  switch (body[at]) {
    case ecmaArrayMarker:
      return copyBytes(body);
    case objectMarker: {
      const count = properties.size;
      const marker = new Uint8Array([ecmaArrayMarker, count >>> 24, count >>> 16, count >>> 8, count]);
      return share(joinBytes([onMetaData, marker, body.subarray(at + 1)]));
    }
    default:
      return reencode(properties);
  }
};
