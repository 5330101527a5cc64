import { defineCommand } from "citty";
import { formatHostPort } from "../../base/host-port.ts";
import { systemClock } from "../../base/time.ts";
import { listOption } from "../../config/option.ts";
import { exitCode, isHelp, orQuit, show } from "../exit.ts";
import {
  describeOptions,
  face,
  jsonOption,
  parseEventType,
  readOptions,
  serverOption,
} from "./command-options.ts";
import { followEvents } from "./event-feed.ts";
import { readTold, toldFilter, toldText } from "./told-event.ts";

const ownOptions = {
  server: serverOption,
  type: listOption(face("type", "only events of this type; repeatable"), {
    placeholder: "TYPE",
    parse: parseEventType,
  }),
  stream: listOption(face("stream", "only events of streams that fit, such as live/*; repeatable"), {
    placeholder: "GLOB",
    parse: (text) => text,
  }),
  json: jsonOption,
};

const usage = `rtmp-server hooks tail: follow the events of a running server

Usage: rtmp-server hooks tail [--server HOST:PORT] [--type TYPE] [--stream GLOB]

Prints every event as it happens, whatever the hooks want of them, one line
each; with --json as it is sent to hooks. The server was started with
--metrics-address and has at least one hook. A server that goes away is waited
for. A reader that does not keep up is told how many events it lost.

${describeOptions(ownOptions)}

Ctrl-C ends it. Exit status: 0 then, 1 where no server answers at the start.

Try it
  rtmp-server --metrics-address 127.0.0.1:9998 --hook-stdio-format json
  rtmp-server hooks tail --type publish_start --type publish_stop
`;

const run = async (args: readonly string[]): Promise<void> => {
  const { server, type: types, stream: streams, json } = readOptions(args, ownOptions);
  const isWanted = toldFilter({ types, streams });
  const end = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end.abort());
  // Whoever reads this, such as head, has enough.
  process.stdout.on("error", () => process.exit(exitCode.ok));
  const say = (text: string): void => void process.stderr.write(`rtmp-server: ${text}\n`);
  const address = formatHostPort(server);
  const events = followEvents(server, {
    clock: systemClock,
    signal: end.signal,
    onChange: (state) =>
      say(
        state === "lost" ? `the server at ${address} is gone, waiting for it` : "the server is there again",
      ),
  });
  for await (const line of events) {
    const told = readTold(line);
    if (!told) continue;
    if ("dropped" in told) {
      if (json) show(line);
      else say(`${told.dropped} events were lost here, they came faster than they were read`);
    } else if (isWanted(told)) show(json ? line : toldText(told));
  }
};

/** `hooks tail` */
export const tail = defineCommand({
  meta: { name: "tail", description: "follow the events of a running server" },
  run: ({ rawArgs }) => orQuit(() => (isHelp(rawArgs) ? show(usage) : run(rawArgs))),
});
