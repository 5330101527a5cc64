import * as fc from "fast-check";
import { AmfEcmaArray, AmfObject, AmfTypedObject, type AmfValue, AmfXml } from "../../src/amf/value.ts";

const text = (maxLength: number) => fc.string({ unit: "binary", maxLength });
const key = fc.oneof(text(12), fc.constantFrom("", "__proto__", "constructor", "code"));
const number = fc.double();
const date = fc.date({ noInvalidDate: false });

const { value } = fc.letrec<{ value: AmfValue }>((tie) => {
  const entries = fc.array(fc.tuple(key, tie("value")), { maxLength: 6 });
  return {
    value: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      fc.oneof(number, fc.boolean(), text(40), fc.constant(null), fc.constant(undefined), date),
      fc.uint8Array({ maxLength: 300 }),
      text(20).map((xml) => new AmfXml(xml)),
      fc.array(tie("value"), { maxLength: 6 }),
      entries.map((list) => new AmfObject(list)),
      entries.map((list) => new AmfEcmaArray(list)),
      fc.tuple(key, entries).map(([name, list]) => new AmfTypedObject(name, list)),
    ),
  };
});

/** Values of every kind, within the limits of one message. */
export const amfValues: fc.Arbitrary<AmfValue> = value;
