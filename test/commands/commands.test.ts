import { describe, expect, test } from "bun:test";
import { parseStreamPath } from "../../src/base/stream-path.ts";
import { Commands } from "../../src/commands/commands.ts";
import type { DomainEvent } from "../../src/stream/event.ts";
import { contentOf, isAlive, until } from "../hooks/script/script-files.ts";
import { peerOf } from "../stream/peer.ts";
import { Configuration, configOf } from "./configuration.ts";
import { Workshop } from "./workshop.ts";

const path = parseStreamPath("live/a");
const peer = peerOf("c1", "127.0.0.1:1");

const events: Readonly<Record<string, DomainEvent>> = {
  accepted: { kind: "connectionAccepted", peer, local: "127.0.0.1:1935", isTls: false },
  wanted: { kind: "demandChanged", path, isWanted: true, query: "" },
  available: { kind: "streamAvailable", path, peer, query: "a=b", tracks: [] },
  played: { kind: "playStarted", path, peer, query: "" },
};

/** A command that says it runs, and runs until it is asked to end, and one that says that it has run. */
const long = (name: string): string => `sh -c 'echo "\${DOLLAR}\${DOLLAR}" >$DIR/x.${name}; exec sleep 1000'`;
const short = (name: string): string => `touch $DIR/ended.${name}`;

const file = `
runOnConnect: ${JSON.stringify(long("connect"))}
runOnDisconnect: ${JSON.stringify(short("connect"))}
paths:
  fixed:
    runOnInit: ${JSON.stringify(long("init"))}
  all:
    runOnDemand: ${JSON.stringify(long("demand"))}
    runOnUnDemand: ${JSON.stringify(short("demand"))}
    runOnReady: ${JSON.stringify(long("ready"))}
    runOnNotReady: ${JSON.stringify(short("ready"))}
    runOnRead: ${JSON.stringify(long("read"))}
    runOnUnread: ${JSON.stringify(short("read"))}
`;

const names = ["connect", "init", "demand", "ready", "read"];

const open = (shop: Workshop, text: string): { commands: Commands; lookup: Configuration } => {
  const lookup = new Configuration(text);
  const { clock, log, folder } = shop;
  // A literal dollar cannot be written in a command: it comes in by a variable.
  const env = { ...process.env, DIR: folder, DOLLAR: "$" };
  return { lookup, commands: new Commands({ config: lookup.config, find: lookup.find, clock, log, env }) };
};

describe("the commands of a configuration", () => {
  test("run when their events happen, and none is left after the close", async () => {
    using shop = new Workshop();
    const { commands, lookup } = open(shop, file);
    commands.configure(lookup.now);
    for (const event of Object.values(events)) commands.take(event);
    shop.turn();
    const pids = names.map((name) => shop.file(`x.${name}`));
    await until("all run", () => pids.every((pid) => /\d\n/.test(contentOf(pid))));
    expect(pids.map(isAlive)).toEqual(names.map(() => true));
    const closed = commands.close();
    shop.turn();
    await closed;
    await until("none is left", () => !pids.some(isAlive));
    for (const name of ["connect", "demand", "ready", "read"])
      expect(await Bun.file(shop.file(`ended.${name}`)).exists(), name).toBe(true);
    expect(shop.log.messages("warn", "error")).toEqual([]);
    await commands.close();
    const before = shop.log.lines.length;
    for (const event of Object.values(events)) commands.take(event);
    commands.configure(lookup.now);
    shop.turn();
    expect(shop.log.lines.length).toBe(before);
  });

  test("of a path come and go with the configuration", async () => {
    using shop = new Workshop();
    const { commands, lookup } = open(shop, file);
    commands.configure(lookup.now);
    shop.turn();
    const pid = shop.file("x.init");
    await until("it runs", () => /\d\n/.test(contentOf(pid)));
    commands.configure(lookup.now);
    expect(isAlive(pid)).toBe(true);
    commands.configure(configOf("paths:\n  fixed:"));
    await until("it is gone", () => !isAlive(pid));
    await commands.close();
  });
});
