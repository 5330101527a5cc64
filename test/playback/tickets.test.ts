import { expect, test } from "bun:test";
import { PlaybackTickets, type TicketedPart } from "../../src/playback/tickets.ts";
import { FakeClock } from "../base/fake-clock.ts";

const part: TicketedPart = { path: "live/a", start: "2026-01-01T00:00:00Z", duration: "10" };

const queryOf = (ticket: string): URLSearchParams => new URLSearchParams({ ...part, ticket });

test("a ticket lets in for some hours, and then no more", () => {
  const clock = new FakeClock();
  const tickets = new PlaybackTickets(clock);
  const query = queryOf(tickets.issue(part));
  expect(tickets.admits(query)).toBe(true);
  clock.advance(6 * 3_600_000 - 1_000);
  expect(tickets.admits(query)).toBe(true);
  clock.advance(2_000);
  expect(tickets.admits(query)).toBe(false);
});

test("the ticket of another process is none", () => {
  const clock = new FakeClock();
  expect(new PlaybackTickets(clock).admits(queryOf(new PlaybackTickets(clock).issue(part)))).toBe(false);
});

test("what is no ticket lets nobody in", () => {
  const tickets = new PlaybackTickets(new FakeClock());
  for (const ticket of ["", ".", "zzzzzzzzz.", "x.y.z", ".AAAA", "NaN.", "\0"])
    expect(tickets.admits(queryOf(ticket))).toBe(false);
  expect(tickets.admits(new URLSearchParams(part as never))).toBe(false);
});
