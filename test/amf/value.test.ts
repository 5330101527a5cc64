import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  AmfObject,
  AmfTypedObject,
  type AmfValue,
  AmfXml,
  amfBoolean,
  amfEcmaArray,
  amfNumber,
  amfObject,
  amfProperties,
  amfProperty,
  amfString,
  toPlain,
} from "../../src/amf/value.ts";
import { holds } from "../base/property.ts";
import { amfValues } from "./arbitrary.ts";

describe("accessors", () => {
  test("give the value of their own type and undefined for every other", () => {
    const values: AmfValue[] = ["a", 1, Number.NaN, true, null, undefined, [], new AmfObject()];
    expect(values.map(amfString)).toEqual(["a", ...new Array(7).fill(undefined)]);
    expect(values.map(amfNumber)).toEqual([undefined, 1, Number.NaN, ...new Array(5).fill(undefined)]);
    expect(values.map(amfBoolean)).toEqual([
      ...new Array(3).fill(undefined),
      true,
      ...new Array(4).fill(undefined),
    ]);
  });

  test("find a property in every kind that has some", () => {
    const holders = [amfObject({ a: 1 }), amfEcmaArray({ a: 1 }), new AmfTypedObject("C", [["a", 1]])];
    expect(holders.map((holder) => amfProperty(holder, "a"))).toEqual([1, 1, 1]);
    expect(holders.map((holder) => amfProperty(holder, "constructor"))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([null, "a", [1], new Date(0), new AmfXml("")].map((value) => amfProperties(value))).toEqual(
      new Array(5).fill(undefined),
    );
  });
});

describe("toPlain", () => {
  test("turns every kind into what JSON can hold", () => {
    const value = amfObject({
      number: 1.5,
      nan: Number.NaN,
      text: "x",
      none: undefined,
      date: new Date(0),
      badDate: new Date(Number.NaN),
      bytes: Uint8Array.of(1, 255),
      xml: new AmfXml("<a/>"),
      list: [true, amfEcmaArray({ a: null })],
    });
    expect(JSON.parse(JSON.stringify(toPlain(value)))).toEqual({
      number: 1.5,
      nan: null,
      text: "x",
      none: null,
      date: "1970-01-01T00:00:00.000Z",
      badDate: null,
      bytes: "01ff",
      xml: "<a/>",
      list: [true, { a: null }],
    });
  });

  test("keeps __proto__ as a property and off the prototype", () => {
    const plain = toPlain(new AmfObject([["__proto__", amfObject({ isAdmin: true })]]));
    expect(JSON.stringify(plain)).toBe('{"__proto__":{"isAdmin":true}}');
    expect((plain as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  test("gives null for a value inside itself, and the value beside itself twice", () => {
    const object = new AmfObject();
    const shared = [1];
    object.set("self", object).set("a", shared).set("b", shared);
    expect(JSON.stringify(toPlain(object))).toBe('{"self":null,"a":[1],"b":[1]}');
  });

  test("stays small where shared parts unfold", () => {
    let values: AmfValue = null;
    let texts: AmfValue = "x".repeat(60_000);
    for (let level = 0; level < 200; level += 1) {
      values = [values, values];
      if (level < 20) texts = [texts, texts];
    }
    expect(JSON.stringify(toPlain(values)).length).toBeLessThan(50_000);
    expect(JSON.stringify(toPlain(texts)).length).toBeLessThan(400_000);
  });

  test("never throws, and JSON takes the result", () => {
    holds(fc.property(amfValues, (value) => typeof JSON.stringify(toPlain(value)) === "string"));
  });
});
