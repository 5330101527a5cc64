import { describe, expect, test } from "bun:test";
import { DemandCommands } from "../../src/commands/demand-commands.ts";
import { mayComeBack } from "../../src/stream/event.ts";
import type { StreamOptions } from "../../src/stream/stream-options.ts";
import { House, Viewer } from "../stream/house.ts";
import { Configuration } from "./configuration.ts";
import { FakeStarter } from "./fake-starter.ts";

const file = `
republishGrace: 5s
paths:
  all:
    runOnDemand: bring
    runOnDemandRestart: yes
    runOnUnDemand: done
    runOnDemandStartTimeout: 10s
    runOnDemandCloseAfter: 8s
`;

const setUp = (options: Partial<StreamOptions> = {}, text = file) => {
  const house = new House({ playWaitMs: 10_000, ...options });
  const starter = new FakeStarter();
  const commands = new DemandCommands({ starter, lookup: new Configuration(text), clock: house.clock });
  house.hub.listen((event) => commands.take(event));
  const read = (): Viewer => {
    const viewer = Object.assign(new Viewer(), { query: "lang=es" });
    house.registry.subscribe(house.path, viewer);
    return viewer;
  };
  const leave = (viewer: Viewer): void => {
    for (const stream of house.registry.streams) stream.unsubscribe(viewer);
  };
  return { house, starter, commands, read, leave };
};

const bring = "start runOnDemand: bring";
const timedOut = ["stop runOnDemand: timed out", "launch runOnUnDemand: done"];
const notNeeded = ["stop runOnDemand: not needed by anyone", "launch runOnUnDemand: done"];

describe("the command of a demand", () => {
  test("starts with the first reader, knows its query, and ends some time after the last", () => {
    const { house, starter, read, leave } = setUp();
    const [first, second] = [read(), read()];
    expect(starter.calls()).toEqual([bring]);
    expect(starter.tasks[0]).toMatchObject({
      restarts: true,
      variables: { MTX_PATH: "live/a", MTX_QUERY: "lang%3Des" },
    });
    house.clock.advance(3_000);
    const publication = house.publish();
    house.clock.advance(60_000);
    leave(first);
    house.clock.advance(60_000);
    leave(second);
    house.clock.advance(7_999);
    const third = read();
    house.clock.advance(60_000);
    leave(third);
    house.clock.advance(7_999);
    expect(starter.calls()).toEqual([]);
    house.clock.advance(1);
    expect(starter.calls()).toEqual(notNeeded);
    publication.end("client_disconnect");
    house.clock.advance(60_000);
    expect([starter.calls(), house.clock.timers]).toEqual([[], 0]);
  });

  test("ends when nobody publishes in time, and the next reader starts it again", () => {
    const { house, starter, read } = setUp();
    read();
    house.clock.advance(9_999);
    expect(starter.calls()).toEqual([bring]);
    house.clock.advance(1);
    expect(starter.calls()).toEqual(timedOut);
    read();
    expect(starter.calls()).toEqual([bring]);
  });

  test("is tried again 5 s after it brought nothing where somebody still waits", () => {
    const { house, starter, read } = setUp();
    read();
    house.clock.advance(4_000);
    read();
    house.clock.advance(6_000);
    expect(starter.calls()).toEqual([bring, ...timedOut]);
    // Somebody wants the stream all the time.
    read();
    house.clock.advance(4_999);
    expect(starter.calls()).toEqual([]);
    house.clock.advance(1);
    expect(starter.calls()).toEqual([bring]);
  });

  test("ends when nobody waits any more, publisher or not", () => {
    const { house, starter, read, leave } = setUp({}, file.replace("8s", "2s"));
    leave(read());
    house.clock.advance(2_000);
    expect(starter.calls()).toEqual([bring, ...notNeeded]);
    house.clock.advance(60_000);
    expect(starter.calls()).toEqual([]);
  });

  test("goes on when its publisher leaves, and ends when none comes back", () => {
    const { house, starter, read } = setUp({ keepsReaders: true });
    read();
    house.publish().end("client_disconnect");
    house.clock.advance(9_000);
    house.publish().end("client_disconnect");
    house.clock.advance(9_999);
    expect(starter.calls()).toEqual([bring]);
    house.clock.advance(1);
    expect(starter.calls()).toEqual(timedOut);
  });

  test("does not start where somebody publishes", () => {
    const { house, starter, read } = setUp();
    house.publish();
    read();
    house.clock.advance(60_000);
    expect(starter.calls()).toEqual([]);
  });

  test("does not start for readers that stay for a publisher to come back, but for who waits after that", () => {
    const { house, starter, read } = setUp({ republishGraceMs: 5_000 });
    const publication = house.publish();
    read();
    expect(mayComeBack("client_disconnect")).toBe(true);
    publication.end("client_disconnect");
    house.clock.advance(3_000);
    const late = read();
    house.clock.advance(2_000);
    expect(starter.calls()).toEqual([]);
    house.clock.advance(100);
    expect([starter.calls(), late.log]).toEqual([[bring], []]);
  });

  test("does not start for readers that a publisher takes along", () => {
    const { house, starter, read } = setUp();
    const publication = house.publish();
    read();
    publication.end("client_disconnect");
    house.clock.advance(60_000);
    expect([starter.calls(), house.clock.timers]).toEqual([[], 0]);
  });

  test("ends with a close, and is not tried again", () => {
    const { house, starter, commands, read } = setUp({ keepsReaders: true });
    read();
    commands.close();
    house.clock.advance(60_000);
    expect(starter.calls()).toEqual([
      bring,
      "stop runOnDemand: path destroyed",
      "launch runOnUnDemand: done",
    ]);
  });

  test("is none where none is configured", () => {
    const { house, starter, read } = setUp({}, "paths:\n  all:");
    read();
    house.clock.advance(60_000);
    expect([starter.calls(), house.clock.timers]).toEqual([[], 0]);
  });
});
