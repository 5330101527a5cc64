import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { ConnectionChurn } from "../bench/event-load.ts";
import { TempDirectory } from "./harness/directory.ts";
import { HookReceiver } from "./harness/hook-receiver.ts";
import { Server } from "./harness/server.ts";

const fileFor = (url: string, round: number): string => `hooks:
  default_config:
    concurrency: 20
    delivery: { guarantee_level: at-least-once }
  webhooks:
    - id: all
      event_types: ["*"]
      url: ${url}
      # ${round}
      headers: { X-Round: "${round}" }
`;

const badFiles = [
  "hooks:\n  webhooks:\n    - urll: http://127.0.0.1/\n",
  "hooks: [",
  "hooks:\n  default_config: { concurrency: 0 }\n",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what stands in the file
  'hooks:\n  webhooks:\n    - { event_types: ["*"], url: "${NO_SUCH_VARIABLE}" }\n',
];

describe("the file of the hooks", () => {
  test("is read again 100 times under load, half of the times broken, and no event is lost", async () => {
    using directory = new TempDirectory();
    await using receiver = new HookReceiver();
    const file = directory.file("hooks.yaml");
    writeFileSync(file, fileFor(receiver.url, 0));
    await using server = await Server.start({
      flags: [
        "--hook-config",
        file,
        "--hook-data-dir",
        directory.file("data"),
        "--hook-stdio-format",
        "json",
      ],
    });
    using churn = new ConnectionChurn({ port: server.port, eventsPerSecond: 200 });
    for (let round = 1; round <= 100; round++) {
      const isBad = round % 2 === 0;
      writeFileSync(
        file,
        isBad ? (badFiles[(round / 2) % badFiles.length] ?? "") : fileFor(receiver.url, round),
      );
      server.signal("SIGHUP");
      const message = isBad ? "configuration rejected, the old one stays" : "configuration reloaded";
      await server.line({ msg: message }, { nth: Math.ceil(round / 2), withinMs: 10_000 });
    }
    churn[Symbol.dispose]();
    await Bun.sleep(1_500);
    const accepted = receiver.events.filter(({ type }) => type === "connection_accept").length;
    const closed = receiver.events.filter(({ type }) => type === "connection_close").length;
    expect(accepted).toBe(churn.clients);
    expect(closed).toBe(churn.clients);
    const ids = receiver.events.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(receiver.events.filter(({ type }) => type === "config_reloaded").length).toBe(50);
    expect(receiver.events.filter(({ type }) => type === "config_rejected").length).toBe(50);
    const rounds = receiver.deliveries.map(({ headers }) => Number(headers.get("x-round")));
    expect(Math.max(...rounds)).toBe(99);
  }, 120_000);
});
