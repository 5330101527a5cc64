import { describe, expect, test } from "bun:test";
import { FirstAttempts, type Ticket } from "../../../src/hooks/delivery/first-attempts.ts";

const always = (): boolean => true;

describe("first attempts", () => {
  test("wait for those of earlier events of their stream by other hooks, and are told when that may have changed", () => {
    const firsts = new FirstAttempts();
    const join = (stream: string, event: string, hookId: string): Ticket =>
      firsts.join(stream, event, { hookId, holdsUp: always });
    const one = [join("live/a", "e1", "a"), join("live/a", "e1", "b")];
    const two = join("live/a", "e2", "c");
    const elsewhere = join("live/b", "e3", "c");
    let told = 0;
    const again = (): void => void told++;
    const may = (ticket: Ticket): boolean => firsts.mayStart(ticket, again);
    expect([may(one[0]!), may(one[1]!), may(two), may(elsewhere)]).toEqual([true, true, false, true]);
    firsts.leave(one[0]!);
    expect([told, may(two)]).toEqual([1, false]);
    firsts.leave(one[1]!);
    firsts.leave(one[1]!);
    expect([told, may(two)]).toEqual([2, true]);
  });

  test("do not wait for a hook that holds nobody up, from when everybody is asked to look again", () => {
    const firsts = new FirstAttempts();
    let isHeld = false;
    firsts.join("live/a", "e1", { hookId: "a", holdsUp: () => !isHeld });
    const later = firsts.join("live/a", "e2", { hookId: "b", holdsUp: always });
    const seen: boolean[] = [];
    const look = (): void => void seen.push(firsts.mayStart(later, look));
    look();
    isHeld = true;
    firsts.reconsider();
    expect(seen).toEqual([false, true]);
  });

  test("never wait for each other, though hooks hear of events in different orders", () => {
    const firsts = new FirstAttempts();
    const join = (event: string, hookId: string): Ticket =>
      firsts.join("live/a", event, { hookId, holdsUp: always });
    const tickets = [join("e1", "a"), join("e2", "a"), join("e3", "b"), join("e1", "b"), join("e0", "a")];
    const lanes = new Map([
      ["a", [tickets[0]!, tickets[1]!, tickets[4]!]],
      ["b", [tickets[2]!, tickets[3]!]],
    ]);
    for (let left = tickets.length; left > 0; left--) {
      const free = [...lanes.values()].find(([first]) => first && firsts.mayStart(first, () => undefined));
      expect(free).toBeDefined();
      firsts.leave(free!.shift()!);
    }
  });
});
