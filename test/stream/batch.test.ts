import { describe, expect, test } from "bun:test";
import { joinBytes, type Payload, share } from "../../src/base/bytes.ts";
import type { Packet } from "../../src/media/packet.ts";
import type { WireForm } from "../../src/media/wire-form.ts";
import { Batch } from "../../src/stream/batch.ts";
import { packet } from "./packets.ts";

class CountingForm implements WireForm {
  encoded = 0;

  encode(packets: readonly Packet[]): Payload {
    this.encoded++;
    return share(joinBytes([...packets.map(({ payload }) => payload), new Uint8Array()]));
  }
}

describe("a batch", () => {
  test("is encoded once per form, however many ask, and gives all the same buffer", () => {
    const batch = new Batch([packet({ fill: 1 }), packet({ fill: 2 })]);
    const forms = [new CountingForm(), new CountingForm(), new CountingForm()];
    const first = forms.map((form) => batch.encoded(form));
    for (let round = 0; round < 5; round++) {
      forms.forEach((form, index) => {
        expect(batch.encoded(form)).toBe(first[index]!);
      });
    }
    expect(forms.map(({ encoded }) => encoded)).toEqual([1, 1, 1]);
    expect(new Set(first).size).toBe(3);
  });

  test("joined by the next one is the same for all that join the two, and another for another next", () => {
    const [first, second, third] = [10, 43, 76].map((time) => new Batch([packet({ time })]));
    const both = first!.joinedBy(second!);
    expect(first!.joinedBy(second!)).toBe(both);
    expect(both.packets).toEqual([...first!.packets, ...second!.packets]);
    expect([first!.spanMs, both.spanMs, both.joinedBy(third!).spanMs, new Batch([]).spanMs]).toEqual([
      0, 33, 66, 0,
    ]);
    expect(first!.joinedBy(third!).packets).toEqual([...first!.packets, ...third!.packets]);
  });

  test("is not encoded unless somebody asks", () => {
    const form = new CountingForm();
    new Batch([packet()]);
    expect(form.encoded).toBe(0);
  });
});
