import { describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/base/time.ts";
import { eventsResource } from "../../../src/http/events.ts";
import { Serving } from "../../http/serving.ts";
import { run, start } from "./command.ts";

describe("rtmp-server hooks tail", () => {
  test("follows the events that were asked for, and ends well with Ctrl-C", async () => {
    const listeners = new Set<(line: string) => void>();
    const listen = (listener: (line: string) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
    await using serving = new Serving([eventsResource({ listen, clock: systemClock })]);
    const child = start(["tail", "--server", `127.0.0.1:${serving.server.port}`, "--stream", "live/*"]);
    for (let turn = 0; turn < 1_000 && listeners.size === 0; turn++) await Bun.sleep(10);
    const event = { type: "play_start", timestamp: 1, conn_id: "c000002", data: { app: "live" } };
    for (const stream_key of ["vod/x", "live/x"])
      for (const listener of listeners) listener(JSON.stringify({ ...event, stream_key }));
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    child.kill("SIGINT");
    expect(Buffer.from(value!).toString()).toMatch(
      /^\d\d:\d\d:01\.000 {2}play_start {10}live\/x c000002 app=live\n$/,
    );
    expect([await child.exited, (await reader.read()).done, await new Response(child.stderr).text()]).toEqual(
      [0, true, ""],
    );
  });

  test("ends with 1 where no server answers", async () => {
    expect(await run("tail", "--server", "127.0.0.1:1")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("expected one with --metrics-address"),
    });
  });
});
