import { describe, expect, test } from "bun:test";
import { TempDirectory } from "./harness/directory.ts";
import { HookReceiver } from "./harness/hook-receiver.ts";
import { OwnPublisher } from "./harness/own-client.ts";
import { Server } from "./harness/server.ts";

describe("a configuration file that changes while the server runs", () => {
  test("is in force without a restart, by itself and on SIGHUP, and a bad one leaves the old one in force", async () => {
    using directory = new TempDirectory();
    await using receiver = new HookReceiver();
    const file = directory.file("mediamtx.yml");
    const hooks = (types: string): string =>
      `hooks:\n  webhooks:\n    - {event_types: ${types}, url: "${receiver.url}"}\npaths:\n  all_others:\n`;
    await Bun.write(file, "paths:\n  all_others:\n");
    await using server = await Server.start({ flags: [file] });

    await Bun.write(file, hooks("publish_start"));
    const { changes } = await server.line({ msg: "configuration reloaded" });
    expect(changes).toBe(1);
    {
      using _publisher = await OwnPublisher.connect(server.url("live/one"));
      await receiver.delivery("publish_start");
    }

    await Bun.write(file, "rtmpAdress: :1\n");
    server.signal("SIGHUP");
    const { error } = await server.line({ msg: "configuration rejected, the old one stays" });
    expect(error).toBe(`${file}:1: rtmpAdress: unknown key, did you mean rtmpAddress?`);
    {
      using _publisher = await OwnPublisher.connect(server.url("live/two"));
      await server.line({ msg: "publish started" }, { nth: 2 });
    }

    await Bun.write(file, hooks("publish_stop"));
    server.signal("SIGHUP");
    await server.line({ msg: "configuration reloaded" }, { nth: 2 });
    {
      using _publisher = await OwnPublisher.connect(server.url("live/three"));
    }
    await receiver.delivery("publish_stop");
    // The third publish began after the hook for beginnings was gone.
    expect(receiver.events.filter(({ type }) => type === "publish_start").length).toBe(2);
  });
});
