import { describe, expect, test } from "bun:test";
import { IndexLink, type IndexThreadListener } from "../../src/archive/index-link.ts";
import type { ToIndex } from "../../src/archive/index-messages.ts";
import { KeptLog } from "../record/path-studio.ts";

/** A link whose threads are only their ends. */
const setUp = () => {
  const log = new KeptLog();
  const threads: { listener: IndexThreadListener; sent: ToIndex[]; isEnded: boolean }[] = [];
  const link = new IndexLink({
    log,
    start: (listener) => {
      const thread = { listener, sent: [] as ToIndex[], isEnded: false };
      threads.push(thread);
      return {
        send: (message) => thread.sent.push(message),
        terminate: () => {
          thread.isEnded = true;
        },
      };
    },
  });
  return { link, threads, log };
};

const own = { template: "/r/%path/%s", name: "cam", file: "/r/cam/1.mp4" };

describe("the link to an index", () => {
  test("starts no thread before it has something to say", () => {
    expect(setUp().threads).toEqual([]);
  });

  test("gives each asker their own answer, in whatever order answers come", async () => {
    const { link, threads } = setUp();
    const [first, second] = [link.names("a"), link.names("b")];
    const [{ sent, listener }] = threads as [(typeof threads)[0]];
    expect(sent).toEqual([
      { kind: "ask", id: 1, question: "names", given: "a" },
      { kind: "ask", id: 2, question: "names", given: "b" },
    ]);
    listener.message({ kind: "failed", id: 2, reason: "the disk is full" });
    listener.message({ kind: "answer", id: 1, answer: ["x"] });
    listener.message({ kind: "log", level: "warn", message: "told", fields: {} });
    expect(await first).toEqual(["x"]);
    expect(second).rejects.toMatchObject({ code: "DISK", message: "the disk is full" });
  });

  test("starts a thread that died again, and tells it what it has to know", async () => {
    const { link, threads, log } = setUp();
    link.watch([own.template]);
    link.watch([own.template]);
    link.began(own);
    link.began({ ...own, file: "/r/cam/0.mp4" });
    link.ended({ ...own, file: "/r/cam/0.mp4" });
    const asked = link.names("a");
    threads[0]!.listener.died("out of memory");
    expect(asked).rejects.toMatchObject({ code: "DISK", message: "out of memory" });
    void link.names("b");
    expect(threads[1]!.sent).toEqual([
      { kind: "watch", templates: [own.template] },
      { kind: "began", own },
      { kind: "ask", id: 2, question: "names", given: "b" },
    ]);
    expect(threads[0]!.sent.filter(({ kind }) => kind === "watch").length).toBe(1);
    expect(log.lines).toEqual(["the thread of the index of recordings ended, the next one begins anew"]);
  });

  test("ends its thread when that has let go of its files, and answers nobody any more", async () => {
    const { link, threads } = setUp();
    const asked = link.names("a");
    const closed = link.close();
    expect(asked).rejects.toThrow("the server stops");
    expect(threads[0]!.sent.at(-1)).toEqual({ kind: "close" });
    threads[0]!.listener.message({ kind: "closed" });
    await closed;
    expect(threads[0]!.isEnded).toBe(true);
    expect(link.names("b")).rejects.toThrow("the server stops");
    link.began(own);
    expect(threads.length).toBe(1);
  });
});
