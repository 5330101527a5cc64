import { AmfEcmaArray, AmfObject, AmfTypedObject, type AmfValue } from "../../src/amf/value.ts";

/**
 * `value` with everything that tells it from others in plain sight: `toStrictEqual` compares maps by their
 * entries alone, and would take an ECMA array for an object.
 */
export const shapeOf = (value: AmfValue): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value instanceof AmfTypedObject) return { className: value.className, entries: entriesOf(value) };
  if (value instanceof AmfObject || value instanceof AmfEcmaArray) {
    return { kind: value.kind, entries: entriesOf(value) };
  }
  return value;
};

const entriesOf = (map: Map<string, AmfValue>): unknown =>
  [...map].map(([key, value]) => [key, shapeOf(value)]);
