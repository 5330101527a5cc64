import { expect, test } from "bun:test";
import { silentLogger } from "../../src/base/log.ts";
import { readConfig, readServerFlags } from "../../src/config/server/config.ts";
import { type Configurable, reconfigure } from "../../src/server/configurable.ts";
import { startServer } from "../../src/server.ts";

const configOf = (...args: string[]) => readConfig(readServerFlags(args));
const [before, now] = [configOf(), configOf("--log-level", "debug")];

/** A part that notes what it goes by, and refuses where it is told to. */
const partOf = (name: string, notes: string[], refuses = false): Configurable => ({
  name,
  configure: (config) => {
    notes.push(`${name} ${config === now ? "now" : "before"}`);
    if (refuses && config === now) throw new Error("no");
  },
});

test("where a part refuses, it and those before it go back, in their order, and those behind it hear nothing", () => {
  const notes: string[] = [];
  const parts = [partOf("a", notes), partOf("b", notes), partOf("c", notes, true), partOf("d", notes)];
  expect(() => reconfigure(parts, { now, before, log: silentLogger })).toThrow("no");
  expect(notes).toEqual(["a now", "b now", "c now", "a before", "b before", "c before"]);
});

test("a server that stops takes no change any more, and opens nothing again", async () => {
  const args = ["--listen", "127.0.0.1:0", "--api=false", "--metrics=false", "--rtsp=false", "--hls=false"];
  const server = startServer(configOf(...args), { log: silentLogger });
  const stopped = server.stop();
  expect(server.live.patchGlobal({ rtmpAddress: "127.0.0.1:0" })).rejects.toThrow("shutting down");
  await stopped;
  expect(server.rtmpPort).toBe(0);
});
