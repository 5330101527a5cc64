import { describe, expect, test } from "bun:test";
import { type News, Presence, type Verdict } from "../../../src/orchestrator/machine/presence.ts";

const grace = 30_000;
const a = "0f5a0b54-3c0c-4a39-9d8e-1f2b6b0f7a01";
const b = "7e1d2c3b-9f8e-4d7c-8b6a-5a4b3c2d1e02";

const news = (id: string, more: Partial<News> = {}): News => ({
  source: { id, type: "rtmpConn", query: "" },
  ...more,
});

type Step = readonly [seconds: number, what: "ready" | "not-ready", id: string, at?: number];

/** Verdicts of all steps, and the state after them. */
const play = (steps: readonly Step[]): { verdicts: Verdict[]; state: string; source: string | undefined } => {
  const presence = new Presence(grace);
  const verdicts = steps.map(([seconds, what, id, at]) => {
    const now = 1_000_000 + seconds * 1_000;
    presence.tick(now);
    const told = news(id, at === undefined ? {} : { at: 1_000_000 + at * 1_000 });
    return what === "ready" ? presence.ready(told, now) : presence.notReady(told, now);
  });
  return { verdicts, state: presence.record.state, source: presence.record.source?.id };
};

describe("news of a source", () => {
  const rows: {
    name: string;
    steps: readonly Step[];
    verdicts: Verdict[];
    state: string;
    source?: string;
  }[] = [
    { name: "one that comes", steps: [[0, "ready", a]], verdicts: ["accepted"], state: "present", source: a },
    {
      name: "one that comes, told three times",
      steps: [
        [0, "ready", a],
        [1, "ready", a],
        [2, "ready", a],
      ],
      verdicts: ["accepted", "duplicate", "duplicate"],
      state: "present",
    },
    {
      name: "one that goes, told twice",
      steps: [
        [0, "ready", a],
        [1, "not-ready", a],
        [2, "not-ready", a],
      ],
      verdicts: ["accepted", "accepted", "duplicate"],
      state: "grace",
    },
    {
      name: "another that comes back within the grace",
      steps: [
        [0, "ready", a],
        [1, "not-ready", a],
        [5, "ready", b],
      ],
      verdicts: ["accepted", "accepted", "accepted"],
      state: "present",
      source: b,
    },
    {
      name: "the end of the one before, heard after the next one",
      steps: [
        [0, "ready", a],
        [1, "ready", b],
        [2, "not-ready", a],
      ],
      verdicts: ["accepted", "accepted", "outdated"],
      state: "present",
      source: b,
    },
    {
      name: "an end that overtook its beginning",
      steps: [
        [0, "not-ready", a],
        [1, "ready", a],
      ],
      verdicts: ["duplicate", "outdated"],
      state: "absent",
    },
    {
      name: "a beginning that comes again after its end",
      steps: [
        [0, "ready", a],
        [1, "not-ready", a],
        [2, "ready", a],
      ],
      verdicts: ["accepted", "accepted", "outdated"],
      state: "grace",
    },
    {
      name: "a connection that publishes a second time, a minute later",
      steps: [
        [0, "ready", a],
        [1, "not-ready", a],
        [70, "ready", a],
      ],
      verdicts: ["accepted", "accepted", "accepted"],
      state: "present",
    },
    {
      name: "ids that are used again",
      steps: [
        [0, "ready", "1"],
        [1, "not-ready", "1"],
        [2, "ready", "1"],
      ],
      verdicts: ["accepted", "accepted", "accepted"],
      state: "present",
    },
    {
      name: "no ids at all",
      steps: [
        [0, "ready", ""],
        [1, "not-ready", ""],
        [2, "ready", ""],
        [3, "ready", ""],
      ],
      verdicts: ["accepted", "accepted", "accepted", "duplicate"],
      state: "present",
    },
    {
      name: "times, which tell what is older",
      steps: [
        [0, "ready", "1", 0],
        [3, "not-ready", "1", 3],
        [4, "ready", "1", 2],
        [5, "ready", "1", 5],
        [6, "not-ready", "1", 4],
      ],
      verdicts: ["accepted", "accepted", "outdated", "accepted", "outdated"],
      state: "present",
    },
    {
      name: "a source that does not come back",
      steps: [
        [0, "ready", a],
        [1, "not-ready", a],
        [32, "not-ready", b],
      ],
      verdicts: ["accepted", "accepted", "duplicate"],
      state: "absent",
    },
  ];
  for (const { name, steps, verdicts, state, source } of rows)
    test(name, () => {
      const result = play(steps);
      expect(result).toMatchObject({ verdicts, state });
      if (source !== undefined) expect(result.source).toBe(source);
    });

  test("what is seen on the server counts for a source that had gone", () => {
    const presence = new Presence(grace);
    presence.ready(news(a), 0);
    presence.notReady(news(a), 1_000);
    expect(presence.ready(news(a, { isSeen: true }), 2_000)).toBe("accepted");
  });

  test("the query of the event stays when the server's list, which has none, confirms it", () => {
    const presence = new Presence(grace);
    presence.ready({ source: { id: a, type: "rtmpConn", query: "lang=es" } }, 0);
    presence.ready(news(a, { isSeen: true }), 1_000);
    expect(presence.record.source).toEqual({ id: a, type: "rtmpConn", query: "lang=es" });
  });
});

describe("the grace of a source", () => {
  test("ends when it is over, and not before", () => {
    const presence = new Presence(grace);
    presence.ready(news(a), 0);
    presence.notReady(news(a), 1_000);
    expect(presence.deadline).toBe(31_000);
    expect([presence.tick(30_999), presence.record.state]).toEqual([false, "grace"]);
    expect([presence.tick(31_000), presence.record.state, presence.deadline]).toEqual([
      true,
      "absent",
      undefined,
    ]);
  });

  test("goes on over a restart, and is not longer than it is after a clock was set back", () => {
    const before = new Presence(grace);
    before.ready(news(a), 100_000);
    before.notReady(news(a), 110_000);
    expect(Presence.resume(grace, before.record, 120_000).deadline).toBe(140_000);
    expect(Presence.resume(grace, before.record, 50_000).deadline).toBe(80_000);
    const late = Presence.resume(grace, before.record, 200_000);
    expect([late.tick(200_000), late.record.state]).toEqual([true, "absent"]);
  });
});
