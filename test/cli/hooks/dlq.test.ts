import { describe, expect, test } from "bun:test";
import { idsOf } from "../../hooks/store/stored-event.ts";
import { run } from "./command.ts";
import { withLetters } from "./letters.ts";

describe("rtmp-server hooks dlq", () => {
  test("lists, shows, sends again and removes dead letters of a store in use", async () => {
    using house = withLetters(4);
    const of = (...args: string[]) => run("dlq", ...args, "--hook-data-dir", house.path);
    const table = await of("list", "--type", "publish_stop");
    expect(table.stdout.split("\n")).toEqual([
      expect.stringMatching(/^ID +AGE +HOOK +TYPE +STREAM +REASON +TRIES$/),
      expect.stringMatching(/^ 2 +\w+ +a +publish_stop +live\/test +exhausted +4$/),
      "  connection refused",
      expect.stringMatching(/^ 4 +\w+ +a +publish_stop +live\/test +exhausted +4$/),
      "  connection refused",
      "",
    ]);
    expect(JSON.parse((await of("list", "--json", "--limit", "1")).stdout)).toMatchObject([
      {
        id: 1,
        event_id: "e1",
        history: [{ status: 503, error: "no luck" }, { error: "connection refused" }],
      },
    ]);
    const page = await run("dlq", "show", "e3", "--hook-data-dir", house.path);
    expect(page.stdout).toContain("event        e3\n");
    expect(page.stdout).toEndWith('"data": {\n    "app": "live"\n  }\n}\n');
    expect(await of("replay", "--id", "3")).toEqual({
      exitCode: 0,
      stdout: `1 dead letter back in the queue of ${house.path}\na server that runs there delivers within a second, any other when it starts\n`,
      stderr: "",
    });
    expect(
      JSON.parse((await of("replay", "--type", "publish_start", "--rate", "100/s", "--json")).stdout),
    ).toEqual({
      replayed: 1,
    });
    expect([house.store.hasOutsideChange(), idsOf(house.store)]).toEqual([true, ["e3", "e1"]]);
    expect((await of("purge")).stderr).toBe(
      "rtmp-server: hooks dlq purge without a filter removes all for good, 2 dead letters now, expected a filter or --yes\n",
    );
    expect((await of("purge", "--limit", "1")).stdout).toBe(`1 dead letter removed from ${house.path}\n`);
    expect(JSON.parse((await of("purge", "--yes", "--json")).stdout)).toEqual({ purged: 1 });
    expect((await of("list")).stdout).toBe("no dead letters\n");
  });

  test("says which commands there are", async () => {
    const { exitCode, stdout } = await run("dlq");
    expect(exitCode).toBe(0);
    for (const name of ["list", "show", "replay", "purge"])
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\w`, "m"));
  });

  const faults: { args: string[]; exitCode: number; says: string }[] = [
    {
      args: ["shw"],
      exitCode: 2,
      says: 'unknown command hooks dlq "shw", did you mean show?; see rtmp-server hooks dlq --help',
    },
    { args: ["show"], exitCode: 2, says: "hooks dlq show needs an id, expected one of hooks dlq list" },
    {
      args: ["list", "--hook-data-dir", "/nowhere"],
      exitCode: 1,
      says: '"/nowhere/hooks.db" is not there, expected the store of a server with --hook-delivery-guarantee at-least-once',
    },
  ];
  for (const { args, exitCode, says } of faults)
    test(`${args.join(" ")} ends with exit code ${exitCode}`, async () => {
      expect(await run("dlq", ...args)).toEqual({ exitCode, stdout: "", stderr: `rtmp-server: ${says}\n` });
    });

  test("says so where there is no such dead letter", async () => {
    using house = withLetters(1);
    expect(await run("dlq", "show", "2", "--hook-data-dir", house.path)).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `rtmp-server: no dead letter "2" in ${house.path}\n`,
    });
  });
});
