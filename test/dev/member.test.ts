import { describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/time.ts";
import { Member } from "../../src/dev/member.ts";

/** A member that runs a script of the shell, and what was heard of it. */
const memberOf = (script: string) => {
  const lines: string[] = [];
  const news: string[] = [];
  let failures = 0;
  const member = new Member(
    { name: "server", command: ["sh", "-c", script], env: process.env, isReady: (line) => line === "ready" },
    {
      clock: systemClock,
      wrote: (line) => lines.push(line),
      news: (text) => news.push(text),
      failed: () => failures++,
    },
  );
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let waited = 0; !isSo(); waited += 10) {
      if (waited > 15_000) throw new Error(`not in time: ${JSON.stringify({ lines, news, failures })}`);
      await Bun.sleep(10);
    }
  };
  return { member, lines, news, until, failures: () => failures };
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("a member of a set-up", () => {
  test("ends with all that it has started", async () => {
    const { member, lines, until } = memberOf("sleep 60 & echo $!; echo ready; wait");
    await until(() => member.isReady);
    const child = Number(lines[0]);
    expect([lines, isAlive(child)]).toEqual([[String(child), "ready"], true]);
    await member.stop();
    await until(() => !isAlive(child));
    expect([member.pid, member.isReady]).toEqual([undefined, false]);
  });

  test("is another process after a restart, and only one", async () => {
    const { member, lines, until, news } = memberOf("echo $$; echo ready; sleep 60");
    await until(() => member.isReady);
    const first = member.pid;
    await Promise.all([member.restart(), member.restart()]);
    await until(() => lines.length === 4);
    expect(lines).toEqual([String(first), "ready", String(member.pid), "ready"]);
    expect([member.pid === first, news]).toEqual([false, []]);
    await member.stop();
  });

  test("that never came up is told of, and not started again", async () => {
    const { lines, until, failures, news } = memberOf("echo 'the port is in use' >&2; exit 1");
    await until(() => failures() === 1);
    expect([lines, news]).toEqual([["the port is in use"], []]);
  });

  test("that ends by itself starts again", async () => {
    const { member, lines, until, news } = memberOf("echo ready; [ -e /proc/self ] && sleep 0.1; exit 3");
    await until(() => lines.length === 2);
    expect(news[0]).toBe("ended with exit code 3, starts again in 2 s");
    await member.stop();
  });

  test("that does not like its file waits until it is told to start again", async () => {
    const { member, until, news, lines } = memberOf("echo ready; exit 2");
    await until(() => news.length === 1);
    expect(news).toEqual(["ended with exit code 2, waits for an edit of its file"]);
    await member.restart();
    await until(() => lines.length === 2);
    await member.stop();
  });
});
