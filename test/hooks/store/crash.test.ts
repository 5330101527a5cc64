import { expect, test } from "bun:test";
import { join } from "node:path";
import { idsOf, openStore, temporaryDirectory } from "./stored-event.ts";

const child = join(import.meta.dir, "crash-child.ts");

/** Lines of a child that is killed once it has said `lines` of them; a line that was cut does not count. */
const killedAfter = async (directory: string, prefix: string, lines: number): Promise<string[]> => {
  const writer = Bun.spawn([process.execPath, child, directory, prefix], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of writer.stdout) {
    text += decoder.decode(bytes, { stream: true });
    if (text.split("\n").length > lines) writer.kill("SIGKILL");
  }
  await writer.exited;
  expect(writer.signalCode).toBe("SIGKILL");
  return text.split("\n").slice(0, -1);
};

test("what was acknowledged is there after twenty kills in the middle of writing, and what was delivered is not", async () => {
  using directory = temporaryDirectory();
  const stored = new Set<string>();
  const delivered = new Set<string>();
  /** A child may have been killed between the commit of a delivery and the line that says so. */
  const inDoubt = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const lines = await killedAfter(directory.path, `r${round}`, 5 + 7 * round);
    expect(lines[0]).toStartWith("opened");
    for (const line of lines.slice(1)) {
      const [what, ids = ""] = line.split(" ");
      for (const id of ids.split(",")) (what === "stored" ? stored : delivered).add(id);
    }
    const [what, ids = ""] = lines.at(-1)?.split(" ") ?? [];
    if (what === "stored") for (const id of ids.split(",")) inDoubt.add(id);
  }
  expect(stored.size).toBeGreaterThan(20 * 11);
  expect(delivered.size).toBeGreaterThan(20);

  const store = openStore(directory.path);
  expect(store.wasClean).toBe(false);
  const [forA, forB] = [new Set(idsOf(store, "a")), new Set(idsOf(store, "b"))];
  expect(idsOf(store, "a").length).toBe(forA.size);
  expect([...stored].filter((id) => !forA.has(id))).toEqual([]);
  const isTold = (id: string): boolean => delivered.has(id) || inDoubt.has(id);
  const wanted = [...stored].filter((id) => !isTold(id) && !id.endsWith("start"));
  expect(wanted.filter((id) => !forB.has(id))).toEqual([]);
  expect([...delivered].filter((id) => forB.has(id))).toEqual([]);
  // A start and its session share a transaction: there is none without the other.
  const sessions = new Set(store.openSessions.map(({ sessionId }) => sessionId));
  const starts = [...forA].filter((id) => id.endsWith("start"));
  const named = starts.map((id) => `ses_${id.replace("-start", "").replace("-", "_")}`);
  expect(sessions).toEqual(new Set(named));
  store.close();
}, 60_000);
