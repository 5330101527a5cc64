import { describe, expect, test } from "bun:test";
import { realpathSync } from "node:fs";
import { contentOf, hasPid, isAlive, until, variablesIn } from "../hooks/script/script-files.ts";
import { Workshop } from "./workshop.ts";

describe("a command", () => {
  test("gets its arguments as they were split, variables put in, and no shell", async () => {
    using shop = new Workshop({ FROM_ENV: "e  e" });
    await Bun.write(shop.file("show"), 'printf "%s\\n" "$@" >"$DIR/args"');
    shop.launcher.launch(shop.task(`sh $DIR/show '$MTX_PATH' "\${FROM_ENV}" '*' '$NONE' a\\ b | cat`));
    shop.turn();
    await shop.launcher.close();
    expect(contentOf(shop.file("args")).split("\n")).toEqual([
      "live/a",
      "e  e",
      "*",
      "",
      "a b",
      "|",
      "cat",
      "",
    ]);
  });

  test("gets the whole environment of the server, its variables first, no input, and the working directory", async () => {
    using shop = new Workshop({ SECRET_OF_MINE: "s", MTX_PATH: "of the server" });
    shop.launcher.launch(shop.task("sh -c 'env -0 >$DIR/env; cat >$DIR/input; pwd >$DIR/pwd'"));
    shop.turn();
    await shop.launcher.close();
    const env = variablesIn(contentOf(shop.file("env")));
    expect([env.MTX_PATH, env.SECRET_OF_MINE, env.PATH]).toEqual(["live/a", "s", process.env.PATH ?? ""]);
    expect(contentOf(shop.file("input"))).toBe("");
    expect(realpathSync(contentOf(shop.file("pwd")).trim())).toBe(realpathSync(process.cwd()));
  });

  const ends: { name: string; script: string; how: string }[] = [
    { name: "a status", script: "exit 3", how: "code 3" },
    { name: "no fault", script: "exit 0", how: "code 0" },
    { name: "a signal", script: "kill -KILL $$", how: "signal SIGKILL" },
  ];
  for (const { name, script, how } of ends)
    test(`that ends by itself with ${name} says so, and is not started again`, async () => {
      using shop = new Workshop();
      await Bun.write(shop.file("script"), script);
      const running = shop.launcher.start(shop.task("sh $DIR/script"));
      shop.turn();
      await until("it ended", () => shop.log.messages().length === 2);
      shop.clock.advance(60_000);
      running.stop();
      running.stop();
      expect(shop.log.lines).toEqual(
        ["started", `exited: ${how}`, "stopped"].map((what) => ({
          level: "info",
          message: `runOnAvailable command ${what}`,
          fields: { stream_key: "live/a" },
        })),
      );
      await shop.launcher.close();
    });

  test("that restarts is started again 5 s after it ended, whatever its status, until it is stopped", async () => {
    using shop = new Workshop();
    const running = shop.launcher.start(shop.task("sh -c 'echo x >>$DIR/lives'", { restarts: true }));
    const lives = (): number => contentOf(shop.file("lives")).length / 2;
    const exits = (): number => shop.log.messages().filter((line) => line.includes("exited")).length;
    shop.turn();
    await until("it ended", () => exits() === 1);
    shop.clock.advance(4_999);
    await Bun.sleep(20);
    expect(lives()).toBe(1);
    shop.clock.advance(1);
    shop.turn();
    await until("it ended again", () => exits() === 2);
    expect(lives()).toBe(2);
    running.stop();
    shop.clock.advance(60_000);
    await shop.launcher.close();
    expect(lives()).toBe(2);
    expect(shop.log.messages("info")).toEqual([
      "runOnAvailable command started",
      "runOnAvailable command exited: code 0",
      "runOnAvailable command restarted",
      "runOnAvailable command exited: code 0",
      "runOnAvailable command stopped",
    ]);
  });

  const faults: { name: string; line: string; error: RegExp }[] = [
    { name: "a program that is not there", line: "/no/such/program a", error: /no\/such\/program/ },
    { name: "a program that is nowhere in PATH", line: "no-such-program-at-all", error: /no-such-program/ },
    { name: "quotes that are not closed", line: "sh -c 'a", error: /^a command with a ' that is not closed/ },
  ];
  for (const { name, line, error } of faults)
    test(`cannot be started with ${name}: one line says so, however often it is tried`, async () => {
      using shop = new Workshop();
      const running = shop.launcher.start(shop.task(line, { restarts: true }));
      shop.turn();
      for (let count = 0; count < 3; count++) shop.clock.advance(5_000);
      running.stop();
      expect(shop.log.lines).toEqual([
        {
          level: "error",
          message: "runOnAvailable command failed to start",
          fields: { stream_key: "live/a", error: expect.stringMatching(error) },
        },
      ]);
      await shop.launcher.close();
    });

  test("that is stopped before its turn never runs, and says nothing", async () => {
    using shop = new Workshop();
    shop.launcher.start(shop.task("touch $DIR/ran")).stop();
    shop.turn();
    await shop.launcher.close();
    expect(await Bun.file(shop.file("ran")).exists()).toBe(false);
    expect(shop.log.lines).toEqual([]);
  });
});

describe("stopping a command", () => {
  test("sends SIGINT to its whole group", async () => {
    using shop = new Workshop();
    await Bun.write(
      shop.file("inner"),
      `trap 'echo inner >>"$DIR/heard"; exit' INT; echo $$ >"$DIR/pid"; while :; do sleep 0.05; done`,
    );
    await Bun.write(shop.file("outer"), `trap 'echo outer >>"$DIR/heard"' INT; sh "$DIR/inner"; exit 7`);
    const running = shop.launcher.start(shop.task("sh $DIR/outer"));
    shop.turn();
    await until("it runs", () => hasPid(shop.file("pid")));
    running.stop("timed out");
    await until("it ended", () => shop.log.messages().some((line) => line.includes("exited")));
    expect(contentOf(shop.file("heard")).trim().split("\n").sort()).toEqual(["inner", "outer"]);
    expect(shop.log.messages("info", "warn")).toEqual([
      "runOnAvailable command started",
      "runOnAvailable command stopped: timed out",
    ]);
    expect(shop.log.messages("debug")).toEqual(["runOnAvailable command exited: code 7"]);
    await shop.launcher.close();
  });

  test("kills after 10 s who does not listen, with all it has started", async () => {
    using shop = new Workshop();
    await Bun.write(
      shop.file("deaf"),
      `trap '' INT; sleep 1000 & echo $! >"$DIR/child"; echo $$ >"$DIR/pid"; wait; wait`,
    );
    const running = shop.launcher.start(shop.task("sh $DIR/deaf", { restarts: true }));
    shop.turn();
    await until("it runs", () => hasPid(shop.file("pid")));
    running.stop();
    shop.clock.advance(9_999);
    await Bun.sleep(20);
    expect([isAlive(shop.file("pid")), isAlive(shop.file("child"))]).toEqual([true, true]);
    shop.clock.advance(1);
    await until("both are gone", () => !isAlive(shop.file("pid")) && !isAlive(shop.file("child")));
    await until("it is told", () => shop.log.messages("warn").length > 0);
    expect(shop.log.messages("warn")).toEqual(["runOnAvailable command killed, it did not end within 10 s"]);
    await shop.launcher.close();
  });

  test("kills whom a leader leaves behind that listens", async () => {
    using shop = new Workshop();
    // Shells have what runs in the background ignore SIGINT.
    const child = `sh -c 'echo $$ >"$DIR/child"; exec sleep 1000'`;
    await Bun.write(shop.file("script"), `${child} & wait`);
    const running = shop.launcher.start(shop.task("sh $DIR/script"));
    shop.turn();
    await until("it runs", () => hasPid(shop.file("child")));
    running.stop();
    await until("it ended", () => shop.log.messages().some((line) => line.includes("exited")));
    expect(isAlive(shop.file("child"))).toBe(true);
    shop.clock.advance(10_000);
    await until("the child is gone", () => !isAlive(shop.file("child")));
  });
});

describe("closing", () => {
  test("waits for what is launched, and leaves nobody behind", async () => {
    using shop = new Workshop();
    shop.launcher.start(shop.task(`sh -c 'echo $MTX_PATH; exec sleep 1000'`));
    shop.launcher.launch(
      shop.task("sh -c 'sleep 0.2; touch $DIR/done; exit 4'", { name: "runOnUnavailable" }),
    );
    shop.turn();
    await until("it runs", () => shop.log.messages().includes("runOnAvailable command wrote"));
    // Waits for real children: nothing here depends on the clock.
    await shop.launcher.close();
    expect(await Bun.file(shop.file("done")).exists()).toBe(true);
    await until("both have told", () => shop.log.lines.length === 6);
    expect(shop.log.messages().sort()).toEqual([
      "runOnAvailable command exited: signal SIGINT",
      "runOnAvailable command started",
      "runOnAvailable command stopped",
      "runOnAvailable command wrote",
      "runOnUnavailable command exited: code 4",
      "runOnUnavailable command launched",
    ]);
  });

  test("runs what still waits for its turn", async () => {
    using shop = new Workshop();
    shop.launcher.launch(shop.task("touch $DIR/done"));
    const closed = shop.launcher.close();
    shop.turn();
    await closed;
    expect(await Bun.file(shop.file("done")).exists()).toBe(true);
  });

  test("kills after 10 s what was launched and does not end", async () => {
    using shop = new Workshop();
    await Bun.write(shop.file("script"), `echo $$ >"$DIR/pid"; exec sleep 1000`);
    shop.launcher.launch(shop.task("sh $DIR/script", { name: "runOnUnread" }));
    shop.turn();
    await until("it runs", () => hasPid(shop.file("pid")));
    const closed = shop.launcher.close();
    shop.clock.advance(9_999);
    expect(isAlive(shop.file("pid"))).toBe(true);
    shop.clock.advance(1);
    await closed;
    await until("it is gone", () => !isAlive(shop.file("pid")));
    expect(shop.log.messages("warn")).toEqual(["runOnUnread command killed, it did not end in time"]);
  });

  test("starts nothing any more", async () => {
    using shop = new Workshop();
    await shop.launcher.close();
    shop.launcher.launch(shop.task("touch $DIR/done"));
    shop.launcher.start(shop.task("touch $DIR/done")).stop();
    shop.turn();
    expect([await Bun.file(shop.file("done")).exists(), shop.clock.timers]).toEqual([false, 0]);
  });
});
